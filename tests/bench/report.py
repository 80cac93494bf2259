"""report.py DIRECTORY DOCS: writes the tables of DOCS/benchmarks.md and the plots beside it from the results
in DIRECTORY.

The document is written by hand; this replaces what stands between <!-- NAME --> and <!-- end -->.
"""
import glob
import json
import os
import re
import statistics
import sys
import textwrap

import svg

PROGRAMS = ("xdp native", "xdp generic", "tc")
RULES = {"ports": "ports, one packet", "ports-spread": "ports", "port-and-cidr": "port and CIDR",
         "mixed": "mixed"}
SETS = {"set-ipv4": "IPv4", "set-ipv6": "IPv6"}


class Results:
    """The lines of a run, found by their fields."""

    def __init__(self, directory):
        self.lines = []
        for path in sorted(glob.glob(os.path.join(directory, "*.jsonl"))):
            with open(path, encoding="utf-8") as file:
                self.lines += [json.loads(line) for line in file]

    def all(self, **fields):
        return [line for line in self.lines
                if all(line.get(name) == value for name, value in fields.items())]

    def one(self, **fields):
        found = self.all(**fields)
        return found[0] if found else None


def three(line):
    """Median and quartiles, whatever wrote the line."""
    return (line.get("median", line.get("ns")), line["q1"], line["q3"])


def ratio(line, other):
    """The median of what it is in each round: what slows down a round slows down both."""
    return statistics.median(a / b for a, b in zip(line["samples"], other["samples"]))


def number(value, digits=None):
    if digits is None:
        digits = 2 if abs(value) < 1 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def cell(line):
    if not line:
        return "–"
    median, q1, q3 = three(line)
    return f"{number(median)} <sub>{number(q1)}–{number(q3)}</sub>"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


# --- nanoseconds per packet

def packet(results, policy, size, program, packets, who="policyctl"):
    return results.one(kind="packet", who=who, policy=policy, size=size, program=program, packets=packets)


def packet_row(results, name, policy, size):
    cells = [cell(packet(results, policy, size, program, packets))
             for packets in ("passed", "dropped") for program in PROGRAMS]
    return [name] + cells


def packet_head(first):
    return [first] + [f"{packets}: {program}" for packets in ("passed", "dropped") for program in PROGRAMS]


def rules_table(results):
    rows = [packet_row(results, "no rules", "no-rules", 0), packet_row(results, "`deny tcp`", "deny-tcp", 1),
            packet_row(results, "`deny tcp`, watched", "deny-tcp-watched", 1)]
    for policy, name in RULES.items():
        for size in sorted({line["size"] for line in results.all(kind="packet", policy=policy, who="policyctl")}):
            rows.append(packet_row(results, f"{size:,} {name}", policy, size))
    return table(packet_head("policy"), rows)


def established_table(results):
    rows = [packet_row(results, "no rules", "no-rules", 0)]
    rows += [packet_row(results, f"{size:,} connection{'s' if size > 1 else ', one packet'}", "established", size)
             for size in (1, 1000, 65536)]
    return table(packet_head("packets of"), rows + [packet_row(results, "each opens one", "opening", 1)])


def sets_table(results):
    rows = [packet_row(results, f"{size:,} {family}", policy, size)
            for policy, family in SETS.items() for size in (1000, 100000, 1000000)
            if results.all(kind="packet", policy=policy, size=size)]
    return table(packet_head("CIDRs"), rows)


def filter_table(results):
    rows = []
    for who, policy, size, name in (("xdp-filter tcp", "ports", 1, "one TCP port, one packet"),
                                    ("xdp-filter", "ports", 1000, "1,000 ports, one packet"),
                                    ("xdp-filter", "ports-spread", 1000, "1,000 ports")):
        for packets in ("passed", "dropped"):
            rows.append([f"{name}, {packets}", cell(packet(results, policy, size, "xdp native", packets)),
                         cell(packet(results, policy, size, "xdp", packets, who))])
    return table(["policy", "policyctl, xdp native", "xdp-filter"], rows)


def plot_rules(results):
    series = {}
    for policy, name in RULES.items():
        for packets in ("passed", "dropped"):
            points = {line["size"]: three(line)
                      for line in results.all(kind="packet", who="policyctl", policy=policy,
                                              packets=packets, program="xdp native") if line["size"] > 1}
            if points:
                series[f"{name}, {packets}"] = points
    return svg.lines("A packet's cost by number of rules, XDP native", "ns above pass-only", series)


