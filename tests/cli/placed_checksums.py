#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Frames whose checksum the sender leaves to the kernel: with PACKET_VNET_HDR it chooses where the kernel writes it.

placed_checksums.py forged SENDER MAC RECEIVER NUMBER FROM-NUMBER SIZE
    From eth0 of netns SENDER (198.18.FROM-NUMBER.2, 2001:db8:FROM-NUMBER::2) to MAC, for netns RECEIVER (NUMBER). Frames
    that become UDP to port 8080 or a TCP SYN for it once the kernel has written the two bytes, which are solved for.
    Prints for each its name and whether it arrived; for the SYN, whether it was answered. SIZE: bytes of payload of
    the IPv4 datagram.
placed_checksums.py honest SENDER MAC NUMBER FROM-NUMBER
    Sends one of each kind of frame whose checksum is in its place, and prints their number.
"""
import ctypes
import os
import select
import socket
import struct
import subprocess
import sys

SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CSUM = 1  # VIRTIO_NET_HDR_F_NEEDS_CSUM
CLONE_NEWNET = 0x40000000
PORT = 8080
WAIT = 0.15 * int(os.environ.get("SLOW", 2))  # s; as in tests/lib/wait.sh
IPIP, TCP, UDP, IPV6, GRE, ICMPV6, OPTIONS, SCTP, UDPLITE = 4, 6, 17, 41, 47, 58, 60, 132, 136
ETHER4, ETHER6 = b"\x08\x00", b"\x86\xdd"


def enter(netns):
    with open("/run/netns/" + netns, encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), netns)


def total(data):
    """The one's complement sum of which checksums are made."""
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return s


def ipv4(protocol, source, destination, payload):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0, source, destination)
    return header[:10] + struct.pack("!H", 0xffff - total(header)) + header[12:] + payload


def ipv6(next_header, source, destination, payload):
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), next_header, 64, source, destination) + payload


def checksum(source, destination, protocol, payload):
    pseudo = source + destination + struct.pack("!II", len(payload), protocol)
    return struct.pack("!H", (0xffff - total(pseudo + payload)) or 0xffff)


def udp(port, data, check=b"\0\0"):
    return struct.pack("!HHH", 4444, port, 8 + len(data)) + check + data


def tcp(port, check=b"\0\0"):
    return struct.pack("!HHIIBBH", 4444, port, 1, 0, 5 << 4, 2, 65535) + check + b"\0\0"


class Frame:
    """A frame, and where its checksum is to be written."""

    def __init__(self, name, data, start, offset):
        self.name, self.data, self.start, self.offset = name, data, start, offset

    def solved(self, wanted, spare):
        """With the two bytes at `spare` such that `wanted` is what the kernel writes."""
        data = bytearray(self.data)
        data[spare:spare + 2] = b"\0\0"
        data[spare:spare + 2] = struct.pack("!H", (0xffff - wanted - total(bytes(data[self.start:]))) % 0xffff)
        assert 0xffff - total(bytes(data[self.start:])) == wanted
        return Frame(self.name, bytes(data), self.start, self.offset)

    def send(self, wire):
        wire.send(struct.pack("=BBHHHH", NEEDS_CSUM, 0, 0, 0, self.start, self.offset) + self.data)


def forged(ether, addresses4, addresses6, size):
    # UDP without a checksum to port 80, until the kernel writes at the port, byte 36.
    datagram = udp(80, bytes(size))
    yield Frame("udp4", ether + ETHER4 + ipv4(UDP, *addresses4, datagram), 30, 6).solved(PORT, 44)
    # UDP-Lite behind destination options, until the kernel writes at their next header, byte 54. The option is one for
    # experiments (RFC 4727), which receivers skip.
    options = bytes((UDPLITE, 0, 0x1e, 4, 0, 0, 0, 0))
    for name, protocol, build in (("lite-udp", UDP, lambda c: udp(PORT, b"x" * 6, c)), ("lite-syn", TCP, lambda c: tcp(PORT, c))):
        payload = build(checksum(*addresses6, protocol, build(b"\0\0")))
        frame = Frame(name, ether + ETHER6 + ipv6(OPTIONS, *addresses6, options + payload), 30, 24)
        yield frame.solved(protocol << 8, 58)


