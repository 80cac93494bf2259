#!/usr/bin/env python3
"""Loads and drops BPF programs until the kernel's ids of programs have reached a number.

usage: raise_ids.py NUMBER"""
import ctypes
import os
import struct
import sys

SYS_BPF = 321 if os.uname().machine == "x86_64" else 280  # asm/unistd.h
BPF_PROG_LOAD, BPF_OBJ_GET_INFO_BY_FD = 5, 15  # include/uapi/linux/bpf.h
BPF_PROG_TYPE_SOCKET_FILTER = 1

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    attributes = ctypes.create_string_buffer(attributes.ljust(128, b"\0"))
    result = libc.syscall(SYS_BPF, command, attributes, len(attributes) - 1)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def load():
    # r0 = 0; exit
    instructions = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xB7, 0, 0, 0, 0x95, 0, 0, 0))
    licence = ctypes.create_string_buffer(b"GPL")
    return bpf(BPF_PROG_LOAD, struct.pack("<IIQQ", BPF_PROG_TYPE_SOCKET_FILTER, 2, ctypes.addressof(instructions),
                                          ctypes.addressof(licence)))


def id_of(program):
    info = ctypes.create_string_buffer(256)
    bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack("<IIQ", program, len(info), ctypes.addressof(info)))
    return struct.unpack_from("<II", info)[1]


def main():
    least = int(sys.argv[1])
    program = load()
    now = id_of(program)
    os.close(program)
    for _ in range(least - now):
        os.close(load())
    program = load()
    print(f"the next BPF program has an id above {id_of(program)}")
    os.close(program)


main()
