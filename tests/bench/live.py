"""live.py: packets and streams through a container's veth, with and without a policy. Runs in `host`.

container eth0 ── veth0, bridge br0, route, uplink0 ── eth0 outside

UDP: nanoseconds per datagram, from the container's socket to where it ends. `host` forwards the datagrams to an
address that nobody in `outside` has, so that the way ends there without an answer.
TCP: bits per second of one stream.
Flood: UDP that is denied, with somebody who watches and without.
"""
import argparse
import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time

import common
import peers
from common import BUILD, IFACE, POLICYCTL, interleave, record, run, there

SINK = "198.18.3.2"  # routed to `outside`, where no one has it
SPREAD_SINK = "198.19.0.0"  # 65,536 addresses, likewise
INSIDE_SINK = "198.18.1.200"  # in the container's network, where no one has it
SERVER = "198.18.2.2"
TCP_PORT = 5201
CPU = 1


def inside(namespace, *command):
    return run("nsenter", f"--net=/run/netns/{namespace}", *command)


def transmitted(device):
    return json.loads(run("ip", "-s", "-j", "link", "show", device))[0]["stats64"]["tx"]["packets"]


def send(namespace, device, drops, count, address, *options):
    """Nanoseconds per datagram; makes sure that they went where they should."""
    before = transmitted(device)
    sent, ns = inside(namespace, f"{BUILD}/bench_send", "-n", count, "-c", CPU, *options, address,
                      peers.PORT).split()
    seen = transmitted(device) - before
    if (drops and seen > 100) or (not drops and seen < int(sent)):
        sys.exit(f"bench: of {sent} datagrams that are to be {'dropped' if drops else 'passed'}, "
                 f"{seen} left through {device}")
    return float(ns)


def with_policy(commands, measure):
    """A function that sets up, measures and takes down."""
    setup, teardown = commands

    def measured():
        for command in setup:
            run(*command)
        try:
            return measure()
        finally:
            for command in teardown:
                run(*command)
    return measured


def from_container():
    """name → (commands, drops): filters at or behind the host's end of the veth."""
    found = {("none", 0, "passed"): (([], []), False)}
    found["policyctl, mirror", 0, "passed"] = peers.policyctl_mirror(), False
    found["policyctl --hook tc, mirror", 0, "passed"] = peers.policyctl_mirror(*peers.TC), False
    for hit in (False, True):
        what = "dropped" if hit else "passed"
        for rules in (1, 1000):
            found["policyctl", rules, what] = peers.policyctl(rules, hit), hit
            found["policyctl native", rules, what] = peers.policyctl(rules, hit, *peers.NATIVE), hit
            found["policyctl --hook tc", rules, what] = peers.policyctl(rules, hit, *peers.TC), hit
            found["nft netdev, linear", rules, what] = peers.nft_linear(rules, hit), hit
            found["iptables", rules, what] = peers.iptables(rules, hit), hit
        found["nft netdev, set", 1000, what] = peers.nft_set(1000, hit), hit
        if there(["xdp-filter"]):
            found["xdp-filter", 1, what] = peers.xdp_filter(1, hit), hit
    return found


def to_container():
    found = {("none", 0, "passed"): (([], []), False)}
    found["policyctl, mirror", 0, "passed"] = peers.policyctl_mirror(), False
    for hit in (False, True):
        what = "dropped" if hit else "passed"
        for rules in (1, 1000):
            found["policyctl", rules, what] = peers.policyctl(rules, hit), hit
            found["nft netdev, linear", rules, what] = peers.nft_linear(rules, hit, "egress"), hit
        found["nft netdev, set", 1000, what] = peers.nft_set(1000, hit, "egress"), hit
    return found


