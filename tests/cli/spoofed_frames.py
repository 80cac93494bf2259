#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sends frames from eth0 of a container, and prints the name of each that arrives at the host's end.

spoofed_frames.py honest|spoofed
    Between eth0 of netns container (198.18.0.2, 2001:db8::2) and veth0 of netns host. `honest` are frames that a
    container sends with its own addresses, or none where the protocol has none; `spoofed` claim to be another's.
"""
import ctypes
import select
import socket
import struct
import sys

CLONE_NEWNET, ETH_P_ALL, SO_RCVBUFFORCE = 0x40000000, 3, 33
OTHER = bytes.fromhex("02000000beef")
ALL = b"\xff" * 6
OWN4, GATEWAY4, NOBODY4 = (socket.inet_aton(a) for a in ("198.18.0.2", "198.18.0.1", "0.0.0.0"))
OWN6, GATEWAY6, NOBODY6, NODES6 = (socket.inet_pton(socket.AF_INET6, a)
                                   for a in ("2001:db8::2", "2001:db8::1", "::", "ff02::1"))
IGMP, UDP, ICMPV6, OPTIONS = 2, 17, 58, 60
MARKER = 7777


def open_in(netns, device):
    with open("/run/netns/" + netns, encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), netns)
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
    packets.bind((device, ETH_P_ALL))
    return packets


def ether(source, payload, kind, tags=b""):
    return ALL + source + tags + struct.pack("!H", kind) + payload


def ipv4(source, protocol, payload, fragment=0):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, fragment, 64, protocol, 0, source,
                       b"\xff" * 4) + payload


def ipv6(source, next_header, payload, destination=NODES6):
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), next_header, 255, source, destination) + payload


def udp(sport, dport):
    return struct.pack("!HHHH", sport, dport, 12, 0) + b"data"


def arp(operation, mac, sender, target):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, operation, mac, sender, ALL, target)


def discovery(kind, target=b"", *options):
    return struct.pack("!BBHI", kind, 0, 0, 0) + target + b"".join(options)


def address_option(kind, mac):
    return bytes((kind, 1)) + mac


def link_local(mac):
    return b"\xfe\x80" + bytes(6) + bytes((mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe)) + mac[3:]


def honest(own):
    local = link_local(own)
    yield "arp-request", ether(own, arp(1, own, OWN4, GATEWAY4), 0x0806)
    yield "arp-reply", ether(own, arp(2, own, OWN4, GATEWAY4), 0x0806)
    yield "arp-probe", ether(own, arp(1, own, NOBODY4, OWN4), 0x0806)
    yield "ipv4", ether(own, ipv4(OWN4, UDP, udp(9, 9)), 0x0800)
    yield "ipv4-vlan", ether(own, ipv4(OWN4, UDP, udp(9, 10)), 0x0800, b"\x81\x00\x00\x00")
    yield "ipv4-later-fragment", ether(own, ipv4(OWN4, UDP, b"12345678", 100), 0x0800)
    yield "dhcp", ether(own, ipv4(NOBODY4, UDP, udp(68, 67)), 0x0800)
    yield "igmp", ether(own, ipv4(NOBODY4, IGMP, b"\x16\0\0\0\xe0\0\0\7"), 0x0800)
    yield "ipv6", ether(own, ipv6(OWN6, UDP, udp(9, 9)), 0x86dd)
    yield "ipv6-link-local", ether(own, ipv6(local, UDP, udp(9, 9)), 0x86dd)
    yield "echo", ether(own, ipv6(OWN6, ICMPV6, discovery(128)), 0x86dd)
    yield "router-solicitation", ether(own, ipv6(local, ICMPV6, discovery(133, b"", address_option(1, own))), 0x86dd)
    yield "router-solicitation-without-address", ether(own, ipv6(NOBODY6, ICMPV6, discovery(133)), 0x86dd)
    yield "solicitation", ether(own, ipv6(OWN6, ICMPV6, discovery(135, GATEWAY6, address_option(1, own))), 0x86dd)
    yield "advertisement", ether(own, ipv6(OWN6, ICMPV6, discovery(136, OWN6, address_option(2, own))), 0x86dd)
    yield "detection", ether(own, ipv6(NOBODY6, ICMPV6, discovery(135, OWN6, b"\x0e\x01nonce.")), 0x86dd)
    yield "detection-link-local", ether(own, ipv6(NOBODY6, ICMPV6, discovery(135, local)), 0x86dd)
    yield "mld", ether(own, ipv6(NOBODY6, 0, b"\x3a\0\5\2\0\0\1\0" + discovery(143)), 0x86dd)


def spoofed(own):
    yield "mac", ether(OTHER, ipv4(OWN4, UDP, udp(9, 9)), 0x0800)
    yield "mac-of-arp", ether(OTHER, arp(1, own, OWN4, GATEWAY4), 0x0806)
    yield "ipv4", ether(own, ipv4(GATEWAY4, UDP, udp(9, 9)), 0x0800)
    yield "ipv4-vlan", ether(own, ipv4(GATEWAY4, UDP, udp(9, 10)), 0x0800, b"\x81\x00\x00\x00")
    yield "ipv4-later-fragment", ether(own, ipv4(GATEWAY4, UDP, b"12345678", 100), 0x0800)
    yield "ipv4-nobody", ether(own, ipv4(NOBODY4, UDP, udp(9, 53)), 0x0800)
    yield "ipv6", ether(own, ipv6(GATEWAY6, UDP, udp(9, 9)), 0x86dd)
    yield "ipv6-nobody", ether(own, ipv6(NOBODY6, UDP, udp(9, 9)), 0x86dd)
    yield "ipv6-link-local", ether(own, ipv6(link_local(OTHER), UDP, udp(9, 9)), 0x86dd)
    yield "arp-gateway", ether(own, arp(2, own, GATEWAY4, OWN4), 0x0806)
    yield "arp-other-mac", ether(own, arp(2, OTHER, OWN4, GATEWAY4), 0x0806)
    yield "arp-probe-of-another", ether(own, arp(1, own, NOBODY4, GATEWAY4), 0x0806)
    yield "arp-short", ether(own, arp(2, own, OWN4, GATEWAY4)[:20], 0x0806)
    yield "arp-of-infiniband", ether(own, b"\0\x20" + arp(2, own, OWN4, GATEWAY4)[2:], 0x0806)
    yield "advertisement-gateway", ether(own, ipv6(OWN6, ICMPV6, discovery(136, GATEWAY6)), 0x86dd)
    yield "advertisement-other-mac", ether(own, ipv6(OWN6, ICMPV6, discovery(136, OWN6, address_option(2, OTHER))), 0x86dd)
    yield "advertisement-second-option", ether(own, ipv6(OWN6, ICMPV6, discovery(
        136, OWN6, address_option(2, own), address_option(2, OTHER))), 0x86dd)
    yield "advertisement-behind-options", ether(own, ipv6(OWN6, OPTIONS, b"\x3a\0\1\4\0\0\0\0" + discovery(136, GATEWAY6)), 0x86dd)
    yield "advertisement-in-pieces", ether(own, ipv6(OWN6, 44, b"\x3a\0\0\1\0\0\0\7" + discovery(136, OWN6)), 0x86dd)
    yield "advertisement-empty-option", ether(own, ipv6(OWN6, ICMPV6, discovery(136, OWN6, bytes(8))), 0x86dd)
    yield "solicitation-other-mac", ether(own, ipv6(OWN6, ICMPV6, discovery(135, GATEWAY6, address_option(1, OTHER))), 0x86dd)
    yield "router-solicitation-other-mac", ether(own, ipv6(OWN6, ICMPV6, discovery(133, b"", address_option(1, OTHER))), 0x86dd)
    yield "detection-of-another", ether(own, ipv6(NOBODY6, ICMPV6, discovery(135, GATEWAY6)), 0x86dd)
    yield "lldp", ether(own, bytes(46), 0x88cc)


def main():
    sender, receiver = open_in("container", "eth0"), open_in("host", "veth0")
    own = sender.getsockname()[4]
    frames = list({"honest": honest, "spoofed": spoofed}[sys.argv[1]](own))
    marker = ether(own, ipv4(OWN4, UDP, udp(MARKER, MARKER)), 0x0800)
    names = {frame: name for name, frame in frames}
    for _, frame in frames:
        sender.send(frame)
    sender.send(marker)
    seen = b""
    while seen != marker:  # frames keep their order
        if not select.select([receiver], [], [], 10)[0]:
            sys.exit("the marker did not arrive")
        seen, address = receiver.recvfrom(65535, socket.MSG_TRUNC)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        # The kernel has taken a VLAN tag out.
        name = names.get(seen) or names.get(seen[:12] + b"\x81\x00\x00\x00" + seen[12:])
        if name:
            print(name)


main()
