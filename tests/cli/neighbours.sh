#!/bin/bash
# Foreign filters and clsact: attach names them, they go on running, detach leaves them.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3
new_rooms

foreign_egress() {
	must tc -n host filter add dev veth0 egress prio 5 bpf da obj "$POLICY_OBJECT" sec tc
}
foreign_ingress() {
	must tc -n host filter add dev veth0 ingress prio 3 protocol ip u32 match u32 0 0 classid 1:1
}
# How many packets the foreign egress filter passed: counter 1 of its own rule_stats (kern/abi.h).
foreign_count() {
	local program map
	program=$(tc -n host -j filter show dev veth0 egress | jq '.[] | select(.pref == 5) | .options.prog.id // empty')
	for map in $(maps_of "$program"); do
		[ "$(bpftool -j map show id "$map" | jq -r .name)" = rule_stats ] || continue
		bpftool -j map lookup id "$map" key 0 0 0 0 | jq '[.formatted.values[].value.counters[1].packets] | add'
	done
}

say "a clsact and filters that were there before"
must tc -n host qdisc add dev veth0 clsact
foreign_egress
foreign_ingress
before=$(snapshot)
does attach veth0 --deny tcp
remember
check_match "attach names the egress filter, which runs behind" \
	'neighbour +tc egress filter, priority 5, kind bpf, program [0-9]+ .*: sees what policyctl passed' "$OUT"
check_match "and the ingress filter" 'neighbour +tc ingress filter, priority 3, kind u32: ' "$OUT"
check "each once" 2 "$(grep -c neighbour <<<"$OUT")"
policyctl show veth0 --json
check "show --json names them" '[["egress",5],["ingress",3]]' \
	"$(jq -c '[.neighbours[] | [.hook, .priority]] | sort' <<<"$OUT")"
passed=$(foreign_count)
check_arrives "denied and allowed" to 4 "4:tcp/80 0" "4:udp/53 4"
check_true "the filter behind saw what passed: 4 datagrams and the ARP request at least" test "$(foreign_count)" -ge $((passed + 5))
check_arrives "denied and allowed" from 4 "4:tcp/80 0" "4:udp/53 4"
does apply veth0 --deny udp
remember
check_arrives "after apply" to 4 "4:tcp/80 4" "4:udp/53 0"
does detach veth0
check_same "detach leaves them, and the clsact" "$before" "$(snapshot)"
must tc -n host qdisc del dev veth0 clsact

say "filters that came after attach had made the clsact"
does attach veth0 --deny tcp
remember
foreign_egress
does detach veth0
check_match "detach leaves the clsact" clsact "$(tc -n host qdisc show dev veth0)"
check "with the filter of somebody else" 5 "$(tc -n host -j filter show dev veth0 egress | jq '[.[].pref] | unique[]')"
check "our XDP program is gone" 0 "$(xdp_id veth0)"
must tc -n host qdisc del dev veth0 clsact

say "an empty clsact that was there before"
must tc -n host qdisc add dev veth0 clsact
before=$(snapshot)
does attach veth0 --deny tcp
remember
does detach veth0
check_same "detach leaves it" "$before" "$(snapshot)"
must tc -n host qdisc del dev veth0 clsact

say "somebody takes our place"
does attach veth0 --deny tcp
remember
must tc -n host filter del dev veth0 egress prio 1 handle 1 bpf
foreign_filter veth0 1 1
foreign=$(tc_id veth0)
policyctl list --json
check "list says that the filter is missing" '["tc filter missing",false,false]' \
	"$(jq -c '.[0] | [.state, .enforcing, .tc.live]' <<<"$OUT")"
policyctl attach veth0 --deny tcp
check_match "attach does not replace it, and names it" "^1: .*another filter is at egress priority 1 .*program id $foreign" \
	"$STATUS: $ERR"
policyctl apply veth0 --deny udp
check "apply neither" 1 "$STATUS"
check "it is still there" "$foreign" "$(tc_id veth0)"
does detach veth0
check "detach leaves it" "$foreign" "$(tc_id veth0)"
check "and takes our XDP program off" 0 "$(xdp_id veth0)"
must tc -n host qdisc del dev veth0 clsact
say "somebody listens on the device"
listener() { # MODE
	local socket
	does attach veth0 --deny tcp --mode "$1"
	remember
	spawn host /usr/bin/python3 -c '
import socket, time
listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
listener.bind(("veth0", 3))
time.sleep(600)'
	socket=$!
	must wait_until 5 listening
	check_true "$1 mode, a packet socket on it: the container pings" pings container 198.18.0.1
	check_true "  and the host" pings host 2001:db8::2
	check_arrives "  denied is denied" from 2 "4:tcp/80 0" "4:udp/53 2"
	policyctl stats veth0 --json
	check "  the rule counts what it dropped, once" 2 "$(jq '.[0].from.dropped.packets' <<<"$OUT")"
	stop "$socket"
	does detach veth0
}
listening() { [ -n "$(in_host ss -H0)" ]; }
listener generic
listener native
finish
