#!/usr/bin/python3
"""Attaches a pinned program to TCX egress of an interface, or detaches it: neither ip nor older bpftools can.

tcx.py attach|detach PIN IFACE
"""
import ctypes
import os
import platform
import socket
import struct
import sys

BPF_OBJ_GET, BPF_PROG_ATTACH, BPF_PROG_DETACH = 7, 8, 9
BPF_TCX_EGRESS = 47  # include/uapi/linux/bpf.h, Linux 6.6
SYSCALL = {"x86_64": 321, "aarch64": 280}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    result = libc.syscall(SYSCALL, command, ctypes.create_string_buffer(attributes, 128), 128)
    if result < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return result


path = ctypes.create_string_buffer(sys.argv[2].encode())
program = bpf(BPF_OBJ_GET, struct.pack("=Q", ctypes.addressof(path)))
command = BPF_PROG_ATTACH if sys.argv[1] == "attach" else BPF_PROG_DETACH
bpf(command, struct.pack("=III", socket.if_nametoindex(sys.argv[3]), program, BPF_TCX_EGRESS))