def honest(ether, addresses4, addresses6):
    a4, a6 = addresses4, addresses6
    options = bytes((UDP, 0, 1, 4, 0, 0, 0, 0))
    fragment = struct.pack("!BBHI", UDP, 0, 0, 7)
    inner = ipv4(TCP, *a4, tcp(80))
    vxlan = bytes(8) + ether + ETHER4 + inner
    yield Frame("udp4", ether + ETHER4 + ipv4(UDP, *a4, udp(9, b"x")), 34, 6)
    yield Frame("tcp4", ether + ETHER4 + ipv4(TCP, *a4, tcp(9)), 34, 16)
    yield Frame("sctp4", ether + ETHER4 + ipv4(SCTP, *a4, bytes(16)), 34, 8)
    yield Frame("udp6", ether + ETHER6 + ipv6(UDP, *a6, udp(9, b"x")), 54, 6)
    yield Frame("tcp6", ether + ETHER6 + ipv6(TCP, *a6, tcp(9)), 54, 16)
    yield Frame("udplite6", ether + ETHER6 + ipv6(UDPLITE, *a6, udp(9, b"x")), 54, 6)
    yield Frame("icmpv6", ether + ETHER6 + ipv6(ICMPV6, *a6, struct.pack("!BBHHH", 128, 0, 0, 1, 1)), 54, 2)
    yield Frame("options", ether + ETHER6 + ipv6(OPTIONS, *a6, options + udp(9, b"x")), 62, 6)
    yield Frame("atomic fragment", ether + ETHER6 + ipv6(44, *a6, fragment + udp(9, b"x")), 62, 6)
    yield Frame("vlan", ether + b"\x81\x00\x00\x07" + ETHER4 + ipv4(UDP, *a4, udp(9, b"x")), 38, 6)
    yield Frame("vxlan", ether + ETHER4 + ipv4(UDP, *a4, udp(4789, vxlan)), 34 + 8 + 8 + 14 + 20, 16)
    yield Frame("ipip", ether + ETHER4 + ipv4(IPIP, *a4, inner), 34 + 20, 16)
    yield Frame("gre", ether + ETHER4 + ipv4(GRE, *a4, b"\0\0\x08\0" + inner), 34 + 4 + 20, 16)
    yield Frame("ipv4 in ipv6", ether + ETHER6 + ipv6(IPIP, *a6, inner), 54 + 20, 16)
    yield Frame("ipv6 in ipv4", ether + ETHER4 + ipv4(IPV6, *a4, ipv6(UDP, *a6, udp(9, b"x"))), 34 + 40, 6)


def addresses(number, from_number):
    return ([socket.inet_aton(f"198.18.{n}.2") for n in (from_number, number)],
            [socket.inet_pton(socket.AF_INET6, f"2001:db8:{n}::2") for n in (from_number, number)])


def open_wire(sender, mac):
    enter(sender)
    own = subprocess.check_output(["ip", "-br", "link", "show", "dev", "eth0"], text=True).split()[2]
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind(("eth0", 0))
    wire.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    return wire, bytes.fromhex((mac + own).replace(":", ""))


class Receiver:
    """Counts what comes to the port, and the answers of its TCP server."""

    def __init__(self, netns):
        enter(netns)
        self.sockets = [socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET6)]
        self.sockets[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for one in self.sockets:
            one.bind(("", PORT))
        self.server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        self.server.bind(("", PORT))
        self.server.listen()
        self.seen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.seen.bind(("eth0", 3))

    def arrived(self):
        """Whether something did, which is waited for. Nothing is there to wait for where nothing shall arrive."""
        while select.select(self.sockets + [self.seen], [], [], WAIT)[0]:
            if select.select(self.sockets, [], [], 0)[0]:
                for one in select.select(self.sockets, [], [], 0)[0]:
                    one.recv(2000)
                return True
            frame, where = self.seen.recvfrom(2000)
            if (where[2] == socket.PACKET_OUTGOING and frame[12:14] == ETHER6 and frame[20] == TCP and
                    frame[54:56] == struct.pack("!H", PORT) and frame[67] == 0x12):  # SYN and ACK
                return True
        return False


def main(what, sender, mac, *rest):
    if what == "honest":
        wire, ether = open_wire(sender, mac)
        frames = list(honest(ether, *addresses(*map(int, rest))))
        for frame in frames:
            frame.send(wire)
        print(len(frames))
        return
    receiver = Receiver(rest[0])
    wire, ether = open_wire(sender, mac)
    for frame in forged(ether, *addresses(int(rest[1]), int(rest[2])), int(rest[3])):
        frame.send(wire)
        print(frame.name, "yes" if receiver.arrived() else "no")


main(*sys.argv[1:])
