"""packets.py BRIDGE-NETNS BRIDGE CONTAINER-NETNS DEVICE ADDRESS ADDRESS6: exact frames past a policy, counted.

Each line "from|to PEER WHAT [SOURCE-PORT]" on standard input sends COUNT frames from the container's device to the
bridge, or from the bridge to the container, and prints how many of them arrived. PEER is the other end's address, WHAT
tcp/PORT, udp/PORT, icmp/TYPE[.CODE], icmpv6/TYPE[.CODE] or the number of a protocol; with lsrr+ in front of it, an IPv4
packet has a source route, and its destination is not where it ends. Behind them an ARP request takes the same way on
the same CPU: what did not arrive before it never will.
"""
import ctypes
import os
import select
import socket
import struct
import sys

COUNT = 5
ETH_P_ALL, ETH_P_ARP = 3, 0x0806
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
TAG = struct.Struct("!12sI")  # behind the headers: whose frame it is
SOURCE_PORT = 40000
RST = 4  # gets no answer
LSRR = b"\x83\x07\x04" + socket.inet_aton("198.18.0.9") + b"\0"  # RFC 791: one more stop, and the end of options


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tag(number):
    return TAG.pack(b"policyctllab", number)


def transport(protocol, selector, source_port, pseudo, payload):
    """`selector` is the port, or ICMP type and code in a byte each, `pseudo` the two addresses."""
    if protocol == PROTOCOLS["tcp"]:
        data, at = struct.pack("!HHIIBBHHH", source_port, selector, 1, 0, 5 << 4, RST, 0, 0, 0) + payload, 16
    elif protocol == PROTOCOLS["udp"]:
        data, at = struct.pack("!HHHH", source_port, selector, 8 + len(payload), 0) + payload, 6
    elif protocol in (PROTOCOLS["icmp"], PROTOCOLS["icmpv6"]):
        data, at = struct.pack("!HHHH", selector, 0, 1, 1) + payload, 2
    else:
        return payload
    if protocol != PROTOCOLS["icmp"]:
        pseudo += struct.pack("!II", len(data), protocol)
    else:
        pseudo = b""
    return data[:at] + struct.pack("!H", checksum(pseudo + data)) + data[at + 2:]


def packet(source, destination, protocol, selector, source_port, options, payload):
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
    payload = transport(protocol, selector, source_port, addresses, payload)
    if family == socket.AF_INET6:
        return 0x86DD, struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + addresses + payload
    size = 20 + len(options)
    head = struct.pack("!BBHHHBBH", 4 << 4 | size // 4, 0, size + len(payload), 0, 0, 64, protocol, 0) + addresses + options
    return 0x0800, head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def marker(payload):
    """An ARP request for an address without a host."""
    addresses = b"\0" * 6 + socket.inet_aton("198.18.1.254") + b"\0" * 6 + socket.inet_aton("198.18.255.255")
    return ETH_P_ARP, struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + addresses + payload


class End:
    def __init__(self, netns, device):
        with open(f"/run/netns/{netns}", encoding="ascii") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000):
                raise OSError(ctypes.get_errno(), netns)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.bind((device, ETH_P_ALL))
        self.socket.setblocking(False)
        self.mac = self.socket.getsockname()[4]

    def arrived(self, probe, end):
        """How many frames with the tag `probe` until that with the tag `end`; None if it does not come."""
        count = 0
        while select.select([self.socket], [], [], 5)[0]:
            frame = self.socket.recv(2048)
            if end in frame:
                return count
            count += probe in frame
        return None


def send(line, bridge, container, addresses, number):
    probe, end = tag(2 * number), tag(2 * number + 1)
    direction, peer, what, source_port = (line.split() + [SOURCE_PORT])[:4]
    name, _, selector = what.removeprefix("lsrr+").partition("/")
    options = LSRR if what.startswith("lsrr+") else b""
    ends = [addresses[":" in peer], peer]
    sender, receiver = container, bridge
    if direction == "to":
        ends.reverse()
        sender, receiver = bridge, container
    protocol = PROTOCOLS[name] if name in PROTOCOLS else int(name)
    kind, _, code = selector.partition(".")
    selector = int(kind or 0) << 8 | int(code or 0) if name.startswith("icmp") else int(kind or 0)
    frame = packet(*ends, protocol, selector, int(source_port), options, probe)
    for ethertype, data in [frame] * COUNT + [marker(end)]:
        sender.socket.send(receiver.mac + sender.mac + struct.pack("!H", ethertype) + data)
    return receiver.arrived(probe, end)


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    bridge, container = End(*sys.argv[1:3]), End(*sys.argv[3:5])
    for number, line in enumerate(sys.stdin):
        arrived = send(line, bridge, container, sys.argv[5:7], number)
        print("the marker was lost" if arrived is None else f"{arrived} of {COUNT} arrive", flush=True)


main()
