#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""replay.py DEVICE FILE [TIMES]: sends the frames of a capture file (classic format, little endian)."""
import errno
import socket
import struct
import sys

with open(sys.argv[2], "rb") as file:
    data = file.read()
frames = []
at = 24
while at < len(data):
    captured = struct.unpack_from("<I", data, at + 8)[0]
    frames.append(data[at + 16:at + 16 + captured])
    at += 16 + captured
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((sys.argv[1], 0))
for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
    for frame in frames:
        try:
            sender.send(frame)
        except OSError as error:  # what a tc program drops
            if error.errno != errno.ENOBUFS:
                raise
