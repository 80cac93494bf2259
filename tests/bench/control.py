"""control.py: what it takes to put policies in force, end to end, commands as a user types them. Runs in `host`."""
import argparse
import json
import os
import re

import peers
from common import BUILD, IFACE, OBJECT, POLICYCTL, WORK, interleave, quartiles, record, run, there, timed, write

PINS = "/sys/fs/bpf/policyctl"
OVER = ["--deny", "tcp"]  # the policy that stands before an apply


# --- attach

def attach(*arguments):
    def measure():
        ms = timed([POLICYCTL, "attach", IFACE, *arguments])
        run(POLICYCTL, "detach", IFACE)
        return ms
    return measure


def by_hand():
    """The same object with ip and tc. Its maps are still empty then."""
    ms = timed(["ip", "link", "set", "dev", IFACE, "xdpgeneric", "obj", OBJECT, "sec", "xdp"],
               ["tc", "qdisc", "add", "dev", IFACE, "clsact"],
               ["tc", "filter", "add", "dev", IFACE, "egress", "bpf", "da", "obj", OBJECT, "sec", "tc"])
    run("ip", "link", "set", "dev", IFACE, "xdpgeneric", "off")
    run("tc", "qdisc", "del", "dev", IFACE, "clsact")
    return ms


def set_up(commands):
    """Times the setup of peers.py's pairs."""
    setup, teardown = commands

    def measure():
        ms = timed(*setup)
        for command in teardown:
            run(*command)
        return ms
    return measure


def measure_attach(rounds):
    candidates = {
        "policyctl attach --deny tcp": attach("--deny", "tcp"),
        "policyctl attach --deny tcp --mode native": attach("--deny", "tcp", "--mode", "native"),
        "ip link, tc qdisc, tc filter": by_hand,
        "nft -f, one rule": set_up(peers.nft_linear(1, True)),
        "true": lambda: timed(["true"]),
    }
    if there(["xdp-filter"]):
        candidates["xdp-filter load, port"] = set_up(peers.xdp_filter(1, True))
    for who, samples in interleave(rounds, candidates).items():
        record("attach", samples, who=who, unit="ms")


# --- apply

def apply(path):
    """Over another policy, and back."""
    def measure():
        run(POLICYCTL, "attach", IFACE, *OVER)
        ms = timed([POLICYCTL, "apply", IFACE, "--policy", path])
        run(POLICYCTL, "detach", IFACE)
        return ms
    return measure


def nft_rule(rule):
    """One rule of the policies of bench_packets in nft's words, for what the container sends."""
    words = re.fullmatch(r"deny (?:proto (?P<number>\d+)|(?P<protocol>\w+))(?: dport (?P<port>\d+))?"
                         r"(?: peer (?P<peer>\S+))?", rule).groupdict()
    text = ""
    if words["peer"]:
        text += f"{'ip6' if ':' in words['peer'] else 'ip'} daddr {words['peer']} "
    if words["number"]:
        text += f"meta l4proto {words['number']} "
    if words["port"]:
        text += f"{words['protocol']} dport {words['port']} "
    return f"\t\t{text}counter drop\n"


def nft_policy(path):
    with open(path, encoding="ascii") as file:
        return peers.nft_text("ingress", "".join(nft_rule(line.strip()) for line in file))


def iptables_policy(path):
    with open(path, encoding="ascii") as file:
        rules = "".join(f"-A FORWARD -p {line.split()[1]} --dport {line.split()[3]} -j DROP\n" for line in file)
    return f"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n"


def policy_of(kind, size):
    """Has bench_packets write the policy that it measures; returns its path."""
    run(f"{BUILD}/bench_packets", "-w", WORK, f"{kind} {size}")
    return os.path.join(WORK, f"{kind}-{size}.policy")


