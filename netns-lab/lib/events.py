"""events.py RING: the packets that `log` rules put into the ring buffer since it was last read, one a line.

DIRECTION passed|dropped by rule NUMBER: SOURCE > DESTINATION protocol NUMBER
"""
import ctypes
import socket
import struct
import sys

EVENT = struct.Struct("=QQIIIHBB")  # struct pctl_event of kern/abi.h
PASS, SLOT_RULES, LOG = 1, 8, 0x80000000
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


def addresses(frame):
    if frame[12:14] == b"\x86\xdd":
        ends, protocol = (frame[22:38], frame[38:54]), frame[20]
        return [socket.inet_ntop(socket.AF_INET6, end) for end in ends] + [protocol]
    return [socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]), frame[23]]


def show(_context, data, size):
    event = ctypes.string_at(data, size)
    _, _, _, outcome, _, captured, direction, _ = EVENT.unpack_from(event)
    verdict = "passed" if (outcome & ~LOG) >> 24 == PASS else "dropped"
    rule = (outcome & 0xFFFFFF) - SLOT_RULES + 1
    source, destination, protocol = addresses(event[EVENT.size:EVENT.size + captured])
    print(f"{('from', 'to')[direction]} {verdict} by rule {rule}: {source} > {destination} protocol {protocol}")
    return 0


bpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
bpf.ring_buffer__new.restype = ctypes.c_void_p
bpf.ring_buffer__new.argtypes = (ctypes.c_int, CALLBACK, ctypes.c_void_p, ctypes.c_void_p)
bpf.ring_buffer__consume.argtypes = (ctypes.c_void_p,)
on_event = CALLBACK(show)
ring = bpf.ring_buffer__new(bpf.bpf_obj_get(sys.argv[1].encode()), on_event, None, None)
if not ring or bpf.ring_buffer__consume(ring) < 0:
    sys.exit(f"{sys.argv[1]}: error {ctypes.get_errno()}")
