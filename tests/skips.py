#!/usr/bin/python3
"""What was skipped, of ctest's reports (JUnit), and whether tests/allowed-skips has it.

usage: skips.py ALLOWED REPORT...
Prints what may be skipped and why, and what was. Exit status 1 if something else was skipped.
"""
import fnmatch
import re
import sys
import xml.etree.ElementTree

# How tests say it: our scripts (TAP), our C programs, cmocka of one test among others.
SAYS = re.compile(r"^(?:1\.\.0|ok \d+.*?) # SKIP (.*)|^skipped: (.*)|^\[  SKIPPED \] (?!\d+ test)(.*)", re.M)


def allowed_skips(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield [field.strip() for field in line.split("|")]


def skips(report):
    """(test, reason) of each skip, also of those within a test that passed otherwise."""
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        said = case.findtext("system-out") or ""
        reasons = ["".join(match.groups("")) for match in SAYS.finditer(said)]
        if not reasons and case.find("skipped") is not None:
            reasons = ["it does not say why"]
        for reason in dict.fromkeys(reasons):
            yield case.get("name"), reason


def main():
    allowed = list(allowed_skips(sys.argv[1]))
    seen, refused = {}, []
    for report in sys.argv[2:]:
        for test, reason in skips(report):
            row = next((row for row in allowed
                        if fnmatch.fnmatchcase(test, row[0]) and fnmatch.fnmatchcase(reason, row[1])), None)
            if row:
                seen.setdefault(tuple(row), []).append(test)
            else:
                refused.append(f"{test}: {reason}")
    print("allowed:")
    for row in allowed:
        tests = sorted(set(seen.get(tuple(row), [])))
        print(f"  {row[0]}: {row[1]}\n    why: {row[2]}\n    here: {', '.join(tests) or 'not skipped'}")
    for line in refused:
        print(f"not allowed: {line}")
    sys.exit(1 if refused else 0)


main()
