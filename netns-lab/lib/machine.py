"""machine.py TAP ADDRESS FIFO: a machine behind a tap device, as an emulator would hold it.

It answers ARP, ping and SYNs. Each line "ADDRESS PORT COUNT" written to the FIFO makes it send that many SYNs;
when the answers had their time it prints "done: N of COUNT answered".
"""
import fcntl
import os
import select
import socket
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
BROADCAST, MAC = b"\xff" * 6, bytes.fromhex("02c6120104aa")
ARP, IPV4, ICMP, TCP = 0x0806, 0x0800, 1, 6
SYN, RST, ACK = 0x02, 0x04, 0x10
ANSWER_TIME = 0.5  # seconds


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(destination, ethertype, payload):
    return destination + MAC + struct.pack("!H", ethertype) + payload


def ipv4(source, destination, protocol, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, source, destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def tcp(source, destination, ports, seq, ack, flags):
    head = struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 1480, 0, 0)
    pseudo = source + destination + struct.pack("!HH", TCP, len(head))
    return head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]


class Machine:
    def __init__(self, device, address):
        self.address = socket.inet_aton(address)
        self.tap = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.tap, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
        self.neighbours = {}
        self.waiting = set()  # our ports whose SYN has no answer yet
        self.next_port = 40000

    def send(self, frame):
        os.write(self.tap, frame)

    def arp(self, operation, mac, address):
        fixed = struct.pack("!HHBBH", 1, IPV4, 6, 4, operation)
        self.send(ethernet(mac, ARP, fixed + MAC + self.address + mac + address))

    def receive(self, frame):
        ethertype, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
        if ethertype == ARP and packet[24:28] == self.address:
            self.neighbours[packet[14:18]] = packet[8:14]
            if packet[7] == 1:
                self.arp(2, packet[8:14], packet[14:18])
        elif ethertype == IPV4 and packet[16:20] == self.address:
            self.receive_ipv4(frame[6:12], packet)

    def receive_ipv4(self, mac, packet):
        peer, size = packet[12:16], (packet[0] & 15) * 4
        payload = packet[size:struct.unpack_from("!H", packet, 2)[0]]
        if packet[9] == ICMP and payload[0] == 8:
            reply = b"\0\0" + struct.pack("!H", checksum(b"\0\0\0\0" + payload[4:])) + payload[4:]
            self.send(ethernet(mac, IPV4, ipv4(self.address, peer, ICMP, reply)))
        elif packet[9] == TCP:
            self.receive_tcp(mac, peer, payload)

    def receive_tcp(self, mac, peer, segment):
        source, destination, seq, ack, _, flags = struct.unpack_from("!HHIIBB", segment)
        if flags & ACK:
            self.waiting.discard(destination)
        if flags & RST:
            return
        if flags & ACK:  # as a kernel does with a SYN-ACK it did not ask for: no more of them
            seq, ack, flags = ack, 0, RST
        else:  # nothing listens here, but RST is an answer
            seq, ack, flags = 0, seq + 1 & 0xFFFFFFFF, RST | ACK
        answer = tcp(self.address, peer, (destination, source), seq, ack, flags)
        self.send(ethernet(mac, IPV4, ipv4(self.address, peer, TCP, answer)))

    def listen(self, seconds, until=lambda: False):
        end = time.monotonic() + seconds
        while not until() and (left := end - time.monotonic()) > 0:
            if select.select([self.tap], [], [], left)[0]:
                self.receive(os.read(self.tap, 65536))

    def probe(self, address, port, count):
        peer = socket.inet_aton(address)
        self.arp(1, BROADCAST, peer)
        self.listen(ANSWER_TIME, lambda: peer in self.neighbours)
        for _ in range(count):
            self.next_port += 1
            self.waiting.add(self.next_port)
            syn = tcp(self.address, peer, (self.next_port, port), 1, 0, SYN)
            self.send(ethernet(self.neighbours[peer], IPV4, ipv4(self.address, peer, TCP, syn)))
        self.listen(ANSWER_TIME, lambda: not self.waiting)
        print(f"done: {count - len(self.waiting)} of {count} answered", flush=True)
        self.waiting.clear()

    def run(self, fifo):
        orders = os.open(fifo, os.O_RDWR)  # for reading; as a writer too, so that it never ends
        while True:
            ready = select.select([self.tap, orders], [], [])[0]
            if self.tap in ready:
                self.receive(os.read(self.tap, 65536))
            if orders in ready:
                for line in os.read(orders, 4096).decode().splitlines():
                    address, port, count = line.split()
                    self.probe(address, int(port), int(count))


Machine(sys.argv[1], sys.argv[2]).run(sys.argv[3])
