#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sends packets that belong to no connection, by a packet socket:

stray_frames.py IFACE SOURCE-MAC DESTINATION-MAC SOURCE4 DESTINATION4 SOURCE6 DESTINATION6

A SYN, an ACK, an RST, a UDP datagram and an ICMP error, of IPv4 and of IPv6, to ports that no rule of the test names.
"""
import errno
import ipaddress
import socket
import struct
import sys

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58


def tcp(flags):
    return struct.pack("!HHIIBBHHH", 41000, 42000, 1000, 2000, 0x50, flags, 1024, 0, 0)


def ip4(protocol, source, destination, payload):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0, source, destination)
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xffff) + (total >> 16)
    return header[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + header[12:] + payload


def ip6(protocol, source, destination, payload):
    return struct.pack("!IHBB16s16s", 0x60000000, len(payload), protocol, 64, source, destination) + payload


def packets(ip, icmp, unreachable, source, destination):
    for flags in 0x02, 0x10, 0x04:
        yield ip(TCP, source, destination, tcp(flags))
    yield ip(UDP, source, destination, struct.pack("!HHHH", 41000, 42000, 8, 0))
    quoted = ip(TCP, destination, source, tcp(0x10))
    yield ip(icmp, source, destination, struct.pack("!BBHI", unreachable[0], unreachable[1], 0, 0) + quoted)


def main():
    iface, *macs = sys.argv[1:4]
    source4, destination4, source6, destination6 = (ipaddress.ip_address(a).packed for a in sys.argv[4:8])
    to = b"".join(bytes.fromhex(mac.replace(":", "")) for mac in reversed(macs))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((iface, 0))
        frames = [b"\x08\x00" + p for p in packets(ip4, ICMP, (3, 3), source4, destination4)]
        frames += [b"\x86\xdd" + p for p in packets(ip6, ICMPV6, (1, 4), source6, destination6)]
        for frame in frames:
            try:
                out.send(to + frame)
            except OSError as error:
                if error.errno != errno.ENOBUFS:  # dropped on its way out
                    raise


main()
