#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""One TCP stream, and how much of it arrives.

stream.py serve PORT      receives
stream.py send ADDRESS PORT CONTROL LEAD SECONDS
    Sends as fast as it can by the congestion control CONTROL, for LEAD seconds, since a bucket is full at first, and
    then for SECONDS. Prints the bits a second that the other side has acknowledged during SECONDS, and during both."""
import contextlib
import socket
import struct
import sys
import threading
import time


def receive(connection):
    buffer = bytearray(1 << 20)
    with connection, contextlib.suppress(ConnectionResetError):
        while connection.recv_into(buffer):
            pass


def serve(port):
    listener = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=receive, args=(connection,), daemon=True).start()


def acknowledged(connection):
    """tcpi_bytes_acked, include/uapi/linux/tcp.h"""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    return int.from_bytes(info[120:128], sys.byteorder)


def send(address, port, control, lead, seconds):
    connection = socket.create_connection((address, int(port)), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control.encode())
    connection.settimeout(0.02)
    data = bytes(1 << 18)
    begin = time.monotonic()
    marks = [begin + float(lead), begin + float(lead) + float(seconds)]
    counts = []
    while marks:
        try:
            connection.send(data)
        except TimeoutError:
            pass
        now = time.monotonic()
        if now >= marks[0]:
            counts.append((now, acknowledged(connection)))
            marks.pop(0)
    # What is not sent yet goes with it: an orphan would send it on, and take from what comes next.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    (start, before), (end, after) = counts
    print(int((after - before) * 8 / (end - start)), int(after * 8 / (end - begin)))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