def measure_udp(rounds, count):
    ways = {
        "from": (from_container(), "container", "uplink0", SINK),
        "to": (to_container(), "host", IFACE, INSIDE_SINK),
    }
    for direction, (candidates, namespace, device, address) in ways.items():
        functions = {}
        for (who, rules, what), (commands, drops) in candidates.items():
            slow = rules > 100 and who in ("nft netdev, linear", "iptables")
            functions[who, rules, what] = with_policy(
                commands, functools.partial(send, namespace, device, drops, count // 5 if slow else count, address))
        for (who, rules, what), samples in interleave(rounds, functions).items():
            record("udp", samples, direction=direction, who=who, rules=rules, packets=what, unit="ns")


def measure_spread(rounds, count):
    """Each datagram to another of 32,768 addresses, all in the set or none."""
    functions = {}
    for who, commands in (("none", ([], [])), ("policyctl", peers.policyctl_set()),
                          ("nft netdev, set", peers.nft_address_set())):
        for hit in (False, True):
            address = SPREAD_SINK if hit else SPREAD_SINK[:-1] + "1"
            functions[who, "dropped" if hit and who != "none" else "passed", hit] = with_policy(
                commands, functools.partial(send, "container", "uplink0", hit and who != "none", count, address,
                                            "-s", 32768, "-t", 2))
    for (who, what, hit), samples in interleave(rounds, functions).items():
        record("spread", samples, who=who, packets=what, hit=hit, unit="ns")


@contextlib.contextmanager
def watching():
    """Both commands that watch, on another CPU than the sender."""
    commands = (["monitor", IFACE], ["capture", IFACE, "-w", "/dev/null"])
    started = []
    try:
        for command in commands:
            started.append(subprocess.Popen(["taskset", "-c", str(min(os.sched_getaffinity(0))), POLICYCTL, *command], text=True,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
            started[-1].stderr.readline()  # it is watching now
        yield
        gone = [process.args for process in started if process.poll() is not None]
        if gone:
            sys.exit(f"bench: these ended: {gone}")
    finally:
        for process in started:
            process.send_signal(signal.SIGINT)
            process.communicate()


def measure_flood(rounds, count):
    """Long enough that the events of the first second, which come at once, are not most of them.

    CPU time: the watchers may be on the sender's CPU for a moment, and are not what is asked.
    """
    functions = {}
    for mode, hook in (("generic", []), ("native", peers.NATIVE)):
        for watchers in (None, watching):
            def flood(watchers=watchers):
                with watchers() if watchers else contextlib.nullcontext():
                    return send("container", "uplink0", True, count, SINK, "-u")
            functions[mode, watchers is not None] = with_policy(peers.policyctl(1, True, *hook), flood)
    for (mode, watched), samples in interleave(rounds, functions).items():
        record("flood", samples, mode=mode, watched=watched, unit="ns")


def stream(seconds, reverse):
    amount = ["-t", seconds] if seconds else ["-n", "20M"]
    answer = inside("container", "iperf3", "-J", "-c", SERVER, "-p", TCP_PORT, *amount,
                    *(["-R"] if reverse else []))
    return json.loads(answer)["end"]["sum_received"]["bits_per_second"] / 1e9


def wait_for_server():
    end = time.monotonic() + 10
    while not inside("outside", "ss", "-Hltn", f"sport = {TCP_PORT}"):
        if time.monotonic() > end:
            sys.exit("bench: iperf3 does not listen")
        time.sleep(0.02)


def measure_tcp(rounds, seconds):
    candidates = {
        ("none", 0): ([], []),
        ("policyctl", 1): peers.policyctl(1, False),
        ("policyctl", 1000): peers.policyctl(1000, False),
        ("policyctl native", 1): peers.policyctl(1, False, *peers.NATIVE),
        ("policyctl --hook tc", 1): peers.policyctl(1, False, *peers.TC),
        ("policyctl --hook tc", 1000): peers.policyctl(1000, False, *peers.TC),
        ("policyctl, mirror", 0): peers.policyctl_mirror(),
        ("policyctl --hook tc, mirror", 0): peers.policyctl_mirror(*peers.TC),
        ("nft netdev, set", 1000): peers.nft_set(1000, False),
    }
    with subprocess.Popen(["nsenter", "--net=/run/netns/outside", "iperf3", "-s", "-p", str(TCP_PORT)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for_server()
            for direction in ("from", "to"):
                functions = {key: with_policy(commands, functools.partial(stream, seconds, direction == "to"))
                             for key, commands in candidates.items()}
                for (who, rules), samples in interleave(rounds, functions).items():
                    record("tcp", samples, direction=direction, who=who, rules=rules, unit="Gbit/s")
        finally:
            server.terminate()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--packets", type=int, default=100000)
    parser.add_argument("--seconds", type=int, default=2, help="0: 20 MB")
    parser.add_argument("--parts", nargs="*", choices=("udp", "flood", "tcp"),
                        default=["udp", "flood", "tcp"])
    options = parser.parse_args()
    if "udp" in options.parts:
        measure_udp(options.rounds, options.packets)
        measure_spread(options.rounds, options.packets)
    if "flood" in options.parts:
        measure_flood(options.rounds, options.packets * 10)
    if "tcp" in options.parts and there(["iperf3"]):
        measure_tcp(options.rounds, options.seconds)


if __name__ == "__main__":
    main()
