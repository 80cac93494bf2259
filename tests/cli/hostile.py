#!/usr/bin/python3
"""Frames that have walked past packet filters, sent raw from one end of a veth to real sockets at the other.

Usage: hostile.py SENDER-NETNS DEVICE RECEIVER-NETNS DEVICE

Each frame (or sequence of frames) is one way to get a UDP or UDP-Lite datagram to port 7000 or a TCP SYN to port
7001. Prints JSON: {"NAME": {"accepted": BOOL or null, "arrived": BOOL}}: whether Linux accepts it when nothing is in
between (null: that depends on the kernel), and whether the socket got the datagram or answered the SYN. A datagram to port 7009, which no policy of the
tests denies, follows at the end: what did not arrive before it never will.
"""
import ctypes
import fcntl
import json
import os
import select
import socket
import struct
import sys

from scapy.layers.inet import IP, TCP, UDP, IPOption
from scapy.layers.inet6 import (HBHOptUnknown, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, PadN)
from scapy.layers.l2 import LLC, SNAP, Dot1AD, Dot1Q, Dot3, Ether
from scapy.packet import Raw

UDP_PORT, TCP_PORT, MARKER_PORT = 7000, 7001, 7009
UDPLITE = 136
SOL_PACKET, PACKET_VNET_HDR, PACKET_QDISC_BYPASS, PACKET_IGNORE_OUTGOING = 263, 15, 20, 23
ETH_P_ALL = 3


def enter(netns):
    with open(f"/run/netns/{netns}", encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), netns)


class End:
    """A device and its addresses, seen from inside its namespace."""

    def __init__(self, netns, device):
        enter(netns)
        self.netns, self.device = netns, device
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            lines = [line.split() for line in file]
        text = next(line[0] for line in lines if line[5] == device and line[3] == "00")
        self.ip6 = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(text))
        self.packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.packets.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.packets.bind((device, ETH_P_ALL))
        self.packets.setblocking(False)
        self.mac = ":".join(f"{byte:02x}" for byte in self.packets.getsockname()[4])
        request = struct.pack("256s", device.encode())
        with socket.socket() as control:
            self.ip4 = socket.inet_ntoa(fcntl.ioctl(control, 0x8915, request)[20:24])

    def packet_socket(self, option):
        enter(self.netns)
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        made.setsockopt(SOL_PACKET, option, 1)
        made.bind((self.device, ETH_P_ALL))
        return made


