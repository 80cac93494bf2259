# shellcheck shell=bash
TITLE="sport, not, lists of peers, rules of both directions, arp: each proven by packets"
DRIVERS=policyctl

experiment() {
	POLICY=$LAB_DIR/policies/words.policy
	packets_start
	enforce attach
	to_the_container
	from_the_container
	packets_stop
	undeny "$VETH"
	no_arp
}

to_the_container() {
	local both="deny udp sport 123" low="deny to tcp sport 0-1023 peer not { 2001:db8:60::1, @office }" peer
	for peer in 198.19.9.9 2001:db8:9::9; do
		judged to "$peer" udp/9:123 dropped "$both"
		judged to "$peer" udp/123:124 passed "default allow"
		judged to "$peer" tcp/9:123 dropped "$low"
		judged to "$peer" tcp/9:1023 dropped "$low"
		judged to "$peer" tcp/9:1024 passed "default allow"
	done
	for peer in 198.19.100.255 2001:db8:100::1 2001:db8:60::1; do
		judged to "$peer" tcp/9:1023 passed "default allow"
	done
	judged to 2001:db8:60::2 tcp/9:1023 dropped "$low"
	judged to 198.19.101.0 tcp/9:1023 dropped "$low"
	protocols_and_peers to
}

from_the_container() {
	local first="allow from any peer { 198.19.60.1, @office }" peer
	judged from 198.19.9.9 udp/9:123 dropped "deny udp sport 123"
	judged from 2001:db8:9::9 udp/9:123 dropped "deny udp sport 123"
	judged from 198.19.9.9 udp/9:122 passed "default allow"
	say "an allow rule in front of it"
	for peer in 198.19.100.9 2001:db8:100::9 198.19.60.1; do
		judged from "$peer" udp/9:123 passed "$first"
		judged from "$peer" tcp/22 passed "$first"
	done
	judged from 198.19.60.2 udp/9:123 dropped "deny udp sport 123"
	all_but_web
	protocols_and_peers from
	pings_stay_near
}

all_but_web() {
	local rule="deny from tcp dport not { 80, 443 } peer 198.19.48.0/20" port peer
	for port in 79 81 442 444 0 65535; do
		judged from 198.19.48.1 "tcp/$port" dropped "$rule"
	done
	judged from 198.19.63.255 tcp/22 dropped "$rule"
	judged from 198.19.48.1 tcp/80 passed "default allow"
	judged from 198.19.48.1 tcp/443 passed "default allow"
	judged from 198.19.48.1 udp/22 passed "default allow"
	for peer in 198.19.47.255 198.19.64.0 2001:db8:48::1; do
		judged from "$peer" tcp/22 passed "default allow"
	done
}

# 198.19.100.7 is in the office, which the first rule passes in direction `from`.
protocols_and_peers() { # DIRECTION
	local rule="deny { 99, sctp } peer { 198.19.100.7, 2001:db8:60::/64 }" what
	for what in 132 99; do
		judged "$1" 2001:db8:60::5 "$what" dropped "$rule"
		judged "$1" 2001:db8:60:1:: "$what" passed "default allow"
		if [ "$1" = to ]; then
			judged to 198.19.100.7 "$what" dropped "$rule"
			judged to 198.19.100.6 "$what" passed "default allow"
		else
			judged from 198.19.100.7 "$what" passed "allow from any peer { 198.19.60.1, @office }"
		fi
	done
	judged "$1" 2001:db8:60::5 100 passed "default allow"
}

pings_stay_near() {
	local rule="deny from icmp type echo-request peer not 198.19.0.0/16"
	judged from 198.18.0.2 icmp/8 dropped "$rule"
	judged from 198.19.255.255 icmp/8 passed "default allow"
	judged from 198.18.0.2 icmp/0 passed "default allow"
	judged from 2001:db8:9::9 icmpv6/128 passed "default allow"
}

# A container that may not send ARP is not found by IPv4; by IPv6 it is.
no_arp() {
	POLICY=$LAB_STATE/arp.policy
	echo "deny from arp" >"$POLICY"
	enforce attach
	must_in host ip neigh flush dev docker0
	must_in host ip -6 neigh flush dev docker0
	ping_is lost host "$CONTAINER"
	ping_is answered host "$CONTAINER6"
	SAW=$(counted_since from)
	check_match "the rule counted ARP" '[0-9]+ by deny from arp' "$SAW"
	undeny "$VETH"
	must_in host ip neigh flush dev docker0 # the question that is open gives up some time, with the pings that wait for it
	ping_is answered host "$CONTAINER"
}
