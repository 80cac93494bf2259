#!/bin/bash
# Lines of monitor: packets as tcpdump writes them, or intentionally different. The same frames go through tcpdump,
# through packet_text() alone, and through a real veth in both directions.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
HERE=$(cd "$(dirname "$0")" && pwd)
LINES_OF=$(dirname "$POLICYCTL")/packet_lines
need tcpdump /usr/bin/python3
/usr/bin/python3 -c 'import scapy' 2>/dev/null || skip "scapy is missing"

# Only the test sends here: neither end has an address.
new_netns host container
for netns in host container; do
	must inside "$netns" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
done
must ip -n host link add veth0 type veth peer name eth0 netns container
must ip -n host link set veth0 up
must ip -n container link set eth0 up
must wait_until 5 carries veth0
must wait_until 5 carries eth0 container

cd "$WORK" || exit 1
must /usr/bin/python3 "$HERE/packet_lines.py" same.pcap other.pcap
must test -x "$LINES_OF"
# tcpdump 4.99.5 says of a packet that is cut short how long it should be and is, before and policyctl: how much is missing.
tcpdump -nSt -r same.pcap 2>/dev/null |
	awk 'match($0, /^IP \[total length [0-9]+ > length [0-9]+\] \(invalid\) /) {
		$0 = "IP truncated-ip - " ($4 - $7) " bytes missing! " substr($0, RLENGTH + 1) }
		{ print }' >tcpdump.txt
check "tcpdump read them" 97 "$(wc -l <tcpdump.txt)"
"$LINES_OF" same.pcap >same.txt
check_same "common packets: as tcpdump -nS" "$(cat tcpdump.txt)" "$(cat same.txt)"
"$LINES_OF" other.pcap >other.txt

# In the order of packet_lines.py.
cat >wanted.txt <<'LINES'
vlan 7, p 3, IP 198.18.1.2.40000 > 198.18.0.2.9090: Flags [S], seq 1, win 1480, length 0
IP 198.18.1.2.40000 > 198.18.0.2.53: UDP, length 20
IP 198.18.1.2.40000 > 198.18.0.2.80: SCTP, length 16
IP 198.18.1.2.40000 > 198.18.0.2.80: DCCP, length 16
IP 198.18.1.2.40000 > 198.18.0.2.80: UDPLITE, length 8
IP 198.18.1.2 > 198.18.0.2: ip-proto-253, length 20
IP 198.18.1.2 > 198.18.0.2: gre (ip-proto-47), length 20
IP 198.18.1.2 > 198.18.0.2: frag (id 5, offset 1480) udp (ip-proto-17), length 20
IP 198.18.1.2.40000 > 198.18.0.2.9999: frag (id 5, offset 0, more) UDP, length 1992
IP6 2001:db8:1::2.40000 > 2001:db8::2.9999: frag (id 0x00000009, offset 0, length 41, more) UDP, length 33
IP6 2001:db8:1::2 > 2001:db8::2: frag (id 0x00000009, offset 1480, length 8)
IP6 2001:db8:1::2.40000 > 2001:db8::2.9090: DSTOPT Flags [S], seq 1, win 1480, length 0
ethertype 0x88cc (LLDP), length 60
ethertype 0x88b5, length 60
802.3, length 38: LLC, dsap 0x42 ssap 0x42 ctrl 0x03
IP bad-hlen 16, length 61
IP bad-len 12, length 61
IP6 2001:db8:1::2.40000 > 2001:db8::2.9999: HBH UDP, length 0
IP6 2001:db8:1::2 > 2001:db8::2: ICMP6, destination unreachable, unreachable prohibited 2001:db8:1::2, length 64
IP6 2001:db8:1::2 > 2001:db8::2: ICMP6, time exceeded (reassembly) for 2001:db8:1::2, length 64
IP6 2001:db8:1::2 > 2001:db8::2: ICMP6, multicast listener report, addr ff02::fb, length 24
IP6 2001:db8:1::2 > 2001:db8::2: ICMP6, multicast listener done, addr ff02::fb, length 24
LINES
check_same "the others: as we want them" "$(cat wanted.txt)" "$(cat other.txt)"

printf 'deny any\ndeny arp\n' >all.policy
does attach veth0 --policy all.policy
remember
cat tcpdump.txt wanted.txt >expected.txt

# Every frame, in order, and no other line.
check_seen() { # from|to NETNS DEVICE
	monitor seen veth0
	must inside "$2" "$HERE/replay.py" "$3" same.pcap
	must inside "$2" "$HERE/replay.py" "$3" other.pcap
	monitor_end seen
	check_same "packets $1 the container: a line each, in order" "$(cat expected.txt)" "$(sed 's/^.* | //' seen)"
	check "each with its direction, verdict and rule" "" \
		"$(grep -vE "^[0-9:]{8}\.[0-9]{6} veth0 $1 +DROP rule [12]: deny (any|arp)( \([a-z0-9-]+\))? \| " seen)"
	check "ARP has its own rule" "rule 2: deny arp" "$(sed -n 's/^.* DROP \(.*\) | ARP.*/\1/p' seen | sort -u)"
	check "what was not known of a foreign ethertype" "rule 1: deny any (ethertype)" \
		"$(sed -n 's/^.* DROP \(.*\) | ethertype.*/\1/p' seen | sort -u)"
}
check_seen from container eth0
check_seen to host veth0
check "as many as were counted" "$((2 * $(wc -l <expected.txt)))" "$(counted veth0 dropped)"
does detach veth0
finish
