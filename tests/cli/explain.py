"""explain.py POLICYCTL POLICY TABLE: packets explained, and then really sent.

For each line "WORDS | allow or deny | what decides" of TABLE, asks `policyctl explain` of veth0 in the namespace
`host`, and of POLICY, and compares. Then it sends the very frame that was explained, from the container's eth0 to
veth0 or the other way, and looks whether it arrives and which rule counts it. An ARP request behind it takes the same
way on the same CPU: what did not arrive before it never will. Prints "ok WORDS" or "not ok WORDS: why" for each.
"""
import ctypes
import json
import os
import select
import socket
import subprocess
import sys

ETH_P_ALL = 3
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
CLONE_NEWNET = 0x40000000
VLAN = (b"\x81\x00", b"\x88\xa8")
# who-has 198.18.255.255 tell 0.0.0.0
MARKER = bytes.fromhex("ffffffffffff 020000000009 0806 0001 0800 06 04 0001 020000000009 00000000 000000000000 c612ffff")
# One counter, which `stats` shows in the row of each.
PATH_MTU = {("implicit", "icmp type destination-unreachable code fragmentation-needed"),
            ("implicit", "icmpv6 type packet-too-big")}
MARKER_TEXT = {"from": ("default", "default"), "to": ("implicit", "arp")}


def enter(name):
    with open(f"/run/netns/{name}", encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), name)


class End:
    def __init__(self, name, device):
        enter(name)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.bind((device, ETH_P_ALL))
        self.socket.setblocking(False)

    def send(self, frame):
        try:
            self.socket.send(frame)
        except OSError as error:
            if error.errno != 105:  # ENOBUFS: how a sender hears that tc dropped it
                raise

    def arrived(self, frame):
        """How often the frame came before the marker; None if that did not come. The kernel takes the outer tag off."""
        wanted = [frame[12:], frame[16:]] if frame[12:14] in VLAN else [frame[12:]]
        count = 0
        while select.select([self.socket], [], [], 5)[0]:
            seen = self.socket.recv(2048)
            if seen[:len(MARKER)] == MARKER:
                return count
            count += seen[12:] in wanted
        return None


class Subject:
    def __init__(self, policyctl, policy):
        self.policyctl, self.policy = policyctl, policy
        self.ends = {"from": (End("container", "eth0"), End("host", "veth0")),
                     "to": (End("host", "veth0"), End("container", "eth0"))}
        enter("host")
        self.seen = self.counts()

    def run(self, *words):
        done = subprocess.run([self.policyctl, *words], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def counts(self):
        """Packets by direction and what counts them."""
        rows = json.loads(self.run("stats", "veth0", "--json")[1])[0]["counters"]
        return {(direction, row["kind"], row["text"]): row[direction]["packets"]
                for row in rows for direction in self.ends if direction in row}

    def expect_answer(self, words, verdict, decides, *whose):
        status, out, err = self.run("explain", *whose, "--json", words)
        if status:
            return None, f"status {status}: {err}"
        answer = json.loads(out)
        by = answer["decided_by"]
        kind, _, what = decides.partition(" ")
        seen = by["kind"], str(by.get("number", "")) if kind == "rule" else by["text"]
        if answer["verdict"] != verdict or seen[0] != kind or not (seen[1].startswith(what) or kind == "default"):
            return None, f"{answer['verdict']} by {seen}"
        if kind == "rule" and seen[1] != what:
            return None, f"by rule {seen[1]}"
        if not answer["agree"]:
            return None, err
        return answer, None

    def check_sent(self, answer, verdict):
        """None, or in words how the real packet differed from what was explained."""
        direction, frame = answer["direction"], bytes.fromhex(answer["frame"])
        sender, receiver = self.ends[direction]
        before = self.seen
        sender.send(frame)
        sender.send(MARKER)
        arrived = receiver.arrived(frame)
        self.seen = self.counts()
        if arrived is None:
            return "the marker was lost"
        if arrived != (verdict == "allow"):
            return f"{arrived} arrived"
        by = answer["decided_by"]
        key = by["kind"], by["text"]
        expected = {(direction, *key): 1 for key in (PATH_MTU if key in PATH_MTU else [key])}
        marker = direction, *MARKER_TEXT[direction]
        expected[marker] = expected.get(marker, 0) + 1
        grown = {key: count - before.get(key, 0) for key, count in self.seen.items() if count != before.get(key, 0)}
        return None if grown == expected else f"counted by {grown}, not {expected}"

    def check(self, words, verdict, decides):
        answer, wrong = self.expect_answer(words, verdict, decides, "veth0")
        if wrong:
            return f"the interface: {wrong}"
        _, wrong = self.expect_answer(words, verdict, decides, "--policy", self.policy)
        if wrong:
            return f"the policy: {wrong}"
        if self.seen != self.counts():
            return "explain was counted"
        wrong = self.check_sent(answer, verdict)
        return f"really sent: {wrong}" if wrong else None


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    subject = Subject(*sys.argv[1:3])
    with open(sys.argv[3], encoding="utf-8") as table:
        rows = [line.strip().split(" | ") for line in table if "|" in line]
    for words, verdict, decides in rows:
        wrong = subject.check(words, verdict, decides)
        print(f"not ok {words}: {wrong}" if wrong else f"ok {words}: {verdict}, {decides}", flush=True)


main()
