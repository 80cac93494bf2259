"""queue.py NUMBER FILE [PORT]: a program that iptables' NFQUEUE asks about each packet.

It writes what it was asked to FILE, as a capture, and says yes; no to UDP to PORT. What it said no to is printed,
"drop SOURCE > DESTINATION", and its last line is "end", after SIGTERM. By raw netlink (nfnetlink_queue.h), as
libnetfilter_queue does it.
"""
import ipaddress
import signal
import socket
import struct
import sys
import time

NETLINK_NETFILTER, QUEUE, REQUEST = 12, 3, 1
PACKET, VERDICT, CONFIG = 0, 1, 2  # nfqnl_msg_types
CFG_CMD, CFG_PARAMS, CMD_BIND, COPY_PACKET = 1, 2, 1, 2
PACKET_HDR, PAYLOAD, VERDICT_HDR = 1, 10, 2  # nfqnl_attr_type, nfqnl_vattr_type
DROP, ACCEPT = 0, 1
RAW_IP = 101  # of captures: no link layer


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def message(kind, queue, *attributes):
    body = struct.pack("!BBH", 0, 0, queue) + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(body), QUEUE << 8 | kind, REQUEST, 0, 0) + body


def attributes_of(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3FFF, data[4:length]
        data = data[length + -length % 4:]


def addresses(packet):
    if packet[0] >> 4 == 4:
        return ipaddress.ip_address(packet[12:16]), ipaddress.ip_address(packet[16:20])
    return ipaddress.ip_address(packet[8:24]), ipaddress.ip_address(packet[24:40])


def is_udp_to(packet, port):
    size = (packet[0] & 15) * 4
    return packet[0] >> 4 == 4 and packet[9] == 17 and struct.unpack_from("!H", packet, size + 2)[0] == port


class Queue:
    def __init__(self, number, capture, port):
        self.number, self.capture, self.port = number, capture, port
        self.netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.netlink.send(message(CONFIG, number, attribute(CFG_CMD, struct.pack("!BBH", CMD_BIND, 0, 0))))
        self.netlink.send(message(CONFIG, number, attribute(CFG_PARAMS, struct.pack("!IB", 0xFFFF, COPY_PACKET))))
        capture.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, RAW_IP))

    def asked(self, body):
        found = dict(attributes_of(body[4:]))
        packet, verdict = found[PAYLOAD], ACCEPT
        if is_udp_to(packet, self.port):
            verdict = DROP
            print("drop", " > ".join(map(str, addresses(packet))), flush=True)
        now = time.time()
        self.capture.write(struct.pack("=IIII", int(now), int(now % 1 * 1e6), len(packet), len(packet)) + packet)
        answer = struct.pack("!II", verdict, struct.unpack_from("!I", found[PACKET_HDR])[0])
        self.netlink.send(message(VERDICT, self.number, attribute(VERDICT_HDR, answer)))

    def run(self):
        print("listening", flush=True)
        while True:
            data = self.netlink.recv(1 << 17)
            while len(data) >= 16:
                length, kind = struct.unpack_from("=IH", data)
                if kind == QUEUE << 8 | PACKET:
                    self.asked(data[16:length])
                data = data[length + -length % 4:]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with open(sys.argv[2], "wb") as capture:
        try:
            Queue(int(sys.argv[1]), capture, int(sys.argv[3]) if len(sys.argv) > 3 else 0).run()
        finally:
            print("end", flush=True)


main()