def plot_sets(results):
    series = {}
    for policy, family in SETS.items():
        for packets, name in (("passed", "miss"), ("dropped", "hit")):
            points = {line["size"]: three(line) for line in
                      results.all(kind="packet", policy=policy, packets=packets, program="xdp native")}
            if points:
                series[f"{family}, {name}"] = points
    return svg.lines("A packet's cost by size of the set, XDP native", "ns above pass-only", series)


# --- putting policies in force

def attach_table(results):
    return table(["commands", "ms"], [[f"`{line['who']}`", cell(line)] for line in results.all(kind="attach")])


def apply_table(results):
    whos = ("policyctl apply", "nft -f, linear", "nft -f, set", "iptables-restore")
    rows = []
    for policy, name in {**RULES, **SETS}.items():
        for size in sorted({line["size"] for line in results.all(kind="apply", policy=policy)}):
            lines = [results.one(kind="apply", policy=policy, size=size, who=who) for who in whos]
            loaded = results.one(kind="packet", who="policyctl", policy=policy, size=size)
            kept = lines[0] and lines[0].get("bytes") or loaded and loaded["bytes"]
            rows.append([f"{size:,} {'CIDRs, ' if policy in SETS else ''}{name.split(',')[0]}"] +
                        [cell(line) for line in lines] +
                        [number(kept / 2**20) if kept else "–",
                         number(lines[2]["bytes"] / 2**20) if size >= 100000 else "–"])
    return table(["policy", *(f"`{who}`, ms" for who in whos), "policyctl, MiB", "nft set, MiB"], rows)


def plot_apply(results):
    series = {}
    for who, policies in (("policyctl apply", {**RULES, **SETS}), ("nft -f, linear", {"mixed": "mixed"}),
                          ("nft -f, set", {"ports": "ports", "set-ipv4": "IPv4"}),
                          ("iptables-restore", {"ports": "ports"})):
        for policy, name in policies.items():
            points = {line["size"]: three(line) for line in results.all(kind="apply", who=who, policy=policy)}
            if points:
                series[f"{who}: {name.split(',')[0]}"] = points
    return svg.lines("From the command to enforcement", "ms", series, logarithmic=True)


# --- live

def live_name(line):
    if not line["rules"]:
        return line["who"]
    return f"{line['who']}, {line['rules']:,} rule{'s' if line['rules'] > 1 else ''}"


def live_table(results, kind, head, less_is_more):
    rows = []
    for direction in ("from", "to"):
        none = results.one(kind=kind, direction=direction, who="none")
        for line in results.all(kind=kind, direction=direction):
            rows.append([direction, live_name(line), *([line["packets"]] if less_is_more else []),
                         cell(line), f"{ratio(line, none):.2f}"])
    return table(head, rows)


def udp_table(results):
    return live_table(results, "udp", ["direction", "filter", "packets", "ns per packet", "× none"], True)


def tcp_table(results):
    return live_table(results, "tcp", ["direction", "filter", "Gbit/s", "× none"], False)


def spread_table(results):
    rows = []
    for line in results.all(kind="spread"):
        none = results.one(kind="spread", who="none", hit=line["hit"])
        rows.append([line["who"], line["packets"], cell(line), f"{ratio(line, none):.2f}"])
    return table(["filter", "packets", "ns per packet", "× none"], rows)


def flood_table(results):
    rows = []
    for line in results.all(kind="flood"):
        none = results.one(kind="flood", mode=line["mode"], watched=False)
        rows.append([line["mode"], "`monitor` and `capture`" if line["watched"] else "none", cell(line),
                     f"{ratio(line, none):.2f}"])
    return table(["mode", "readers", "ns per denied packet", "× none"], rows)


def above(line, other):
    """Nanoseconds more than `other`, as ratio()."""
    return statistics.median(a - b for a, b in zip(line["samples"], other["samples"]))


CONNECTIONS = {("opened", 0): "opened, used once and closed", ("established", 1): "a packet of one that is open",
               ("established", 1000): "a packet of 1,000 in turn"}


