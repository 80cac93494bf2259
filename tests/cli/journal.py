#!/usr/bin/python3
"""Stands in for journald: journal.py SOCKET OUT. Writes each entry that comes as a JSON object, a line each."""
import array
import json
import os
import socket
import sys


def fields(data):
    """systemd's JOURNAL_NATIVE_PROTOCOL: NAME=value, or NAME, eight bytes of length, value, for one of several lines."""
    entry = {}
    while data:
        line, _, data = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            length = int.from_bytes(data[:8], "little")
            value, data = data[8:8 + length], data[8 + length + 1:]
        entry[name.decode()] = value.decode()
    return entry


listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
listener.bind(sys.argv[1])
with open(sys.argv[2], "w", buffering=1) as out:
    while True:
        message, _, _, _ = listener.recvmsg(1 << 20, socket.CMSG_SPACE(array.array("i").itemsize))
        print(json.dumps(fields(message)), file=out)
