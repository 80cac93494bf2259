#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""packet_lines.py SAME DIFFERENT: writes two capture files: packets that we write as tcpdump does, and
packets that we write otherwise by intention (docs/monitor.md)."""
import sys

from scapy.all import (ARP, Dot1Q, Ether, ICMP, ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest,
                       ICMPv6MLDMultAddrRec, ICMPv6MLDone, ICMPv6MLReport, ICMPv6MLReport2, ICMPv6ND_NA,
                       ICMPv6ND_NS, ICMPv6ND_RA, ICMPv6ND_Redirect, ICMPv6ND_RS, ICMPv6PacketTooBig,
                       ICMPv6TimeExceeded, IP, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                       IPv6ExtHdrHopByHop, PadN, Raw, TCP, UDP, wrpcap)

MAC = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}
A4, B4 = "198.18.1.2", "198.18.0.2"
A6, B6 = "2001:db8:1::2", "2001:db8::2"


def ether(packet, **fields):
    return Ether(**MAC, **fields) / packet


def ip4(packet, **fields):
    return ether(IP(src=A4, dst=B4, **fields) / packet)


def ip6(packet, **fields):
    return ether(IPv6(src=A6, dst=B6, **fields) / packet)


def tcp(flags, data=b"", **fields):
    return TCP(sport=40000, dport=9090, seq=1, ack=7 if "A" in flags else 0, window=1480, flags=flags,
               **fields) / Raw(data)


OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (5, 0)), ("NOP", None), ("WScale", 7)]
TCPS = [tcp("S"), tcp("SA", options=OPTIONS), tcp("A"), tcp("PA", b"hello"), tcp("FA"), tcp("R"), tcp("RA"),
        tcp("SEC"), tcp("FPU", urgptr=9), tcp(""), tcp("SF", b"odd"),
        tcp("A", options=[("NOP", None), ("NOP", None), ("SAck", (10, 20, 30, 40))])]
UDPS = [UDP(sport=40000, dport=9999), UDP(sport=40000, dport=9999) / Raw(b"x" * 33)]
INNER4 = [IP(src=B4, dst=A4) / UDP(sport=1000, dport=2000) / Raw(b"x" * 8),
          IP(src=B4, dst=A4) / TCP(sport=1000, dport=2000)]
INNER6 = [IPv6(src=B6, dst=A6) / UDP(sport=1000, dport=2000) / Raw(b"x" * 8),
          IPv6(src=B6, dst=A6) / TCP(sport=1000, dport=2000)]
UNREACHABLE = range(16)

SAME = (
    [ip4(one) for one in TCPS + UDPS] + [ip6(one) for one in TCPS + UDPS] +
    [ether(ARP(op=1, psrc=A4, pdst=B4, hwsrc=MAC["src"])),
     ether(ARP(op=1, psrc=A4, pdst=B4, hwsrc=MAC["src"], hwdst=MAC["dst"])),
     ether(ARP(op=1, psrc="0.0.0.0", pdst=B4, hwsrc=MAC["src"])),
     ether(ARP(op=2, psrc=A4, pdst=B4, hwsrc=MAC["src"])) / Raw(bytes(18)),
     ip4(ICMP(type=8, id=7, seq=3) / Raw(b"x" * 56)), ip4(ICMP(type=0, id=7, seq=3))] +
    [ip4(ICMP(type=3, code=code) / one) for code in UNREACHABLE if code != 4 for one in INNER4] +
    [ip4(ICMP(type=3, code=4, nexthopmtu=1400) / INNER4[0]), ip4(ICMP(type=3, code=4) / INNER4[0]),
     ip4(ICMP(type=5, code=0, gw=A4) / INNER4[0]), ip4(ICMP(type=5, code=1, gw=A4) / INNER4[0]),
     ip4(ICMP(type=4) / INNER4[0]), ip4(ICMP(type=11, code=0) / INNER4[0]),
     ip4(ICMP(type=11, code=1) / INNER4[0]), ip4(ICMP(type=12, ptr=5) / INNER4[0]),
     ip4(ICMP(type=10)), ip4(ICMP(type=13, id=1, seq=2)), ip4(ICMP(type=17)),
     ip6(ICMPv6EchoRequest(id=7, seq=3, data=b"x" * 56)), ip6(ICMPv6EchoReply(id=7, seq=3))] +
    [ip6(ICMPv6DestUnreach(code=code) / one) for code in (0, 2, 3, 4) for one in INNER6] +
    [ip6(ICMPv6PacketTooBig(mtu=1280) / INNER6[0]), ip6(ICMPv6TimeExceeded() / INNER6[0]),
     ip6(ICMPv6ND_NS(tgt=B6)), ip6(ICMPv6ND_NA(tgt=B6)), ip6(ICMPv6ND_RS()), ip6(ICMPv6ND_RA()),
     ip6(ICMPv6ND_Redirect(tgt=A6, dst=B6)),
     ip6(IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]) /
         ICMPv6MLReport2(records=[ICMPv6MLDMultAddrRec(dst="ff02::fb")]))] +
    [ip6(IPv6ExtHdrHopByHop() / ICMPv6EchoRequest(id=1, seq=1)), ip4(UDPS[1], len=128),
     ip4(Raw(b"x" * 16), proto=50), ip4(IP(src=B4, dst=A4) / UDPS[1])])

DIFFERENT = [
    ether(Dot1Q(vlan=7, prio=3) / IP(src=A4, dst=B4) / tcp("S"), type=0x8100),
    ip4(UDP(sport=40000, dport=53) / Raw(b"x" * 20)),
    ip4(Raw(b"\x9c\x40\0\x50" + bytes(12)), proto=132), ip4(Raw(b"\x9c\x40\0\x50" + bytes(12)), proto=33),
    ip4(Raw(b"\x9c\x40\0\x50" + bytes(12)), proto=136), ip4(Raw(b"x" * 20), proto=253),
    ip4(Raw(b"x" * 20), proto=47), ip4(Raw(b"x" * 20), proto=17, id=5, frag=185),
    ip4(UDP(sport=40000, dport=9999, len=2000) / Raw(b"x" * 24), flags="MF", id=5),
    ip6(IPv6ExtHdrFragment(id=9, offset=0, m=1) / UDPS[1]),
    ip6(IPv6ExtHdrFragment(id=9, offset=185, nh=17) / Raw(b"x" * 8)),
    ip6(IPv6ExtHdrDestOpt() / TCPS[0]),
    ether(Raw(b"\x02\x07\x04" + bytes(43)), type=0x88cc), ether(Raw(bytes(46)), type=0x88b5),
    ether(Raw(b"\x42\x42\x03" + bytes(35)), type=38),
    ip4(UDPS[1], ihl=4), ip4(UDPS[1], len=12), ip6(IPv6ExtHdrHopByHop() / UDPS[0]),
    ip6(ICMPv6DestUnreach(code=1) / INNER6[0]), ip6(ICMPv6TimeExceeded(code=1) / INNER6[0]),
    ip6(ICMPv6MLReport(mladdr="ff02::fb")), ip6(ICMPv6MLDone(mladdr="ff02::fb")),
]

wrpcap(sys.argv[1], SAME)
wrpcap(sys.argv[2], DIFFERENT)