class Corpus:
    """All the ways, each a name, frames in the order in which they are sent, and how they are sent."""

    def __init__(self, sender, receiver):
        self.sender, self.receiver = sender, receiver
        self.ways = []  # (name, accepted, frames, how)
        self.number = 0
        self.base = int.from_bytes(os.urandom(2), "big")

    # --- parts ---

    def ether(self):
        return Ether(src=self.sender.mac, dst=self.receiver.mac)

    def ip4(self, **fields):
        return IP(src=self.sender.ip4, dst=self.receiver.ip4, id=(self.base + self.number) & 0xffff, **fields)

    def ip6(self, **fields):
        return IPv6(src=self.sender.ip6, dst=self.receiver.ip6, **fields)

    def datagram(self, size=0):
        return UDP(sport=6000, dport=UDP_PORT) / Raw(self.payload(size))

    def syn(self):
        return TCP(sport=10000 + self.number, dport=TCP_PORT, flags="S", seq=1000 + self.number)

    def payload(self, size=0):
        return (b"way %d " % self.number).ljust(size, b".")

    # --- adding one ---

    def add(self, name, accepted, make, how="plain"):
        """make() is called with self.number set; returns a frame or a list of frames."""
        self.number += 1
        frames = make()
        frames = frames if isinstance(frames, list) else [frames]
        self.ways.append((name, accepted, [bytes(frame) for frame in frames], how))

    def add_all(self, name, accepted, wrap, how="plain"):
        """wrap(ip packet) -> frame, for datagram and SYN, IPv4 and IPv6."""
        self.add(f"udp4 {name}", accepted, lambda: wrap(self.ip4() / self.datagram()), how)
        self.add(f"tcp4 {name}", accepted, lambda: wrap(self.ip4() / self.syn()), how)
        self.add(f"udp6 {name}", accepted, lambda: wrap(self.ip6() / self.datagram()), how)
        self.add(f"tcp6 {name}", accepted, lambda: wrap(self.ip6() / self.syn()), how)

    # --- what there is ---

    def links(self):
        self.add_all("plain", True, lambda ip: self.ether() / ip)
        for tag, name in ((Dot1Q, "802.1Q"), (Dot1AD, "802.1ad")):
            for depth in (1, 2, 3, 4, 10):
                # Linux 6.18.44 does not take ten, earlier versions did.
                self.add_all(f"{depth} priority tags {name}", True if depth < 8 else None,
                             lambda ip, d=depth, t=tag: self.tagged(ip, [t(vlan=0, prio=d % 8)] * d))
        self.add_all("802.1ad and 802.1Q priority tags", True,
                     lambda ip: self.tagged(ip, [Dot1AD(vlan=0), Dot1Q(vlan=0)]))
        self.add_all("tag of VLAN 5", False, lambda ip: self.tagged(ip, [Dot1Q(vlan=5)]))
        self.add_all("LLC/SNAP", False,
                     lambda ip: Dot3(src=self.sender.mac, dst=self.receiver.mac) / LLC(dsap=0xaa, ssap=0xaa, ctrl=3) /
                     SNAP(OUI=0, code=0x800 if ip.version == 4 else 0x86dd) / ip)
        self.add_all("to the broadcast address of Ethernet", None,
                     lambda ip: Ether(src=self.sender.mac, dst="ff:ff:ff:ff:ff:ff") / ip)
        self.add_all("with bytes behind the IP packet", True, lambda ip: self.ether() / ip / Raw(b"x" * 50))

    def tagged(self, ip, tags):
        frame = self.ether()
        for tag in tags:
            frame = frame / tag.copy()
        return frame / ip

    def ip4_headers(self):
        options = {"NOPs": b"\1" * 4, "record route": b"\7\x27\4" + b"\0" * 36 + b"\0",
                   "timestamp": b"\x44\x24\5\0" + b"\0" * 32, "40 bytes": b"\1" * 40, "router alert": b"\x94\4\0\0"}
        for name, text in options.items():
            wrap = lambda payload, t=text: self.ether() / self.ip4(options=[IPOption(t)]) / payload
            self.add(f"udp4 IP options: {name}", True, lambda w=wrap: w(self.datagram()))
            self.add(f"tcp4 IP options: {name}", name != "router alert" or None, lambda w=wrap: w(self.syn()))
        self.add("udp4 TTL 1", True, lambda: self.ether() / self.ip4(ttl=1) / self.datagram())
        self.add("udp4 from a foreign address", None,
                 lambda: self.ether() / IP(src="198.18.77.77", dst=self.receiver.ip4) / self.datagram())
        self.add("udp4 broadcast", None,
                 lambda: self.ether() / IP(src=self.sender.ip4, dst="255.255.255.255") / self.datagram())
        self.add("udp4 reserved flag", None, lambda: self.ether() / self.ip4(flags=4) / self.datagram())
        self.add("udp4 no checksum", True,
                 lambda: self.ether() / self.ip4() / UDP(sport=6000, dport=UDP_PORT, chksum=0) / Raw(self.payload()))
        self.add("udp4 cut in its IP header", False, lambda: bytes(self.ether() / self.ip4() / self.datagram())[:30])
        self.add("udp4 cut in its UDP header", False, lambda: bytes(self.ether() / self.ip4() / self.datagram())[:37])
        self.add("udp4 total length too long", False,
                 lambda: self.ether() / self.ip4(len=500) / self.datagram())
        self.add("udp4 IP version 5", False, lambda: self.ether() / self.ip4(version=5) / self.datagram())
        self.add("udplite4", True, lambda: self.ether() / self.ip4(proto=UDPLITE) / self.udplite(4))
        self.add("udplite6", True, lambda: self.ether() / self.ip6(nh=UDPLITE) / self.udplite(6))

    def udplite(self, family):
        """With a checksum that covers its header only; Scapy's UDP has no such thing."""
        payload = self.payload()
        header = struct.pack("!HHHH", 6000, UDP_PORT, 8, 0)
        kind = socket.AF_INET if family == 4 else socket.AF_INET6
        ends = (self.sender.ip4, self.receiver.ip4) if family == 4 else (self.sender.ip6, self.receiver.ip6)
        pseudo = b"".join(socket.inet_pton(kind, end) for end in ends)
        pseudo += struct.pack("!II", UDPLITE, 8 + len(payload))
        total = sum(struct.unpack(f"!{(len(pseudo) + 8) // 2}H", pseudo + header))
        while total >> 16:
            total = (total & 0xffff) + (total >> 16)
        return Raw(header[:6] + struct.pack("!H", ~total & 0xffff) + payload)

    # --- fragments ---

    def cut4(self, payload, proto, sizes, **fields):
        """IPv4 fragments of these sizes (multiples of 8 but for the last, which takes the rest)."""
        data = bytes(self.ip4(proto=proto) / payload)[20:]
        frames, at = [], 0
        for size in sizes + [len(data)]:
            part = data[at:at + size]
            more = "MF" if at + len(part) < len(data) else 0
            header = self.ip4(proto=proto, flags=more, frag=at // 8, **fields)
            if fields.get("flags"):
                header.flags = fields["flags"] if not more else "MF+DF"
            frames.append(self.ether() / header / Raw(part))
            at += len(part)
            if not more:
                break
        return frames

    def fragments4(self):
        self.add("udp4 first fragment of 8 bytes", True, lambda: self.cut4(self.datagram(64), 17, [8]))
        self.add("tcp4 first fragment of 8 bytes", True, lambda: self.cut4(self.syn(), 6, [8]))
        self.add("tcp4 fragments of 8 bytes", True, lambda: self.cut4(self.syn(), 6, [8, 8]))
        self.add("udp4 fragments of 24 bytes", True, lambda: self.cut4(self.datagram(64), 17, [24, 24]))
        self.add("udp4 reversed fragments", True, lambda: self.cut4(self.datagram(64), 17, [24, 24])[::-1])
        self.add("tcp4 reversed fragments", True, lambda: self.cut4(self.syn(), 6, [8])[::-1])
        self.add("udp4 middle fragment first", True, lambda: self.rotated(self.cut4(self.datagram(64), 17, [24, 24])))
        self.add("udp4 fragments with options", True,
                 lambda: self.cut4(self.datagram(64), 17, [24], options=[IPOption(b"\1" * 4)]))
        self.add("udp4 fragments behind a priority tag", True,
                 lambda: [self.ether() / Dot1Q(vlan=0) / f[IP] for f in self.cut4(self.datagram(64), 17, [8])])
        self.add("udp4 first fragment twice", None,
                 lambda: (lambda f: [f[0], f[0], f[1]])(self.cut4(self.datagram(64), 17, [8])))
        self.add("udp4 MF with DF", None,
                 lambda: self.with_flags(self.cut4(self.datagram(64), 17, [8])))
        self.add("tcp4 overlapping fragments", False, self.overlapping4)

    @staticmethod
    def rotated(frames):
        return frames[1:] + frames[:1]

    def with_flags(self, frames):
        for frame in frames:
            frame[IP].flags = int(frame[IP].flags) | 2
        return frames

    def overlapping4(self):
        """The first says port 9, a later one puts the denied port over it."""
        data = bytes(self.ip4(proto=6) / self.syn())[20:]
        head = lambda flags, frag: self.ether() / self.ip4(proto=6, flags=flags, frag=frag)
        innocent = data[:2] + struct.pack("!H", 9) + data[4:8]
        return [head("MF", 0) / Raw(innocent), head("MF", 0) / Raw(data[:8]), head(0, 1) / Raw(data[8:])]

    # --- IPv6 ---

    def chains(self):
        pad = lambda: [PadN(optdata=b"\0" * 4)]
        kinds = {
            "hop-by-hop": lambda n: [IPv6ExtHdrHopByHop(options=pad())] * n,
            "destination options": lambda n: [IPv6ExtHdrDestOpt(options=pad())] * n,
            "routing, segments left 0": lambda n: [IPv6ExtHdrRouting(type=0, segleft=0, addresses=[])] * n,
        }
        for name, make in kinds.items():
            for count in (1,) if name == "hop-by-hop" else (1, 2, 4, 7, 8, 9, 20):
                # segments left 0 of a type 0 routing header is looked through (RFC 5095 says so)
                chain = lambda c=count, m=make: m(c)
                self.add(f"udp6 {count} {name}", True, lambda c=chain: self.chained(c(), self.datagram(), 17))
                self.add(f"tcp6 {count} {name}", True, lambda c=chain: self.chained(c(), self.syn(), 6))
        self.add("udp6 mixed chain", True,
                 lambda: self.chained(kinds["hop-by-hop"](1) + kinds["destination options"](1) +
                                      kinds["routing, segments left 0"](1) + kinds["destination options"](1),
                                      self.datagram(), 17))
        self.add("udp6 long destination options", True,
                 lambda: self.chained([IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=0x1e, optdata=b"\0" * 244)])],
                                      self.datagram(), 17))
        self.add("udp6 chain cut short", False,
                 lambda: bytes(self.chained(kinds["destination options"](2), self.datagram(), 17))[:60])
        self.add("udp6 mobility header in the chain", False,
                 lambda: self.ether() / self.ip6(nh=135) / Raw(b"\x11\0\0\0\0\0\0\0") / self.datagram())

    def chained(self, headers, payload, protocol):
        # Built by hand: the checksum is made over the bare packet, and each header names the next.
        transport = bytes(self.ip6() / payload)[40:]
        numbers = [self.number_of(header) for header in headers] + [protocol]
        chain = b""
        for header, following in zip(headers, numbers[1:]):
            text = bytes(header)
            chain += bytes([following]) + text[1:]
        return self.ether() / self.ip6(nh=numbers[0]) / Raw(chain + transport)

    @staticmethod
    def number_of(header):
        return {IPv6ExtHdrHopByHop: 0, IPv6ExtHdrDestOpt: 60, IPv6ExtHdrRouting: 43, IPv6ExtHdrFragment: 44}[type(header)]

    def cut6(self, payload, protocol, sizes, names=None):
        """IPv6 fragments; names: what each fragment header says comes next, if it does not tell the truth."""
        data = bytes(self.ip6() / payload)[40:] if not isinstance(payload, bytes) else payload
        frames, at = [], 0
        for index, size in enumerate(sizes + [len(data)]):
            part = data[at:at + size]
            more = at + len(part) < len(data)
            header = struct.pack("!BBHI", (names or {}).get(index, protocol), 0, at | more,
                                 (self.base << 16) + self.number)
            frames.append(self.ether() / self.ip6(nh=44) / Raw(header + part))
            at += len(part)
            if not more:
                break
        return frames

    def fragments6(self):
        self.add("udp6 atomic fragment", True, lambda: self.cut6(self.datagram(64), 17, []))
        self.add("tcp6 atomic fragment", True, lambda: self.cut6(self.syn(), 6, []))
        self.add("udp6 fragments", True, lambda: self.cut6(self.datagram(64), 17, [8]))
        # Linux wants all headers in the first fragment (RFC 7112).
        self.add("tcp6 fragments", True, lambda: self.cut6(self.syn() / Raw(b"x" * 40), 6, [24, 16]))
        self.add("tcp6 first fragment of 8 bytes", None, lambda: self.cut6(self.syn(), 6, [8]))
        self.add("udp6 reversed fragments", True, lambda: self.cut6(self.datagram(64), 17, [24, 24])[::-1])
        self.add("tcp6 reversed fragments", True, lambda: self.cut6(self.syn() / Raw(b"x" * 40), 6, [24, 16])[::-1])
        self.add("udp6 later fragment lies about what comes next", True,
                 lambda: self.cut6(self.datagram(64), 17, [24], {1: 58}))
        self.add("udp6 reversed, later fragment lies", True,
                 lambda: self.cut6(self.datagram(64), 17, [24], {1: 58})[::-1])
        self.add("tcp6 later fragment lies", True, lambda: self.cut6(self.syn() / Raw(b"x" * 40), 6, [24], {1: 17}))
        self.add("udp6 destination options inside the fragments", True,
                 lambda: self.cut6(bytes([17, 0, 1, 4, 0, 0, 0, 0]) + bytes(self.ip6() / self.datagram(64))[40:], 60, [16]))
        self.add("udp6 first fragment ends before the UDP header", None,
                 lambda: self.cut6(bytes([17, 0, 1, 4, 0, 0, 0, 0]) + bytes(self.ip6() / self.datagram(64))[40:], 60, [8]))
        self.add("udp6 two atomic fragment headers", None,
                 lambda: self.ether() / self.ip6(nh=44) / Raw(struct.pack("!BBHI", 44, 0, 0, 1) +
                                                             struct.pack("!BBHI", 17, 0, 0, 2) +
                                                             bytes(self.ip6() / self.datagram(64))[40:]))

    def sockets(self):
        self.add_all("with PACKET_QDISC_BYPASS", True, lambda ip: self.ether() / ip, "bypass")
        self.add("udp4 non-linear, PACKET_VNET_HDR", True,
                 lambda: self.ether() / self.ip4() / self.datagram(6000), "vnet")
        self.add("udp6 non-linear, PACKET_VNET_HDR", True,
                 lambda: self.ether() / self.ip6() / self.datagram(6000), "vnet")
        self.add("udp4 non-linear, priority tag", True,
                 lambda: self.ether() / Dot1Q(vlan=0) / self.ip4() / self.datagram(6000), "vnet")
        self.add("udp6 non-linear, 4 destination options", True,
                 lambda: self.chained([IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])] * 4,
                                      self.datagram(6000), 17), "vnet")

    def build(self):
        self.links()
        self.ip4_headers()
        self.fragments4()
        self.chains()
        self.fragments6()
        self.sockets()
        return self.ways


