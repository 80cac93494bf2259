#!/bin/bash
# stats --prometheus: the format is correct, the values are those of stats --json, and counters never shrink.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
EXPOSITION=$(dirname "$0")/exposition.py
new_netns host container other
new_veth veth0 container 0
# A name that needs escaping in a label.
new_veth 'v"e\th1' other 1

# Samples as JSON, from $OUT.
samples() {
	if ! python3 "$EXPOSITION" <<<"$OUT" >"$WORK/samples" 2>"$WORK/wrong"; then
		fail "the format" "$(<"$WORK/wrong")"
	fi
}
of() { # NAME LABELS-AS-JSON: the value of one series
	jq --arg name "policyctl_$1" --argjson labels "$2" \
		'[.[] | select(.name == $name and (.labels + $labels == .labels)) | .value] | join(" ")' -r "$WORK/samples"
}
scrape() {
	policyctl stats --prometheus
	check "stats --prometheus: status 0" "0:" "$STATUS:$ERR"
	samples
}

scrape
check "nothing is attached: only that it is there" '["policyctl_build_info"]' "$(jq -c 'map(.name)' "$WORK/samples")"
does attach veth0 --allow to:tcp/80 --deny to:tcp --deny from:udp/53
does attach 'v"e\th1' --default deny --allow icmp --policy /dev/stdin <<<'deny to tcp dport { 1-9, 80, 443 } log'
remember
sent_from 7 4:udp/53 4:udp/54 >/dev/null
sent_to 5 4:tcp/80 4:tcp/81 >/dev/null
# An ethertype that is neither IP nor ARP: the first deny rule drops it.
must in_container /usr/bin/python3 -c '
import socket
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as device:
    device.bind(("eth0", 0))
    for _ in range(4):
        device.send(b"\xff" * 6 + b"\2\0\0\0\0\1" + b"\x88\xb5" + bytes(50))'

say "format"
scrape
if command -v promtool >/dev/null; then
	check_true "promtool check metrics" promtool check metrics <<<"$OUT"
fi
check_false "the test of the format would mind a HELP that is missing" python3 "$EXPOSITION" <<<'policyctl_x 1'
check "it knows two interfaces" '["v\"e\\th1","veth0"]' "$(jq -c 'map(.labels.interface | values) | unique' "$WORK/samples")"
check "no container" null "$(jq -c 'map(.labels.container) | unique | .[]' "$WORK/samples")"
check "version" "$("$POLICYCTL" version | grep -oE -m 1 '[0-9.]+' | head -n 1)" \
	"$(jq -r '.[] | select(.name == "policyctl_build_info") | .labels.version' "$WORK/samples")"
policyctl list --json
for field in enforcing:enforcing rules:rules attached_timestamp_seconds:attached_at changed_timestamp_seconds:changed_at \
	interface_index:ifindex; do
	check "${field%:*} is ${field#*:} of list --json" \
		"$(jq -r ".[] | select(.interface == \"veth0\").${field#*:} | if . == true then 1 else . end" <<<"$OUT")" \
		"$(of "${field%:*}" '{"interface": "veth0"}')"
done
policyctl stats veth0 --prometheus
samples
check "IFACE: only that one" '["veth0"]' "$(jq -c 'map(.labels.interface | values) | unique' "$WORK/samples")"

