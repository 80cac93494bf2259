"""frames.py send NETNS DEVICE KIND...: sends one frame of each kind and prints it in hexadecimal.
frames.py read FILE: the packets of a capture file, one line in hexadecimal each.

KIND is PROTOCOL/PORT[+SIZE], tcp or udp, with SIZE bytes of payload, or one of the names below. Whatever the way,
a frame goes from 198.18.0.8 to 198.18.0.9, to MAC addresses that nobody has.
frames.py stream NETNS ADDRESS PORT SIZE PIECE: one UDP send of SIZE bytes in pieces of PIECE, which the kernel
hands on as one GSO packet.
"""
import ctypes
import errno
import logging
import socket
import sys

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, GRE, Dot1Q, Ether
from scapy.packet import Raw
from scapy.utils import RawPcapReader

logging.getLogger("scapy").setLevel(logging.ERROR)  # it wants a newline in each comment of a pcapng
ETHER = Ether(src="02:00:00:00:00:08", dst="02:00:00:00:00:09")
IPV4 = IP(src="198.18.0.8", dst="198.18.0.9")
SOL_UDP, UDP_SEGMENT = 17, 103

NAMED = {
    "short": lambda: ETHER / IP(src="198.18.0.8", dst="198.18.0.9", proto=6) / Raw(b"\x01\x02"),
    "vlan": lambda: ETHER / Dot1Q(vlan=7) / IPV4 / TCP(dport=25),
    "ipv6": lambda: ETHER / IPv6(src="2001:db8::8", dst="2001:db8::9") / TCP(dport=25) / Raw(b"six"),
    "echo": lambda: ETHER / IPV4 / ICMP() / Raw(b"echo"),
    "gre": lambda: ETHER / IPV4 / GRE() / IPV4 / ICMP(),
    "arp": lambda: Ether(src="02:00:00:00:00:08", dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="198.18.0.8", pdst="198.18.0.9"),
    "alien": lambda: Ether(src="02:00:00:00:00:08", dst="02:00:00:00:00:09", type=0x88b5) / Raw(b"no protocol of ours"),
}


def frame(kind):
    if kind in NAMED:
        return bytes(NAMED[kind]())
    kind, _, size = kind.partition("+")
    protocol, _, port = kind.partition("/")
    layer = TCP(dport=int(port), flags="S") if protocol == "tcp" else UDP(dport=int(port))
    return bytes(ETHER / IPV4 / layer / Raw(bytes(n % 251 for n in range(int(size or 0)))))


def enter(netns):
    with open(f"/run/netns/{netns}", encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), netns)


def send(netns, device, *kinds):
    enter(netns)
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    end.bind((device, 0))
    for kind in kinds:
        data = frame(kind)
        try:
            end.send(data)
        except OSError as error:
            if error.errno != errno.ENOBUFS:  # what tc says of a packet that it dropped
                raise
        print(data.hex())


def read(file):
    for data, _ in RawPcapReader(file):
        print(data.hex())


def stream(netns, address, port, size, piece):
    enter(netns)
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.setsockopt(SOL_UDP, UDP_SEGMENT, int(piece))
    try:
        end.sendto(bytes(n % 251 for n in range(int(size))), (address, int(port)))
    except OSError as error:
        if error.errno != errno.ENOBUFS:
            raise


{"send": send, "read": read, "stream": stream}[sys.argv[1]](*sys.argv[2:])