def measure_apply(rounds, sizes):
    candidates = {}
    for kind in ("ports", "port-and-cidr", "mixed"):
        for size in sizes:
            path = policy_of(kind, size)
            candidates["policyctl apply", kind, size] = apply(path)
            candidates["nft -f, linear", kind, size] = set_up(
                peers.nft(nft_policy(path), f"{kind}-{size}.nft"))
            if kind == "ports":
                text = write(f"{kind}-{size}.iptables", iptables_policy(path))
                candidates["iptables-restore", kind, size] = set_up(
                    ([["iptables-restore", text]], [["iptables", "-F", "FORWARD"]]))
                candidates["nft -f, set", kind, size] = set_up(peers.nft_set(size, True))
    for (who, kind, size), samples in interleave(rounds, candidates).items():
        record("apply", samples, who=who, policy=kind, size=size, unit="ms")


# --- sets

def pinned():
    for directory, _, names in os.walk(PINS):
        for name in names:
            yield os.path.join(directory, name)


def kernel_memory():
    """Bytes of all that policyctl has in the kernel here, as the kernel accounts them."""
    sizes, programs = {}, []
    for path in pinned():
        kind = "prog" if os.path.basename(path) in ("xdp", "tc", "guard") else "map"
        about = json.loads(run("bpftool", "-j", kind, "show", "pinned", path))
        sizes[kind, about["id"]] = about.get("bytes_memlock", 0)
        programs += about.get("map_ids", [])
    for number in programs:
        if ("map", number) not in sizes:
            about = json.loads(run("bpftool", "-j", "map", "show", "id", number))
            sizes["map", number] = about.get("bytes_memlock", 0)
    return sum(sizes.values())


def meminfo():
    """Bytes of the kernel's own memory, which holds nft's sets: they are not accounted by set."""
    with open("/proc/meminfo", encoding="ascii") as file:
        fields = dict(line.split(":") for line in file)
    return sum(int(fields[name].split()[0]) for name in ("SUnreclaim", "VmallocUsed", "Percpu")) * 1024


def apply_set(path, memory):
    def measure():
        run(POLICYCTL, "attach", IFACE, *OVER)
        before = kernel_memory()
        ms = timed([POLICYCTL, "apply", IFACE, "--policy", path])
        memory.append(kernel_memory() - before)
        run(POLICYCTL, "detach", IFACE)
        return ms
    return measure


def nft_address_set(kind, size):
    with open(os.path.join(WORK, f"{kind}-{size}.txt"), encoding="ascii") as file:
        elements = ",\n".join(line.strip() for line in file)
    family = "ipv6" if kind.endswith("6") else "ipv4"
    return peers.nft_text(
        "ingress", f"\t\t{'ip6' if family == 'ipv6' else 'ip'} daddr @feed counter drop\n",
        f"\tset feed {{\n\t\ttype {family}_addr\n\t\tflags interval\n\t\telements = {{ {elements} }}\n\t}}\n")


def nft_set(kind, size, memory):
    path = write(f"{kind}-{size}.nft", nft_address_set(kind, size))

    def measure():
        before = meminfo()
        ms = timed(["nft", "-f", path])
        memory.append(meminfo() - before)
        run("nft", "delete", "table", "netdev", "bench")
        return ms
    return measure


def measure_sets(rounds, sizes):
    for size in sizes:
        candidates, memory, fewer = {}, {}, {}
        for kind in ("set-ipv4", "set-ipv6"):
            ours, nft = ("policyctl apply", kind), ("nft -f, set", kind)
            memory[ours], memory[nft] = [], []
            candidates[ours] = apply_set(policy_of(kind, size), memory[ours])
            candidates[nft] = nft_set(kind, size, memory[nft])
            fewer[nft] = 1 if size > 100000 else 3  # half a minute each
        for (who, kind), samples in interleave(min(rounds, 5), candidates, fewer).items():
            record("apply", samples, who=who, policy=kind, size=size, unit="ms",
                   bytes=int(quartiles(memory[who, kind])[1]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 1000, 10000])
    parser.add_argument("--set-sizes", type=int, nargs="*", default=[1000, 100000, 1000000])
    options = parser.parse_args()
    measure_attach(options.rounds * 2 + 1)
    measure_apply(options.rounds, options.sizes)
    measure_sets(options.rounds, options.set_sizes)


if __name__ == "__main__":
    main()
