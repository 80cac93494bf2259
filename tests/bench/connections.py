"""connections.py: TCP connections through a container's veth, with and without a policy. Runs in `host`.

container eth0 ── veth0, bridge br0, route, uplink0 ── eth0 outside

Each filter is `default deny` with two rules: packets of known connections pass, and the container may open connections
to one port. nftables says so with `ct state established` at the forward hook.
Opened: nanoseconds for a connection that is opened, carries a request and an answer, and is closed.
Established: nanoseconds per packet of connections that are open.
"""
import argparse
import functools

import live
import peers
from common import BUILD, RESULTS, interleave, record, run

CANDIDATES = {
    "none": ([], []),
    "policyctl": peers.policyctl_established(),
    "policyctl --hook tc": peers.policyctl_established(*peers.TC),
    "nft ct state": peers.nft_established(),
}


def can_track():
    """Whether this kernel has what nft needs for `ct state`."""
    setup, teardown = peers.nft_established()
    try:
        for command in setup + teardown:
            run(*command)
    except SystemExit as error:
        print(f"bench: nft cannot track connections here, and is left out: {error}", flush=True)
        return False
    # Else its table would be full of connections that are closed. 10 s: as long as policyctl remembers those.
    run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_timeout_time_wait=10")
    return True


def connect(count, connections):
    options = ["-c", connections] if connections else []
    return float(run(f"{BUILD}/bench_connect", "-n", count, *options, "-p", live.CPU, "container", "outside",
                     live.SERVER, peers.PORT).split()[1])


def measure(rounds, count, connections):
    functions = {who: live.with_policy(commands, functools.partial(connect, count, connections))
                 for who, commands in CANDIDATES.items()}
    for who, samples in interleave(rounds, functions).items():
        record("established" if connections else "opened", samples, who=who, connections=connections, unit="ns")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--opened", type=int, default=3000, help="connections opened in one measurement")
    parser.add_argument("--packets", type=int, default=100000)
    options = parser.parse_args()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    print(f"{len(names)} × {names[0] if names else 'unknown CPU'}; results in {RESULTS}", flush=True)
    if not can_track():
        del CANDIDATES["nft ct state"]
    measure(options.rounds, options.opened, 0)
    measure(options.rounds, options.packets, 1)
    measure(options.rounds, options.packets, 1000)


if __name__ == "__main__":
    main()
