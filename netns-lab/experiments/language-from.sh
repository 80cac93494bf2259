# shellcheck shell=bash
TITLE="the example policy, what the container sends: each rule, the default, and what is next to them"
DRIVERS=policyctl

experiment() {
	POLICY=$LAB_DIR/policies/web.policy
	packets_start
	for MODE in generic native; do
		say "XDP in $MODE mode"
		enforce attach --mode "$MODE"
		monitor_start "$VETH" log
		no_mail
		one_resolver
		feed_denied
		no_gre
		source_routed
		feed_logged
		[ "$MODE" = native ] || real_traffic
		undeny "$VETH"
	done
	packets_stop
}

no_mail() {
	local rule="deny from tcp dport 25" peer
	for peer in 198.19.9.9 2001:db8:9::9; do
		judged from "$peer" tcp/25 dropped "$rule"
		judged from "$peer" tcp/24 passed "default allow"
		judged from "$peer" tcp/26 passed "default allow"
		judged from "$peer" tcp/40000:25 passed "default allow"
		judged from "$peer" udp/25 passed "default allow"
	done
}

# No IPv6 packet has an IPv4 address as its peer: `peer not` an IPv4 address matches all of them.
one_resolver() {
	local rule="deny from udp dport 53 peer not 198.19.100.53"
	judged from 198.19.100.53 udp/53 passed "default allow"
	judged from 198.19.100.52 udp/53 dropped "$rule"
	judged from 198.19.100.54 udp/53 dropped "$rule"
	judged from 2001:db8:9::9 udp/53 dropped "$rule"
	judged from 198.19.100.54 udp/54 passed "default allow"
	judged from 198.19.100.54 tcp/53 passed "default allow"
}

feed_denied() {
	local rule="deny from any peer @feed log" what
	for what in tcp/443 udp/9 icmp/8 47 99; do
		judged from 198.19.200.0 "$what" dropped "$rule"
	done
	judged from 198.19.200.127 udp/9 dropped "$rule"
	judged from 198.19.200.128 udp/9 passed "default allow"
	judged from 198.19.199.255 udp/9 passed "default allow"
	judged from 198.19.201.7 tcp/443 dropped "$rule"
	judged from 198.19.201.6 tcp/443 passed "default allow"
	judged from 2001:db8:200:ff:ffff::1 udp/9 dropped "$rule"
	judged from 2001:db8:200:100:: udp/9 passed "default allow"
	judged from 2001:db8:201::7 icmpv6/128 dropped "$rule"
	judged from 2001:db8:201::8 icmpv6/128 passed "default allow"
	say "the first match decides: rules in front of the feed count its members too"
	judged from 198.19.201.7 tcp/25 dropped "deny from tcp dport 25"
	judged from 2001:db8:201::7 udp/53 dropped "deny from udp dport 53 peer not 198.19.100.53"
}

no_gre() {
	local peer
	for peer in 198.19.9.9 2001:db8:9::9; do
		judged from "$peer" 47 dropped "deny from gre"
		judged from "$peer" 46 passed "default allow"
		judged from "$peer" 48 passed "default allow"
	done
}

# The end of a source route is unknown, and an unknown peer matches every deny rule with a peer.
source_routed() {
	judged from 198.19.9.9 lsrr+tcp/24 dropped "deny from any peer @feed log"
	judged from 198.19.100.53 lsrr+udp/53 dropped "deny from udp dport 53 peer not 198.19.100.53"
	judged from 198.19.9.9 lsrr+tcp/25 dropped "deny from tcp dport 25"
}

# Nine kinds of probes above matched rule 5, that of the feed; so did one of the source-routed ones.
feed_logged() {
	local events feed="($CONTAINER(\.[0-9]+)? > 198\.19\.(20[01]|9)\.|$CONTAINER6(\.[0-9]+)? > 2001:db8:20[01]:)"
	monitor_end
	events=$(cut -d' ' -f2- <<<"$PRINTED") # without the time
	say "it printed:"
	uniq -c <<<"$events" | quote
	check "each packet that met the rule with log is told" $((10 * PACKETS)) \
		"$(grep -cE "^$VETH from DROP rule 5: .* IP6? $feed" <<<"$events")"
	check "and nothing else is" $((10 * PACKETS)) "$(wc -l <<<"$events")"
}

# With real stacks at both ends. No rule lets answers in: the direction `to` is closed.
real_traffic() {
	fetch_is 200 host "http://$HOST/"
	fetch_is 200 host "http://[$CONTAINER6]/"
	fetch_is timeout httpserver "http://$OUTSIDE:$TCP_PORT/"
}