class Receiver:
    """Real sockets behind the receiving stack."""

    def __init__(self, end):
        enter(end.netns)
        self.datagrams = [self.bound(socket.IPPROTO_UDP, UDP_PORT), self.bound(UDPLITE, UDP_PORT)]
        self.marker = self.bound(socket.IPPROTO_UDP, MARKER_PORT)
        self.listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("::", TCP_PORT))
        self.listener.listen(1024)

    @staticmethod
    def bound(protocol, port):
        made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        made.bind(("::", port))
        made.setblocking(False)
        return made

    def numbers(self):
        """The ways whose datagram came."""
        for one in self.datagrams:
            try:
                while True:
                    yield int(one.recv(9000).split()[1])
            except BlockingIOError:
                pass


def answered(end):
    """The ways whose SYN got an answer, as seen on the sender's device."""
    try:
        while True:
            frame = end.packets.recv(9100)
            packet = Ether(frame)
            if TCP in packet and packet[TCP].sport == TCP_PORT and packet[TCP].flags.A:
                yield packet[TCP].ack - 1001
    except BlockingIOError:
        pass


def send(ways, sender):
    plain = sender.packets
    sockets = {"plain": plain, "bypass": sender.packet_socket(PACKET_QDISC_BYPASS),
               "vnet": sender.packet_socket(PACKET_VNET_HDR)}
    for _, _, frames, how in ways:
        for frame in frames:
            try:
                # struct virtio_net_hdr: no offload; 14 bytes are to be linear, the kernel takes a few more
                sockets[how].send((struct.pack("=BBHHHH", 0, 0, 14, 0, 0, 0) if how == "vnet" else b"") + frame)
            except OSError as error:
                if error.errno not in (105, 22):  # dropped by tc egress; refused by the sender's own kernel
                    raise


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sender, receiver = End(*sys.argv[1:3]), End(*sys.argv[3:5])
    ways = Corpus(sender, receiver).build()
    sockets = Receiver(receiver)
    list(answered(sender))
    send(ways, sender)
    enter(sender.netns)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as marker:
        marker.sendto(b"end", (receiver.ip4, MARKER_PORT))
    if not select.select([sockets.marker], [], [], 5)[0]:
        sys.exit("the marker was lost")
    arrived = set(sockets.numbers()) | set(answered(sender))
    print(json.dumps({name: {"accepted": accepted, "arrived": number in arrived}
                      for number, (name, accepted, _, _) in enumerate(ways, 1)}, indent=1))


if __name__ == "__main__":
    main()