def connections_table(results):
    rows = []
    for (kind, count), what in CONNECTIONS.items():
        none = results.one(kind=kind, connections=count, who="none")
        rows += [[what, line["who"], cell(line), number(above(line, none), 0), f"{ratio(line, none):.3f}"]
                 for line in results.all(kind=kind, connections=count)]
    return table(["connection", "filter", "ns", "above none", "× none"], rows)


def plot_live(results):
    return svg.bars("A datagram's whole way out of the container, passed", "ns",
                    [(live_name(line), three(line))
                     for line in results.all(kind="udp", direction="from", packets="passed")])


# --- targets

def verdict(groups):
    """[(label, values, limit, at_most)] → what was measured, in bold what misses the limit, and whether any does."""
    if not groups or any(value is None for _, values, _, _ in groups for value in values):
        return "not measured", "–"
    words, met = [], True
    for label, values, limit, at_most in groups:
        good = [value <= limit if at_most else value >= limit for value in values]
        met = met and all(good)
        words.append(f"{label} " + " / ".join(number(value) if fine else f"**{number(value)}**"
                                              for value, fine in zip(values, good)))
    return "; ".join(words), "met" if met else "**missed**"


def ns(results, policy, size, program, packets):
    line = packet(results, policy, size, program, packets)
    return line and line["ns"]


def packet_target(results, policies, size, limits):
    return [(f"{name} {packets}".strip(), [ns(results, policy, size, program, packets) for program in PROGRAMS],
             limit, True)
            for policy, name in policies.items() for packets, limit in limits.items()]


def growth_target(results):
    groups = []
    for packets in ("passed", "dropped"):
        values = []
        for program in PROGRAMS:
            few, many = (ns(results, "mixed", size, program, packets) for size in (10, 10000))
            values.append(many / few if few and many else None)
        groups.append((f"{packets} ×", values, 1.5, True))
    return groups


def apply_target(results, policies, size, limit, unit):
    groups = []
    for policy, name in policies.items():
        line = results.one(kind="apply", who="policyctl apply", policy=policy, size=size)
        groups.append((f"{name}, {unit}:", [line and line["median"]], limit, True))
    return groups


def set_memory_target(results):
    lines = {family: results.one(kind="apply", who="policyctl apply", policy=policy, size=1000000)
             for policy, family in SETS.items()}
    return [(f"{family}, MiB:", [line and line["bytes"] / 2**20], 150, True) for family, line in lines.items()]


def attach_target(results):
    ours = results.one(kind="attach", who="policyctl attach --deny tcp")
    theirs = results.one(kind="attach", who="ip link, tc qdisc, tc filter")
    if not ours or not theirs:
        return []
    return [(f"{number(ours['median'])} ms against {number(theirs['median'])} ms, ×", [ratio(ours, theirs)], 1, True)]


def tcp_target(results):
    none, ours = (results.one(kind="tcp", direction="from", who=who) for who in ("none", "policyctl"))
    return [("×", [ratio(ours, none)], 0.95, False)] if none and ours else []


def flood_target(results):
    values = []
    for mode in ("generic", "native"):
        none, watched = (results.one(kind="flood", mode=mode, watched=who) for who in (False, True))
        values.append(ratio(watched, none) if none and watched else None)
    return [("generic / native ×", values, 1.1, True)]


def above_no_rules(results, policy, size, programs=PROGRAMS):
    pairs = [(ns(results, policy, size, program, "passed"), ns(results, "no-rules", 0, program, "passed"))
             for program in programs]
    return [None if None in pair else pair[0] - pair[1] for pair in pairs]


def established_target(results):
    return [("1,000:", above_no_rules(results, "established", 1000), 60, True),
            ("65,536:", above_no_rules(results, "established", 65536), 250, True),
            ("opening, tc:", above_no_rules(results, "opening", 1, ("tc",)), 350, True)]


def connection_lines(results, kind, count):
    return [results.one(kind=kind, connections=count, who=who)
            for who in ("none", "policyctl --hook tc", "nft ct state")]


def connection_rate_target(results):
    none, ours, theirs = connection_lines(results, "opened", 0)
    groups = [("× unfiltered:", [ratio(none, ours)], 0.95, False)] if none and ours else []
    return groups + ([("× nft:", [ratio(theirs, ours)], 1, False)] if theirs and ours else [])


