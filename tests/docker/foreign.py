#!/usr/bin/python3
"""Veths and bridges that are no container engine's, for foreign.sh.

foreign.py churn SECONDS NAMES FIRST   makes and removes them, in this network namespace; the names go to the file
                                 NAMES, and have numbers above FIRST
foreign.py watch                 prints a line for each veth that a gate of policyctl held: name, seconds; ends with TERM
"""
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

# --- churn ---------------------------------------------------------------------------------------------

BRIDGES = [lambda: "br-%012x" % random.getrandbits(48), lambda: "br-lan%d" % random.randrange(100),
           lambda: "lxcbr%d" % random.randrange(100), lambda: "virbr%d" % random.randrange(100),
           lambda: "podman%d" % random.randrange(100), lambda: "docker%d" % random.randrange(1, 100),
           lambda: "x%d" % random.randrange(1000)]
ENGINES = ["docker0", "br-app"]
lock = threading.Lock()
count = 0


def ip(*words):
    return subprocess.run(["ip", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


def new_name():
    global count
    with lock:
        count += 1
        return random.choice(["vethL%05d", "lxc%05d", "f%05d"]) % count


def one(names, end):
    """One bridge, or one of the engine's, and a veth on it: LXC's way, or both ends here."""
    ours = random.random() < 0.8
    bridge = random.choice(BRIDGES)() if ours else random.choice(ENGINES)
    if ours and ip("link", "add", bridge, "type", "bridge"):
        return
    if ours:
        ip("link", "set", bridge, "up")
        time.sleep(random.choice([0, 0, 0.1, 1]))
    name = new_name()
    names.write(name + "\n")
    names.flush()
    inside = None
    ip("link", "add", name, "type", "veth", "peer", "name", "p" + name[-6:])
    ip("link", "set", name, "master", bridge, "up")
    if random.random() < 0.8:
        time.sleep(random.choice([0, 0.05, 0.05, 0.3, 1.8]))
        inside = subprocess.Popen(["unshare", "--net", "sleep", "60"])
        time.sleep(0.1)
        ip("link", "set", "p" + name[-6:], "netns", str(inside.pid))
        ip("link", "set", name, "down")
        ip("link", "set", name, "up")
    else:
        ip("link", "set", "p" + name[-6:], "up")
    time.sleep(min(random.choice([0.2, 1, 3, 5]), max(0, end - time.monotonic())))
    ip("link", "del", name)
    if ours:
        ip("link", "del", bridge)
    if inside:
        inside.kill()
        inside.wait()


def churn(seconds, path, first):
    global count
    count = first
    end = time.monotonic() + seconds

    def work():
        while time.monotonic() < end:
            one(names, end)

    with open(path, "w", encoding="ascii") as names:
        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


# --- watch ---------------------------------------------------------------------------------------------

RTM_NEWLINK, RTM_DELLINK, RTM_DELQDISC, RTM_NEWTFILTER, RTM_DELTFILTER = 16, 17, 37, 44, 45
IFLA_IFNAME, GATE_PRIORITY, CLSACT = 3, 2, 0xFFFFFFF1
GROUPS = 1 | 8  # RTMGRP_LINK, RTMGRP_TC


class Watch:
    def __init__(self):
        self.names, self.held = {}, {}

    def end(self, ifindex, now):
        if ifindex in self.held:
            since, _ = self.held.pop(ifindex)
            print("%s %.3f" % (self.names.get(ifindex, "?%d" % ifindex), now - since), flush=True)

    def link(self, kind, body, now):
        family, ifindex = body[0], struct.unpack_from("=i", body, 4)[0]
        at = 16
        if family:  # AF_BRIDGE
            return
        while at + 4 <= len(body):
            size, attribute = struct.unpack_from("=HH", body, at)
            if size < 4:
                break
            if attribute == IFLA_IFNAME:
                self.names[ifindex] = body[at + 4:at + size].rstrip(b"\0").decode("ascii", "replace")
            at += (size + 3) & ~3
        if kind == RTM_DELLINK:
            self.end(ifindex, now)

    def filter(self, kind, body, now):
        ifindex, handle, parent, info = struct.unpack_from("=iIII", body, 4)
        if kind == RTM_DELQDISC:
            if parent == CLSACT:
                self.end(ifindex, now)
            return
        if info >> 16 != GATE_PRIORITY:
            return
        since, filters = self.held.get(ifindex, (now, set()))
        if kind == RTM_NEWTFILTER:
            filters.add((parent, handle))
            self.held[ifindex] = (since, filters)
        elif ifindex in self.held:
            filters.discard((parent, handle))
            if not filters or not handle:
                self.end(ifindex, now)

    def run(self):
        news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        news.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        news.bind((0, GROUPS))
        news.settimeout(0.2)
        ended = []
        signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
        print("watching", flush=True)
        while not ended:
            try:
                data = news.recv(1 << 20)
            except TimeoutError:
                continue
            now = time.monotonic()
            while len(data) >= 16:
                size, kind = struct.unpack_from("=IH", data)
                body = data[16:size]
                if kind in (RTM_NEWLINK, RTM_DELLINK):
                    self.link(kind, body, now)
                elif kind in (RTM_NEWTFILTER, RTM_DELTFILTER, RTM_DELQDISC):
                    self.filter(kind, body, now)
                data = data[(size + 3) & ~3:]
        for ifindex in list(self.held):
            self.end(ifindex, time.monotonic())


if sys.argv[1] == "churn":
    churn(float(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
else:
    Watch().run()
