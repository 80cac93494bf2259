#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""One TCP stream at full speed.

bulk.py receive PORT SECONDS   takes one connection, and prints the kbit/s that arrived in SECONDS, after the first
                               half second: what a burst lets through at once does not count
bulk.py send ADDRESS PORT      sends until the receiver goes"""
import socket
import sys
import time

BEFORE = 0.5


def receive(port, seconds):
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        connection, _ = listener.accept()
    connection.settimeout(10)
    start, got, begin = time.monotonic(), 0, None
    while True:
        got += len(connection.recv(1 << 18))
        now = time.monotonic()
        if begin is None and now >= start + BEFORE:
            begin, got = now, 0
        if begin is not None and now >= begin + seconds:
            print(round(got * 8 / (now - begin) / 1000))
            return


def send(address, port):
    connection = socket.create_connection((address, port), timeout=10)
    try:
        while True:
            connection.sendall(b"x" * 65536)
    except OSError:
        pass


if sys.argv[1] == "receive":
    receive(int(sys.argv[2]), float(sys.argv[3]))
else:
    send(sys.argv[2], int(sys.argv[3]))