def nft_target(results):
    groups = []
    for kind, count in list(CONNECTIONS)[1:]:
        none, ours, theirs = connection_lines(results, kind, count)
        if none and ours and theirs:
            groups.append((f"of {count:,}, ns, nft {number(above(theirs, none), 0)}:", [above(ours, none)],
                           above(theirs, none), True))
    return groups


def targets_table(results):
    rows = [
        ("`deny tcp`, packet passed / dropped and counted", "≤ 8 ns / ≤ 12 ns above pass-only",
         packet_target(results, {"deny-tcp": ""}, 1, {"passed": 8, "dropped": 12})),
        ("1,000 port rules, packet passed / dropped", "≤ 10 ns / ≤ 35 ns",
         packet_target(results, {"ports": ""}, 1000, {"passed": 10, "dropped": 35})),
        ("10,000 mixed rules (protocol, port, CIDR)", "within 1.5 × of 10 mixed rules", growth_target(results)),
        ("1 M CIDRs, spread addresses, miss / hit", "≤ 60 ns / ≤ 200 ns",
         packet_target(results, SETS, 1000000, {"passed": 60, "dropped": 200})),
        ("apply 10,000 rules, end to end", "≤ 100 ms",
         apply_target(results, {policy: name.split(",")[0] for policy, name in RULES.items()
                                if policy != "ports-spread"}, 10000, 100, "ms")),
        ("load a 1 M CIDR set, end to end", "≤ 1.5 s, ≤ 150 MiB in the kernel",
         apply_target(results, SETS, 1000000, 1500, "ms") +
         set_memory_target(results)),
        ("attach, end to end (`policyctl attach VETH --deny tcp`)",
         "no slower than the two or three ip and tc commands it replaces", attach_target(results)),
        ("one TCP stream out of the container, default mode", "≥ 0.95 × unfiltered", tcp_target(results)),
        ("a flood of denied packets with `monitor` and `capture` running, live, cost of a packet",
         "≤ 1.1 × without readers", flood_target(results)),
        ("an established packet of 1,000 / 65,536 connections, opening one", "≤ 60 / 250 / 350 ns above no rules",
         established_target(results)),
        ("rate of connections, opened, used once and closed, `--hook tc`", "≥ 0.95 × unfiltered, ≥ 1 × nft `ct state`",
         connection_rate_target(results)),
        ("a packet of an open connection, `--hook tc`", "cheaper than nft `ct state established accept`",
         nft_target(results)),
    ]
    return table(["what", "target", "measured", ""],
                 [[what, target, *verdict(groups)] for what, target, groups in rows])


def machine(results):
    about = results.one(kind="machine")
    text = (f"{about['date']}, {about['kernel']}, {about['cpus']} × {about['cpu']}, commit {about['commit']}; "
            f"{about['nft']}, {about['iptables']}, {about['xdpfilter']}, {about['iproute2']}.")
    if about["quick"]:
        text += " **A quick run: these figures are worth nothing.**"
    return textwrap.fill(text, 120, break_on_hyphens=False, break_long_words=False)


SECTIONS = {"machine": machine, "targets": targets_table, "rules": rules_table, "sets": sets_table,
            "established": established_table, "xdp-filter": filter_table, "attach": attach_table,
            "apply": apply_table, "udp": udp_table, "spread": spread_table, "flood": flood_table, "tcp": tcp_table,
            "connections": connections_table}
PLOTS = {"rules": plot_rules, "sets": plot_sets, "apply": plot_apply, "live": plot_live}


def main():
    results, docs = Results(sys.argv[1]), sys.argv[2]
    path = os.path.join(docs, "benchmarks.md")
    with open(path, encoding="utf-8") as file:
        document = file.read()
    for name, section in SECTIONS.items():
        document, found = re.subn(f"(<!-- {name} -->\n).*?(<!-- end -->)",
                                  lambda match, section=section: match[1] + section(results) + "\n" + match[2],
                                  document, flags=re.DOTALL)
        if found != 1:
            sys.exit(f"report: {path} has {found} places for {name}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(document)
    for name, plot in PLOTS.items():
        drawing = plot(results)
        if drawing:
            with open(os.path.join(docs, f"benchmarks-{name}.svg"), "w", encoding="utf-8") as file:
                file.write(drawing)


if __name__ == "__main__":
    main()
