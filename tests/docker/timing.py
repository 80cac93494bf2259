#!/usr/bin/python3
"""How long things took at the starts of containers: from the daemon's log and the containers' records.

    timing.py LOG RECORDS NAME...

Prints, for these containers: the times after NEWLINK as the daemon measured them, and how long before main() each
was done. Fails if one of them was neither held nor judged before its main(). A policy that came before the gate has no
time of the gate.
"""
import datetime
import json
import pathlib
import sys

BOUNDS = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]


def nanoseconds(time):
    """Of RFC 3339, as the log has it."""
    moment = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86400 + since.seconds) * 10**9 + since.microseconds * 1000


def read_log(path):
    lines = []
    for line in path.read_text().splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            pass
    return lines


def main_of(record):
    return json.loads(record.read_text().splitlines()[0])["main"]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def bars(values):
    lower = None
    for bound in BOUNDS + [None]:
        count = sum(1 for value in values if (lower is None or value > lower) and (bound is None or value <= bound))
        if count:
            label = f"<= {bound:g}" if bound is not None else f"> {lower:g}"
            print(f"#   {label:>8} ms {count:5} {'*' * max(1, round(50 * count / len(values)))}")
        lower = bound


def report(title, values):
    if not values:
        print(f"# {title}: nothing")
        return
    numbers = "  ".join(
        f"{name} {value:.2f}"
        for name, value in [("min", min(values)), ("p50", percentile(values, 0.5)), ("p90", percentile(values, 0.9)),
                            ("p99", percentile(values, 0.99)), ("max", max(values))])
    print(f"# {title}, ms, {len(values)} starts: {numbers}")
    bars(values)


def main():
    log = read_log(pathlib.Path(sys.argv[1]))
    records = pathlib.Path(sys.argv[2])
    policies = {line["container"]: line for line in log if line.get("message") == "policy in force"}
    gate_ms, policy_ms, gate_margin, policy_margin, late = [], [], [], [], []
    for name in sys.argv[3:]:
        policy = policies.get(name)
        if not policy or "newlink_ms" not in policy:
            late.append(name)
            continue
        policy_ms.append(float(policy["newlink_ms"]))
        policy_margin.append((main_of(records / name) - nanoseconds(policy["time"])) / 1e6)
        margin = policy_margin[-1]
        if "gate_ms" in policy:
            gate_ms.append(float(policy["gate_ms"]))
            margin += policy_ms[-1] - gate_ms[-1]
            gate_margin.append(margin)
        if margin <= 0:
            late.append(name)
    report("gate closed after NEWLINK", gate_ms)
    report("policy in force after NEWLINK", policy_ms)
    report("gate closed before main()", gate_margin)
    report("policy in force before main()", policy_margin)
    if late:
        print(f"not held before main(): {' '.join(late)}")
    return 1 if late else 0


sys.exit(main())
