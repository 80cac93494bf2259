#!/usr/bin/env python3
"""The rules of Markdown files:

- A line has at most 120 columns, in code blocks too. Lines of tables are excluded, since a row cannot be broken; text
  that is no table does not belong in one.
- A link within the tree leads to a file that is there, and to a heading that is there.
- A path of the tree in the text, such as `kern/abi.h`, is that of a file.
- docs/architecture.md has the floors of includes.py, a row for each room, and names only files that are in that room.
"""
import pathlib
import re
import subprocess
import sys

WIDTH = 120
LINK = re.compile(r"\]\(([^()\s]+)\)")
CODE = re.compile(r"^(?: {4}|\t).*$|`[^`\n]*`", re.M)
PATH = re.compile(r"(?<![\w./-])(?:kern|policy|loader|netns-lab|packaging|tests|docs)/[\w./-]+"
                  r"\.(?:bpf\.c|[ch]|sh|py|md|policy)\b")
HOUSE = pathlib.Path("docs/architecture.md")


def files():
    """All but what builds leave."""
    return [path for path in sorted(pathlib.Path().glob("**/*.md")) if not path.parts[0].startswith((".", "build"))]


def anchors(text):
    """The anchors of headings, as forges make them: lower case, blanks to hyphens, no punctuation."""
    seen = {}
    for heading in re.findall(r"^#+ +(.+?) *$", text, re.M):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        seen[name] = seen.get(name, -1) + 1
        yield name if not seen[name] else f"{name}-{seen[name]}"


def wide_lines(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > WIDTH and not line.startswith("|"):
            yield f"{path}:{number}: {len(line)} columns, {WIDTH} are the most"


def broken_links(path, text):
    for target in LINK.findall(CODE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        other = path.parent / name if name else path
        if not other.exists():
            yield f"{path}: the link {target} leads nowhere"
        elif anchor and anchor not in anchors(other.read_text(encoding="utf-8")):
            yield f"{path}: the link {target}: there is no such heading"


def missing_files(path, text):
    for name in sorted(set(PATH.findall(text))):
        if not pathlib.Path(name).exists():
            yield f"{path}: there is no {name}"


def house_faults(text):
    listed = subprocess.run([sys.executable, "tests/house/includes.py", "--list"],
                            capture_output=True, text=True, check=False).stdout
    floors = [line for line in listed.split("\n") if re.match(r" ?\d+  \S", line)]
    if "\n".join("    " + line for line in floors) not in text:
        yield f"{HOUSE}: the floors are not those of tests/house/includes.py --list"
    rooms = dict(re.findall(r"^\| `((?:kern|policy|loader)/[a-z/]*)` \| (.*) \|$", text, re.M))
    for line in floors:
        for room in line.split()[1:]:
            if room not in rooms:
                yield f"{HOUSE}: no row for the room {room}"
    for room, row in rooms.items():
        for name in re.findall(r"`([a-z0-9_]+(?:\.bpf)?(?:\.[ch])?)`", row):
            if not list(pathlib.Path(room).glob(name + "*")):
                yield f"{HOUSE}: {room} has no file {name}"


def main():
    faults = []
    for path in files():
        text = path.read_text(encoding="utf-8")
        faults += wide_lines(path, text)
        faults += broken_links(path, text)
        faults += missing_files(path, text)
    faults += house_faults(HOUSE.read_text(encoding="utf-8"))
    print("\n".join(faults))
    return bool(faults)


sys.exit(main())
