#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""replayed_answer.py WORLD CONTAINER: WORLD sends a datagram that is rejected, and waits for the answer. Then CONTAINER
sends the same frame itself, and once more with another last byte. Prints how often WORLD receives the answer, and what
differs from it."""
import ctypes
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3


def packet_socket(netns):
    with open("/run/netns/" + netns, encoding="ascii") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), netns)
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.bind(("eth0", ETH_P_ALL))
    return end


def total(data):
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return 0xffff - s


def datagram(source, destination):
    data = struct.pack("!HHHH", 4444, 81, 16, 0) + b"question"
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 36, 7, 0, 64, 17, 0, bytes([198, 18, 0, 77]), bytes([198, 18, 0, 78]))
    return destination + source + b"\x08\x00" + header[:10] + struct.pack("!H", total(header)) + header[12:] + data


def errors(end, seconds):
    """The ICMP errors that arrive meanwhile."""
    found = []
    stop = time.monotonic() + seconds
    while (left := stop - time.monotonic()) > 0:
        end.settimeout(left)
        try:
            data, address = end.recvfrom(4096)
        except TimeoutError:
            break
        if address[2] != socket.PACKET_OUTGOING and data[12:14] == b"\x08\x00" and data[23] == 1:
            found.append(data)
    return found


world, container = (packet_socket(netns) for netns in sys.argv[1:])
world.send(datagram(world.getsockname()[4], container.getsockname()[4]))
answers = errors(world, 0.3)
for answer in answers[:1]:
    container.send(answer)
    container.send(answer[:-1] + b"!")
replayed = errors(world, 0.3)
print(len(answers), replayed.count(answers[0]) if answers else 0, len([r for r in replayed if r not in answers]))
