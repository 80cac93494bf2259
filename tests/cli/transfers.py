#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Many connections that carry numbered bytes, slowly, for as long as somebody looks.

transfers.py serve PORT                  TCP and UDP, both families
transfers.py run ADDRESS PORT STATE KINDS [SPORT]
    Opens a connection for each letter of KINDS, and writes to the file STATE, again and again, what is with each:
    JSON, {"KINDSPORT": [KIND, BYTES, WORD]}, WORD is "alive", or how it ended.
      d  download: the server pushes, the client is silent
      u  upload: the client pushes, the server is silent
      n  UDP: the client sends one datagram, the server pushes
    BYTES is what has arrived: of an upload, what the server's kernel has acknowledged. SPORT is the first source port
    of TCP; otherwise the kernel chooses.
Bytes are compared: what comes twice, not at all, or in another order ends the connection with "wrong bytes"."""
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time

TICK = 0.02
CHUNK = 64


def numbered(start, length):
    return bytes((start + i) * 167 % 251 for i in range(length))


def bytes_acknowledged(connection):
    """tcpi_bytes_acked, include/uapi/linux/tcp.h"""
    return struct.unpack_from("=Q", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192), 120)[0]


class Server:
    def __init__(self, port):
        self.selector = selectors.DefaultSelector()
        self.pushing, self.read, self.peers = {}, {}, {}
        listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ, self.accept)
        self.udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.udp.bind(("::", port))
        self.udp.setblocking(False)
        self.selector.register(self.udp, selectors.EVENT_READ, self.datagram)

    def accept(self, listener):
        connection, _ = listener.accept()
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ, self.receive)

    def datagram(self, udp):
        _, peer = udp.recvfrom(2048)
        self.peers[peer] = 0

    def drop(self, connection):
        self.pushing.pop(connection, None)
        self.read.pop(connection, None)
        self.selector.unregister(connection)
        connection.close()

    def receive(self, connection):
        try:
            data = connection.recv(65536)
        except OSError:
            data = b""
        if not data:
            return self.drop(connection)
        if connection not in self.read:
            self.read[connection] = 0
            if data[:1] == b"d":
                self.pushing[connection] = 0
            data = data[1:]
        at = self.read[connection]
        if data != numbered(at, len(data)):
            return self.drop(connection)
        self.read[connection] = at + len(data)

    def push(self):
        for connection, at in list(self.pushing.items()):
            try:
                self.pushing[connection] = at + connection.send(numbered(at, CHUNK))
            except BlockingIOError:
                pass
            except OSError:
                self.drop(connection)
        for peer in list(self.peers):
            try:
                self.udp.sendto(b"x" * CHUNK, peer)
            except OSError:
                pass

    def run(self):
        due = time.monotonic()
        while True:
            for key, _ in self.selector.select(max(0, due - time.monotonic())):
                key.data(key.fileobj)
            if time.monotonic() >= due:
                self.push()
                due = time.monotonic() + TICK


class Client:
    def __init__(self, address, port, state, kinds, sport):
        self.selector = selectors.DefaultSelector()
        self.state, self.items = state, []
        for number, kind in enumerate(kinds):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_DGRAM if kind == "n" else socket.SOCK_STREAM)
            if sport:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                connection.bind(("::" if ":" in address else "0.0.0.0", sport + number))
            connection.settimeout(10)
            connection.connect((address, port))
            connection.send(kind.encode())
            connection.setblocking(False)
            item = {"kind": kind, "socket": connection, "sent": 0, "got": 0, "word": "alive",
                    "port": connection.getsockname()[1]}
            self.items.append(item)
            self.selector.register(connection, selectors.EVENT_READ, item)

    def end(self, item, word):
        item["word"] = word
        self.selector.unregister(item["socket"])

    def receive(self, item):
        try:
            data = item["socket"].recv(65536)
        except OSError as error:
            return self.end(item, error.strerror)
        if not data:
            return self.end(item, "closed")
        if item["kind"] == "d" and data != numbered(item["got"], len(data)):
            return self.end(item, "wrong bytes")
        item["got"] += len(data)

    def push(self, item):
        try:
            item["sent"] += item["socket"].send(numbered(item["sent"], CHUNK))
            item["got"] = bytes_acknowledged(item["socket"])
        except BlockingIOError:
            pass
        except OSError as error:
            self.end(item, error.strerror)

    def report(self):
        with open(self.state + ".new", "w") as out:
            json.dump({item["kind"] + str(item["port"]): [item["kind"], item["got"], item["word"]] for item in self.items}, out)
        os.rename(self.state + ".new", self.state)

    def run(self):
        due = time.monotonic()
        while True:
            for key, _ in self.selector.select(max(0, due - time.monotonic())):
                self.receive(key.data)
            if time.monotonic() < due:
                continue
            for item in self.items:
                if item["kind"] == "u" and item["word"] == "alive":
                    self.push(item)
            self.report()
            due = time.monotonic() + TICK


def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if sys.argv[1] == "serve":
        Server(int(sys.argv[2])).run()
    Client(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5], int(sys.argv[6]) if len(sys.argv) > 6 else 0).run()


main()
