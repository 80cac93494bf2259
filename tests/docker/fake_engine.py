#!/usr/bin/env python3
"""fake_engine.py SOCKET MODE-FILE: a container engine that answers as the file says, until it says otherwise."""

import json
import os
import socketserver
import sys
import threading
import time

CONTAINERS = 5000


def container(number):
    return {
        "Id": f"{number * 2654435761 % 2**32:08x}{number:056x}",
        "Names": [f"/c{number}"],
        "Labels": {"policyctl.deny": "tcp", "number": str(number), "padding": "x" * 200},
        "State": "running",
        "HostConfig": {"NetworkMode": "default"},
        "NetworkSettings": {"Networks": {"bridge": {}}},
    }


def inspected(item):
    return item | {
        "Names": None,
        "Name": item["Names"][0],
        "State": {"Running": True, "Pid": 7},
        "HostConfig": {"NetworkMode": "default", "Privileged": False, "CapAdd": None},
    }


def event(action, item):
    line = json.dumps({"Type": "container", "Action": action, "Actor": {"ID": item["Id"], "Attributes": {}}}) + "\n"
    return f"{len(line):x}\r\n{line}\r\n".encode()


MANY = {item["Id"]: item for item in map(container, range(CONTAINERS))}
REMOVED, ENDED, MADE, ENDS_LATER = list(MANY.values())[:4]
NETWORKS = [{"Name": "bridge", "Id": "0" * 64, "Driver": "bridge", "Options": {}}]


class Handler(socketserver.StreamRequestHandler):
    def mode(self):
        with open(sys.argv[2], encoding="ascii") as file:
            return file.read().strip()

    def answer(self, body, status=200):
        self.wfile.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    def events(self, mode):
        """Nothing, or something that is none, until the mode changes."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.server.stream = self.wfile
        if mode == "stale":
            self.wfile.write(event("destroy", REMOVED) + event("create", MADE) + event("die", ENDED))
            self.server.told.set()
        while self.mode() == mode != "event":
            time.sleep(0.02)
        if self.mode() == "event":
            self.wfile.write(b"3\r\n{]\n\r\n")

    def sane(self, path, containers):
        if path.startswith("/containers/json"):
            self.answer(json.dumps(list(containers.values())).encode())
        elif path.startswith("/networks"):
            self.answer(json.dumps(NETWORKS).encode())
        elif path.startswith("/containers/") and path[12:76] in containers:
            self.answer(json.dumps(inspected(containers[path[12:76]])).encode())
        else:
            self.answer(b'{"message": "no such thing"}', 404)

    def stale(self, path):
        """The list and an answer are from before what the events tell, and come after them."""
        self.server.told.wait()
        time.sleep(0.05)
        if "filters" in path:
            self.answer(json.dumps([MADE]).encode())
        elif path.startswith("/containers/json"):
            self.answer(json.dumps([REMOVED, ENDED, ENDS_LATER]).encode())
        elif ENDED["Id"] in path:
            self.answer(json.dumps(inspected(ENDED) | {"State": {"Running": False}}).encode())
        elif ENDS_LATER["Id"] in path:
            running = not self.server.ended
            if running:
                self.server.ended = True
                self.server.stream.write(event("die", ENDS_LATER))
                time.sleep(0.05)
            self.answer(json.dumps(inspected(ENDS_LATER) | {"State": {"Running": running, "Pid": 7}}).encode())
        else:
            self.sane(path, {MADE["Id"]: MADE})

    def insane(self, mode):
        if mode == "closed":
            return False
        if mode == "garbage":
            self.wfile.write(os.urandom(100000))
            return False
        if mode == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while self.wfile.write(b" " * 100000):
                pass
        if mode == "headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while self.wfile.write(b"X: " + b"x" * 10000 + b"\r\n"):
                pass
        self.answer(*{
            "failing": (b'{"message": "out of order"}', 500),
            "silent": (b"", 500),
            "html": (b"<html></html>",),
            "object": (b'{"Id": "x"}',),
            "number": (b"7",),
            "nested": (b"[" * 100000,),
            "element": (b'[{"Id": "x"}]',),
        }[mode])
        return True

    def one(self):
        line = self.rfile.readline().decode()
        while self.rfile.readline().strip():
            pass
        mode = self.mode()
        path = line.split()[1] if line else ""
        if not line:
            return False
        if path.startswith("/events"):
            self.events(mode)
            return False
        if mode in ("sane", "many", "event"):
            self.sane(path, MANY if mode == "many" else {})
            return True
        if mode == "stale":
            self.stale(path)
            return True
        return self.insane(mode)

    def handle(self):
        try:
            while self.one():
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 100
    stream = None
    ended = False
    told = threading.Event()


Server(sys.argv[1], Handler).serve_forever()
