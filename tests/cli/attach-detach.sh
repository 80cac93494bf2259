#!/bin/bash
# attach --deny tcp stops TCP in both directions, IPv4 and IPv6, and nothing else; counters are exact; detach restores
# TCP and leaves the device as it was.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl /usr/bin/python3

new_rooms
serve host 80
serve container 80

ways() { # check_true|check_false TEXT FUNCTION [TIME]
	"$1" "$2: container to host, IPv4" "$3" container 198.18.0.1:80 "${4:-}"
	"$1" "$2: container to host, IPv6" "$3" container "[2001:db8::1]:80" "${4:-}"
	"$1" "$2: host to container, IPv4" "$3" host 198.18.0.2:80 "${4:-}"
	"$1" "$2: host to container, IPv6" "$3" host "[2001:db8::2]:80" "${4:-}"
}
ways_ping() { # TEXT
	check_true "$1: container pings host, IPv4" pings container 198.18.0.1
	check_true "$1: container pings host, IPv6" pings container 2001:db8::1
	check_true "$1: host pings container, IPv4" pings host 198.18.0.2
	check_true "$1: host pings container, IPv6" pings host 2001:db8::2
}

say "before"
ways check_true "before: TCP works" fetch
before=$(snapshot)

say "attached"
does attach veth0 --deny tcp
remember
check_match "attach says that it enforces" '^veth0: enforcing 1 rule, default from allow, to allow$' "$OUT"
check_match "attach names the XDP program and its mode" \
	"xdp program $(xdp_id veth0) policyctl_xdp, generic mode" "$OUT"
check_match "attach names the tc program" "tc program $(tc_id veth0) policyctl_tc, clsact egress" "$OUT"
check "attach says nothing on stderr" "" "$ERR"
check_match "ip link shows XDP in generic mode" xdpgeneric "$(ip -n host link show dev veth0)"
ways check_false "attached: no TCP" fetch 0.3
ways_ping "attached"

say "exact counts: the policy again from the beginning"
does detach veth0
does attach veth0 --deny tcp
remember
check_arrives "of 7 SYNs each none arrives, of 7 echo requests all" from 7 \
	"4:tcp/80 0" "6:tcp/80 0" "4:icmp/8 7" "6:icmpv6/128 7"
check_arrives "of 5 SYNs each none arrives, of 5 echo requests all" to 5 \
	"4:tcp/80 0" "6:tcp/80 0" "4:icmp/8 5" "6:icmpv6/128 5"
policyctl stats veth0 --json
check "stats counts by rule and direction" '{"from":14,"to":10}' \
	"$(jq -c '.[0].counters[] | select(.id) | {from: .from.packets, to: .to.packets}' <<<"$OUT")"
check "stats counts by direction" '{"from":14,"to":10}' \
	"$(jq -c '.[0] | {from: .from.dropped.packets, to: .to.dropped.packets}' <<<"$OUT")"
# A frame of the probe: 14 + 20 + 20 + 16 bytes with IPv4, 20 more with IPv6.
check "stats counts bytes of whole frames" '{"from":1120,"to":800}' \
	"$(jq -c '.[0] | {from: .from.dropped.bytes, to: .to.dropped.bytes}' <<<"$OUT")"
check "what passed is counted too" true \
	"$(jq '.[0] | .from.passed.packets >= 14 and .to.passed.packets >= 10' <<<"$OUT")"
policyctl stats veth0
check_match "the table of stats says the same of the rule, from" \
	'^veth0 +from +drop +14 +1120 +1 +deny .*tcp' "$OUT"
check_match "and to" '^veth0 +to +drop +10 +800 +1 ' "$OUT"
policyctl show veth0
check_match "show prints the rule with its counts" \
	'^deny .*tcp .*# id 1, from: 14 packets 1120 bytes, to: 10 packets 800 bytes' "$OUT"
policyctl list --json
check "list counts the drops" '["veth0",true]' "$(jq -c '.[0] | [.interface, .enforcing]' <<<"$OUT")"
policyctl list
check_match "the table of list too" '^veth0 .* enforcing +generic .* 14 +10 ' "$OUT"

say "detached"
does detach veth0
check "detach says so" "veth0: detached" "$OUT"
check_same "ip link, tc qdisc, tc filter and /sys/fs/bpf are as before attach" "$before" "$(snapshot)"
ways check_true "after: TCP works" fetch
ways_ping "after"
finish
