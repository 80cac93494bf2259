#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which frames arrive, from eth0 of one network namespace to eth0 of another.

arrivals.py SENDER RECEIVER WORDS...
    Sends a frame for each argument, `vlan=10 tcp=80` for example, and prints the arguments whose frames arrived, one a
    line. Behind them goes an ARP reply, which the policy in between must pass: when it has arrived, so have the others.

    place=N              the kernel is to write a checksum there (PACKET_VNET_HDR), in bytes from the start of the frame
    vlan=ID or TPID:ID   a VLAN tag in the frame, the outermost first; priority is vlan=0
    ethertype=0xNNNN     a frame of this ethertype, or of this length (802.3)
    arp tcp=PORT udp=PORT tcp6=PORT   a TCP packet is an RST, which nobody answers
    fragment=ID later=ID the first and the second piece of a UDP datagram to port 80
"""
import ctypes
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CSUM = 1  # VIRTIO_NET_HDR_F_NEEDS_CSUM
MARK = b"policyctl-arrivals"


def enter(netns):
    with open("/run/netns/" + netns, encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), netns)


def packet_socket(netns):
    enter(netns)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    sock.bind(("eth0", ETH_P_ALL))
    sock.settimeout(5)
    return sock


def total(data):
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return 0xffff - s


def ipv4(protocol, payload, ident=0, fragment=0):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, fragment, 64, protocol, 0,
                         bytes([198, 18, 9, 2]), bytes([198, 18, 9, 3]))
    return header[:10] + struct.pack("!H", total(header)) + header[12:] + payload


def ipv6(next_header, payload):
    address = bytes.fromhex("20010db8000900000000000000000000")
    return struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64) + address[:15] + b"\2" + address[:15] + b"\3" + payload


def udp(port, mark):
    return struct.pack("!HHHH", 4444, port, 8 + len(mark), 0) + mark


def tcp(port, mark):
    return struct.pack("!HHIIBBHHH", 4444, port, 1, 0, 5 << 4, 4, 0, 0, 0) + mark


def body(word, mark):
    """The ethertype of a word, and what stands behind it."""
    name, _, value = word.partition("=")
    number = int(value, 0) if value else 0
    return {
        "ethertype": lambda: (number, mark),
        "arp": lambda: (0x0806, struct.pack("!HHBBH", 1, 0x800, 6, 4, 2) + bytes(20) + mark),
        "tcp": lambda: (0x0800, ipv4(6, tcp(number, mark))),
        "udp": lambda: (0x0800, ipv4(17, udp(number, mark))),
        "tcp6": lambda: (0x86dd, ipv6(6, tcp(number, mark))),
        "fragment": lambda: (0x0800, ipv4(17, udp(80, mark), number, 0x2000)),
        "later": lambda: (0x0800, ipv4(17, mark, number, 2)),
    }[name]()


def frame(words, mark, source, destination):
    """With the virtio_net_hdr in front of it."""
    *tags, last = words.split()
    header = bytes(10)
    data = destination + source
    if tags and tags[0].startswith("place="):
        header = struct.pack("=BBHHHH", NEEDS_CSUM, 0, 0, 0, int(tags.pop(0)[6:]), 0)
    for tag in tags:
        tpid, _, vlan = tag.removeprefix("vlan=").rpartition(":")
        data += struct.pack("!HH", int(tpid or "0x8100", 0), int(vlan))
    ethertype, rest = body(last, mark)
    return header + (data + struct.pack("!H", ethertype) + rest).ljust(60, b"\0")


def main():
    sender, receiver, *all_words = sys.argv[1:]
    out, into = packet_socket(sender), packet_socket(receiver)
    out.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    source, destination = out.getsockname()[4], into.getsockname()[4]
    marks = {f"<{i}>": words for i, words in enumerate([*all_words, "arp"])}
    for mark, words in marks.items():
        # 32 bytes: the offset of a later fragment counts 8 bytes, and checksums are made of pairs.
        out.send(frame(words, (MARK + mark.encode()).ljust(32, b"\0"), source, destination))
    arrived = set()
    last = list(marks)[-1]
    while last not in arrived:
        data = into.recv(4096)
        at = data.find(MARK)
        if at >= 0:
            arrived.add(data[at + len(MARK):data.index(b">", at) + 1].decode())
    for mark, words in marks.items():
        if mark in arrived and mark != last:
            print(words)


main()
