#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""make_above.py KIND IFINDEX NAME…: devices of this network namespace above a device of the namespace that has the id 0
here, as `ip link add NAME link-netnsid 0 link ifIFINDEX type KIND` makes them: iproute2 6.15 looks for the device below
in its own namespace. KIND: macvlan (mode bridge) or ipvlan (mode l2)."""
import os
import socket
import struct
import sys

NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE = 1, 4, 0x200, 0x400
NLMSG_ERROR, RTM_NEWLINK = 2, 16
IFLA_IFNAME, IFLA_LINK, IFLA_LINKINFO, IFLA_LINK_NETNSID = 3, 5, 18, 37
IFLA_INFO_KIND, IFLA_INFO_DATA = 1, 2
MODES = {"macvlan": struct.pack("=I", 4), "ipvlan": struct.pack("=H", 0)}


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def make(kind, below, name):
    info = attribute(IFLA_INFO_KIND, kind.encode() + b"\0") + attribute(IFLA_INFO_DATA, attribute(1, MODES[kind]))
    body = (struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, 0, 0) + attribute(IFLA_LINK, struct.pack("=I", below)) +
            attribute(IFLA_LINK_NETNSID, struct.pack("=i", 0)) + attribute(IFLA_IFNAME, name.encode() + b"\0") +
            attribute(IFLA_LINKINFO, info))
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as route:
        route.send(struct.pack("=IHHII", 16 + len(body), RTM_NEWLINK, flags, 1, 0) + body)
        answer = route.recv(65536)
    assert struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR
    error = -struct.unpack_from("=i", answer, 16)[0]
    if error:
        sys.exit(f"{name}: {os.strerror(error)}")


for device in sys.argv[3:]:
    make(sys.argv[1], int(sys.argv[2]), device)
