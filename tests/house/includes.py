#!/usr/bin/env python3
"""The floors of the house: a file includes only what stands below it, or what is in its own room.

usage: includes.py [--list]    --list prints the floors and the arrows between rooms"""
import collections
import pathlib
import re
import sys

# From the top. Rooms on one floor know nothing of each other.
FLOORS = [
    ["loader/cli"],
    ["loader/daemon"],
    ["loader/reconcile", "loader/report"],
    ["loader/desired", "loader/doctor", "loader/events", "loader/learn", "loader/map", "loader/stats"],
    ["loader/explain", "loader/target"],
    ["loader/show"],
    ["loader/attach"],
    ["loader/connections", "loader/history"],
    ["loader/kernel"],
    ["loader/netlink", "loader/engine", "loader/packets"],
    ["loader/base"],
    ["policy/check"],
    ["policy/evaluate", "policy/compile"],
    ["policy/text"],
    ["policy"],
    ["kern"],
]
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)


def sources():
    for top in ("kern", "policy", "loader"):
        yield from sorted(path for path in pathlib.Path(top).rglob("*.[ch]"))


def main():
    floor_of = {room: number for number, rooms in enumerate(reversed(FLOORS), 1) for room in rooms}
    room_of, faults, arrows = {}, [], collections.Counter()
    for path in sources():
        room = str(path.parent)
        if room not in floor_of:
            faults.append(f"{path}: {room}/ is on no floor of tests/house/includes.py")
        if path.suffix == ".h" and path.name in room_of:
            faults.append(f"{path}: another room has a header of this name")
        if path.suffix == ".h":
            room_of[path.name] = room
    for path in sources():
        room = str(path.parent)
        for name in INCLUDE.findall(path.read_text()):
            other = room_of.get(name)
            if other is None or other == room:
                continue
            arrows[room, other] += 1
            if room != "kern" and other == "kern" and name != "abi.h":
                faults.append(f"{path} includes {name}: of kern/ others see abi.h alone")
            elif floor_of.get(other, 0) >= floor_of.get(room, 99):
                faults.append(f"{path} (floor {floor_of[room]}) includes {name} of {other}/ (floor {floor_of[other]})")
    if "--list" in sys.argv:
        for rooms in FLOORS:
            print(f"{floor_of[rooms[0]]:2}  " + "  ".join(room + "/" for room in rooms))
        print(f"{len(floor_of)} rooms on {len(FLOORS)} floors, {len(arrows)} arrows between rooms")
    print("\n".join(faults))
    return bool(faults)


sys.exit(main())
