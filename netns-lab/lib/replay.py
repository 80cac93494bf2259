"""replay.py make FILE MAC ADDRESS ADDRESS6: a capture of 100 packets to a container.
replay.py play FILE NETNS DEVICE: sends its packets on the device.

MAC and the addresses are the container's. `make` prints how many of each kind there are, one "COUNT KIND" a line.
tcpreplay would not do: it takes the ENOBUFS by which tc says that it dropped a packet for a full queue, and tries for
seconds to send it again.
"""
import ctypes
import errno
import itertools
import random
import socket
import sys

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Ether
from scapy.packet import Raw
from scapy.utils import RawPcapReader, wrpcap

MAC, SOURCE, SOURCE6 = "02:00:00:00:00:09", "198.18.1.9", "2001:db8:1::9"


def make(file, mac, address, address6):
    ether = Ether(src=MAC, dst=mac)
    ipv4, ipv6 = IP(src=SOURCE, dst=address), IPv6(src=SOURCE6, dst=address6)
    kinds = {  # RST gets no answer
        "tcp/23": (20, ipv4 / TCP(sport=40000, dport=23, flags="R")),
        "tcp/80": (20, ipv4 / TCP(sport=40000, dport=80, flags="R")),
        "udp/53": (15, ipv4 / UDP(sport=40000, dport=53) / Raw(b"query")),
        "udp/5000": (15, ipv4 / UDP(sport=40000, dport=5000) / Raw(b"media" * 200)),
        "icmp/8": (10, ipv4 / ICMP() / Raw(b"ping")),
        "gre": (10, ipv4 / GRE() / IP(src=SOURCE, dst=address) / ICMP()),
        "tcp6/23": (5, ipv6 / TCP(sport=40000, dport=23, flags="R")),
        "udp6/5000": (5, ipv6 / UDP(sport=40000, dport=5000) / Raw(b"media")),
    }
    packets = list(itertools.chain.from_iterable([ether / packet] * count for count, packet in kinds.values()))
    random.Random(1).shuffle(packets)
    wrpcap(file, packets)
    for kind, (count, _) in kinds.items():
        print(count, kind)


def play(file, netns, device):
    with open(f"/run/netns/{netns}", encoding="ascii") as room:
        if ctypes.CDLL(None, use_errno=True).setns(room.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), netns)
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    end.bind((device, 0))
    count = 0
    for data, _ in RawPcapReader(file):
        count += 1
        try:
            end.send(data)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
    print(count, "packets sent")


{"make": make, "play": play}[sys.argv[1]](*sys.argv[2:])
