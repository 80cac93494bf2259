#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""answers.py NETNS MAC WORDS...: sends a frame for each argument, from eth0 of NETNS to this MAC address, and prints what
comes back for each: the words, and `reset`, `unreachable` or `silence`; `wrong: …` if it is not as it should be.

    tcp udp tcp6 udp6 icmp   to port 81; an echo request
    vlan=ID                  a VLAN tag in the frame, the outermost first; it comes back
    options                  eight bytes of IPv4 options
    partial                  the kernel is to write the checksum (PACKET_VNET_HDR)
    size=N                   bytes of payload
"""
import ctypes
import logging
import socket
import struct
import sys
import time

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP  # noqa: E402
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6  # noqa: E402
from scapy.layers.l2 import Dot1Q, Ether  # noqa: E402
from scapy.packet import Raw  # noqa: E402

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR = 263, 8, 15
NEEDS_CSUM = 1  # VIRTIO_NET_HDR_F_NEEDS_CSUM
TP_STATUS_VLAN_VALID = 1 << 4


def enter(netns):
    with open("/run/netns/" + netns, encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), netns)


def packet_socket():
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.bind(("eth0", ETH_P_ALL))
    return end


def packet(words, number):
    """The IP packet; each has a port of its own. Ends in words, since nothing else knows it."""
    family6, options = words[-1].endswith("6"), "options" in words
    ip = IPv6(src="2001:db8::77", dst="2001:db8::78") if family6 else IP(
        src="198.18.0.77", dst="198.18.0.78", options=[IPOption_NOP()] * 8 if options else [])
    size = next((int(word[5:]) for word in words if word.startswith("size=")), 8)
    return ip / {
        "tcp": lambda: TCP(sport=20000 + number, dport=81, seq=7000, flags="S"),
        "udp": lambda: UDP(sport=20000 + number, dport=81),
        "icmp": lambda: ICMP(id=20000 + number),
    }[words[-1].rstrip("6")]() / Raw(bytes(size))


def frame(words, number, source, destination):
    """With the virtio_net_hdr in front of it. A checksum that the kernel writes is that of the pseudo header now."""
    ether = Ether(src=source, dst=destination)
    for word in words:
        if word.startswith("vlan="):
            ether /= Dot1Q(vlan=int(word[5:]))
    data = bytearray(bytes(ether / packet(words, number)))
    header = bytes(10)
    if "partial" in words:
        built = Ether(bytes(data))
        layer = built[TCP] if TCP in built else built[UDP]
        start = len(data) - len(bytes(layer))
        offset = 16 if TCP in built else 6
        data[start + offset:start + offset + 2] = bytes(2)
        rest = sum(struct.unpack(f"!{(len(data) - start) // 2}H", data[start:]))
        whole = 0xffff - layer.chksum
        pseudo = (whole - rest) % 0xffff
        data[start + offset:start + offset + 2] = struct.pack("!H", pseudo)
        header = struct.pack("=BBHHHH", NEEDS_CSUM, 0, 0, 0, start, offset)
    return header + bytes(data)


def tag_of(ancillary):
    for _, _, data in ancillary:
        status, _, _, _, _, tci, _ = struct.unpack("=IIIHHHH", data[:20])
        if status & TP_STATUS_VLAN_VALID:
            return [tci & 0xfff]
    return []


def tags_in(data):
    found = []
    while data[12:14] == b"\x81\x00":
        found.append(struct.unpack("!H", data[14:16])[0] & 0xfff)
        data = data[:12] + data[16:]
    return found


def checksums_hold(answer):
    """Does scapy give the same bytes, if it makes all lengths and checksums anew?"""
    again = answer.copy()
    for layer in (IP, TCP, ICMP):
        if layer in again:
            del again[layer].chksum
            break
    if TCP in again:
        del again[TCP].chksum
    if ICMP in again and again[ICMP].type == 3:
        del again[ICMP].chksum
    if ICMPv6DestUnreach in again:
        del again[ICMPv6DestUnreach].cksum
    return bytes(again) == bytes(answer)


def describe(data, sent):
    """What a frame is as an answer to this one; None: nothing."""
    answer = Ether(data)
    question = Ether(sent)
    if answer.dst != question.src or answer.src != question.dst:
        return None
    ip = answer[IP] if IP in answer else answer[IPv6] if IPv6 in answer else None
    asked = question[IP] if IP in question else question[IPv6]
    if ip is None or (ip.src, ip.dst) != (asked.dst, asked.src):
        return None
    if not checksums_hold(ip):
        return f"wrong: a checksum of {ip!r}"
    if TCP in ip and TCP in asked and ip[TCP].dport == asked[TCP].sport:
        right = "R" in ip[TCP].flags and ip[TCP].ack == 7000 + len(asked[TCP].payload) + 1
        return "reset" if right else f"wrong: {ip!r}"
    quote = bytes(ip.payload)[8:]
    if (ip[1].type, ip[1].code) not in ((3, 3), (1, 4)) or quote[:20] != bytes(asked)[:20]:
        return f"wrong: {ip!r}"
    return "unreachable" if len(quote) == min(len(bytes(asked)), 128) else f"wrong: quotes {len(quote)} bytes"


def ask(end, words, number, mac):
    source = ":".join(f"{byte:02x}" for byte in end.getsockname()[4])
    data = frame(words.split(), number, source, mac)
    try:
        end.send(data)
    except OSError:
        pass  # a packet that tc drops
    end_time = time.monotonic() + 0.3
    while (left := end_time - time.monotonic()) > 0:
        end.settimeout(left)
        try:
            received, ancillary, _, address = end.recvmsg(4096, 256)
        except TimeoutError:
            break
        if address[2] == socket.PACKET_OUTGOING:
            continue
        tags = tag_of(ancillary)
        received = received[10:]
        for tag in tags:
            received = received[:12] + struct.pack("!HH", 0x8100, tag) + received[12:]
        found = describe(received, data[10:])
        if found is None:
            continue
        if tags_in(received) != tags_in(data[10:]):
            return f"wrong: in VLAN {tags_in(received)}"
        return found
    return "silence"


def main():
    netns, mac, *questions = sys.argv[1:]
    enter(netns)
    end = packet_socket()
    for number, words in enumerate(questions):
        print(f"{words}: {ask(end, words, number, mac)}")


main()