say "the same as stats --json"
# The counters of stats --json and of --prometheus, in the same form.
# shellcheck disable=SC2016 # jq's dollars, not the shell's
{
as_series='[.[] | .interface as $interface
	| (.counters[] | . as $row | (.from, .to | values) as $count
		| select($count) | [$interface, $row.kind, (if $row.audit then "would_" else "" end) + $row.verdict, ($row.id // "" | tostring), $row.text, $count.packets, $count.bytes]),
	  (("from", "to") as $d | .[$d]
		| (["allow", .passed], ["deny", .dropped], ["reject", .rejected], ["would_deny", .would_drop],
			["would_reject", .would_reject] | [$interface, $d, .[0], .[1].packets, .[1].bytes]),
		  (.unknown, .answers | to_entries[] | [$interface, $d, .key, .value.packets, .value.bytes]))] | sort'
as_json='def pairs($name): [.[] | select(.name == "policyctl_\($name)packets_total")] as $packets
		| [.[] | select(.name == "policyctl_\($name)bytes_total")] as $bytes
		| $packets | to_entries[] | .value.labels as $l | select($bytes[.key].labels == $l)
		| [$l, .value.value, $bytes[.key].value];
	[(pairs("rule_") | [.[0].interface, .[0].kind, .[0].verdict, .[0].rule_id, .[0].rule, .[1], .[2]]),
	 (pairs("") | [.[0].interface, .[0].direction, .[0].verdict, .[1], .[2]]),
	 (pairs("unknown_") | [.[0].interface, .[0].direction, .[0].reason, .[1], .[2]]),
	 (pairs("answer_") | [.[0].interface, .[0].direction, .[0].answer, .[1], .[2]])] | sort'
}
# Repeats until no packet came in between.
agree() {
	policyctl stats --json
	jq -c "$as_series | .[]" <<<"$OUT" >"$WORK/json"
	policyctl stats --prometheus
	samples
	jq -c "$as_json | .[]" "$WORK/samples" >"$WORK/series"
	cmp -s "$WORK/json" "$WORK/series"
}
check_true "every counter" wait_until 10 agree
check "of which there are many" 1 "$(($(wc -l <"$WORK/json") > 50))"
check "one of them by hand" "11 1" \
	"$(of rule_packets_total '{"interface": "veth0", "rule_id": "3", "rule": "deny from udp dport 53", "direction": "from", "verdict": "deny", "kind": "rule"}') $(grep -c 'rule_id="3".*rule="deny from udp dport 53"} 11$' <<<"$OUT")"

check "what was not known" 4 "$(of unknown_packets_total '{"interface": "veth0", "direction": "from", "reason": "ethertype"}')"

say "over an apply"
series_of_3() { jq -c '[.[] | select(.labels.rule_id == "3" and .labels.interface == "veth0")]' "$WORK/samples"; }
totals() { jq -c '[.[] | select(.name == "policyctl_packets_total" and .labels.interface == "veth0")
	| [.labels.direction, .labels.verdict, .value]] | sort | .[]' "$WORK/samples"; }
sums() { # of the rows by direction and verdict
	jq -c '[.[] | select(.name == "policyctl_rule_packets_total" and .labels.interface == "veth0")]
		| group_by([.labels.direction, .labels.verdict])[]
		| [.[0].labels.direction, .[0].labels.verdict, (map(.value) | add)]' "$WORK/samples"
}
scrape
before=$(series_of_3)
totals=$(totals)
gone=$(of rule_packets_total '{"interface": "veth0", "rule_id": "2"}')
check "rows sum up to the totals" "$totals" "$(sums)"
does apply veth0 --deny from:tcp/25 --deny from:udp/53
remember
scrape
check_same "a rule that stays keeps its labels and its count, though it stands elsewhere" "$before" "$(series_of_3)"
check "a rule that is gone has no series" "" "$(of rule_packets_total '{"interface": "veth0", "rule_id": "2"}')"
check "its count is with the retired ones" "$gone" \
	"$(of rule_packets_total '{"interface": "veth0", "kind": "retired", "direction": "to", "verdict": "deny"}')"
check "rows sum up to the totals" "$(totals)" "$(sums)"
check "no total has shrunk" "" "$(paste -d ' ' <(jq -r '.[2]' <<<"$totals") <(totals | jq -r '.[2]') | awk '$2 < $1')"

say "something is wrong"
must in_host ip link set dev veth0 xdpgeneric off
scrape
check "a program was taken off: not enforcing" 0 "$(of enforcing '{"interface": "veth0"}')"
check "the other is" 1 "$(of enforcing '{"interface": "v\"e\\th1"}')"
must rm "$PINS"/net-*/"$(ip -n host -j link show dev veth0 | jq '.[0].ifindex')"/*/rule_stats
policyctl stats --prometheus
samples
check_match "counters that cannot be read: status 1, told on stderr" '^1:policyctl: veth0: somebody removed or replaced pins' "$STATUS:$ERR"
check "it says so" 0 "$(of counters_readable '{"interface": "veth0"}')"
check "and has no counters of it" "" "$(of packets_total '{"interface": "veth0"}')"
check "but of the other" 1 "$(of counters_readable '{"interface": "v\"e\\th1"}')"
policyctl stats veth9 --prometheus
check "no such interface: status 4, nothing on stdout" "4:" "$STATUS:$OUT"
does detach --all
finish
