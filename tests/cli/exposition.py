#!/usr/bin/env python3
"""Reads the text format of Prometheus, version 0.0.4, and says what is wrong in it; prints the samples as JSON.

https://prometheus.io/docs/instrumenting/exposition_formats/, and what `promtool check metrics` asks for.
"""
import json
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def wrong(number, line, why):
    sys.exit(f"line {number}: {why}: {line}")


def labels_of(text):
    pairs = re.findall(LABEL, text or "")
    labels = {name: re.sub(r'\\[\\"n]', lambda m: ESCAPES[m[0]], value) for name, value in pairs}
    return labels if len(labels) == len(pairs) else None


def main():
    data = sys.stdin.buffer.read().decode("utf-8")  # or it is not the format
    if not data.endswith("\n"):
        sys.exit("the last line does not end")
    helped, types, finished, samples, seen, current = {}, {}, set(), [], set(), None
    for number, line in enumerate(data[:-1].split("\n"), 1):
        if line.startswith("# "):
            match = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.+)", line)
            if not match:
                wrong(number, line, "neither HELP nor TYPE")
            kind, name, rest = match.groups()
            known = helped if kind == "HELP" else types
            if name in known:
                wrong(number, line, "said twice")
            known[name] = rest
            if kind == "HELP":
                if current:
                    finished.add(current)
                current = name
            elif name != current or rest not in ("counter", "gauge"):
                wrong(number, line, "a TYPE without its HELP, or of no kind we know")
            continue
        match = SAMPLE.fullmatch(line)
        if not match:
            wrong(number, line, "not a sample")
        name, value = match[1], match[match.lastindex]
        labels = labels_of(match[2])
        if labels is None:
            wrong(number, line, "a label twice")
        if name != current or name not in types or name in finished:
            wrong(number, line, "not with its TYPE")
        if (types[name] == "counter") != name.endswith("_total"):
            wrong(number, line, "counters, and only they, end in _total")
        if not re.fullmatch(r"[0-9]+", value):
            wrong(number, line, "not a whole number")
        if (series := (name, tuple(sorted(labels.items())))) in seen:
            wrong(number, line, "a series twice")
        seen.add(series)
        samples.append({"name": name, "labels": labels, "value": int(value)})
    if helped.keys() != types.keys():
        sys.exit("a HELP without TYPE")
    json.dump(samples, sys.stdout)


main()
