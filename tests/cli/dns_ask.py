#!/usr/bin/python3
"""Asks a server for the A records of a name and does not wait: dns_ask.py SERVER PORT ID NAME ask|not."""

import socket
import struct
import sys

server, port, number, name, whether = sys.argv[1:]
labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.bind(("0.0.0.0", int(port)))
if whether == "ask":
    sender.sendto(struct.pack(">6H", int(number), 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, 1, 1), (server, 53))
