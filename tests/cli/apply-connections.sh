#!/bin/bash
# apply under running transfers: those that the new policy lets begin lose no byte and get no reset; those that it does
# not stop before apply returns; and what a killed apply has left, the next command finishes. APPLIES: how many.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/transfers.bash"
sandbox "$@"
need strace setpriv
new_rooms
APPLIES=${APPLIES:-100}

# Rules in another order, with others in front of them, have other slots and ids.
policy() { # NAME RULE...
	local name=$1
	shift
	{
		echo "default deny"
		printf '%s\n' "$@" "allow from established" "allow to established"
	} >"$WORK/$name"
}
policy one "allow from { tcp, udp } dport 7000" "allow to tcp dport 7001" "allow from tcp dport 7010"
policy two "deny from tcp dport 99" "allow from tcp dport 7010" "allow to tcp dport { 80, 7001 }" \
	"allow from any peer { 198.18.0.1, 2001:db8::/32 }"
policy half "allow from { tcp, udp } dport 7000" "allow to tcp dport 7001"

rules() { # FILTER...: texts of the rules that let them begin, each once
	policyctl connections veth0 "$@" --json
	jq -r '[.[] | .decided_by.text // .decided_by.kind] | unique | join("; ")' <<<"$OUT"
}
count() { # FILTER...
	policyctl connections veth0 "$@" --json
	jq length <<<"$OUT"
}

does attach veth0 --policy "$WORK/one"
serve_transfers host 7000
serve_transfers host 7010
serve_transfers container 7001
transfer a container 198.18.0.1 7000 "$(letters dun 10)"
transfer b host 2001:db8:0::2 7001 "$(letters du 10)"
transfer c container 198.18.0.1 7010 "$(letters du 25)"
check "100 transfers" 100 "$(count)"

say "$APPLIES applies"
failed=0
for ((i = 1; i <= APPLIES; i++)); do
	policyctl apply veth0 --policy "$WORK/$([ $((i % 2)) = 1 ] && echo two || echo one)"
	[ "$STATUS" = 0 ] || failed=$((failed + 1))
done
check "none failed" 0 "$failed"
check_no_match "the last one has cut nothing" "cut" "$ERR"
mark_transfers a
mark_transfers b
mark_transfers c
check_go_on "no byte lost, no reset" a 30
check_go_on "nor of those that a peer opened" b 20
check_go_on "nor of the others" c 50
does apply veth0 --policy "$WORK/two"
check "each has the rule of the policy in force" "allow from any peer { 198.18.0.1, 2001:db8::/32 }" "$(rules from port 7000)"
check "whose direction was kept" "allow to tcp dport { 80, 7001 }" "$(rules to)"

say "a change of the hook keeps them too"
does apply veth0 --policy "$WORK/two" --hook tc
mark_transfers a
mark_transfers b
check_go_on "by tc" a 30
check_go_on "by tc, opened by a peer" b 20
does apply veth0 --policy "$WORK/two" --hook xdp
mark_transfers a
check_go_on "by xdp again" a 30

say "with the capabilities of the daemon alone"
in_host setpriv --bounding-set=-all,+bpf,+net_admin,+perfmon --inh-caps=-all "$POLICYCTL" apply veth0 \
	--policy "$WORK/one" >"$WORK/stdout" 2>"$WORK/stderr"
check "it can judge connections" "0:" "$?:$(<"$WORK/stderr")"
mark_transfers a
check_go_on "and keeps them" a 30

say "an apply that denies half"
does apply veth0 --policy "$WORK/half"
check_match "says so" 'veth0: 50 connections are cut, since the policy would not let them begin' "$ERR"
check "when it returns they are not in the table" 0 "$(count dport 7010)"
check "the others are" 50 "$(count)"
check_stand "they stand, and the others go on" c a 30
mark_transfers b
check_go_on "also those that a peer opened" b 20
remember

say "killed in between"
# At calls that write to the table: whatever was done by then, the next command judges the rest.
points=0
for n in $(in_host strace -qq -f -o "$WORK/trace" -e trace=bpf "$POLICYCTL" apply veth0 --policy "$WORK/one" >/dev/null 2>&1
	awk '/BPF_MAP_UPDATE_ELEM|BPF_MAP_DELETE_ELEM/ { print NR }' "$WORK/trace" | awk "NR % ${EVERY:-6} == 0"); do
	policyctl apply veth0 --policy "$WORK/half"
	in_host strace -qq -f -o /dev/null -e trace=bpf -e "inject=bpf:signal=KILL:when=$n" \
		"$POLICYCTL" apply veth0 --policy "$WORK/one" >/dev/null 2>&1
	policyctl connections veth0 --json
	points=$((points + 1))
	left=$(jq -r '[.[] | select(.decided_by.kind != "rule")] | length' <<<"$OUT")
	[ "$left:$(jq length <<<"$OUT")" = 0:50 ] || fail "killed at call $n" "$left of $(jq length <<<"$OUT") are of no policy"
done
check_true "killed at $points of its writes, the next command finishes" test "$points" -ge 5
mark_transfers a
mark_transfers b
check_go_on "and nothing was lost" a 30
check_go_on "nor of the peer's" b 20

say "judging fails"
policyctl apply veth0 --policy "$WORK/half"
in_host strace -qq -f -o "$WORK/trace" -e trace=bpf "$POLICYCTL" apply veth0 --policy "$WORK/one" >/dev/null 2>&1
policyctl apply veth0 --policy "$WORK/half"
n=$(awk '/BPF_PROG_(TEST_)?RUN/ { if (++runs == 5) print NR }' "$WORK/trace")
in_host strace -qq -f -o /dev/null -e trace=bpf -e "inject=bpf:error=EIO:when=$n" \
	"$POLICYCTL" apply veth0 --policy "$WORK/one" >"$WORK/stdout" 2>"$WORK/stderr"
check "apply fails" 1 $?
check_match "and says of what" 'the connections that it knows: .*the policy in force stays' "$(<"$WORK/stderr")"
check "the old policy is in force" 0 "$(in_host "$POLICYCTL" show veth0 | grep -c 'dport 7010')"
policyctl connections veth0 --json
check "and knows all connections" '[50,0]' \
	"$(jq -c '[length, ([.[] | select(.decided_by.kind != "rule")] | length)]' <<<"$OUT")"
mark_transfers a
check_go_on "nothing was lost" a 30

say "another size of the table"
{
	echo "connections 64"
	cat "$WORK/half"
} >"$WORK/small"
{
	echo "connections 20000"
	cat "$WORK/half"
} >"$WORK/large"
sizes() {
	policyctl show veth0 --json
	jq -c '.connections | [.confirmed_limit, .half_open_limit, .confirmed + .half_open]' <<<"$OUT"
}
opened=$(in_host "$POLICYCTL" show veth0 --json | jq .connections.opened_total)
does apply veth0 --policy "$WORK/large"
check "a larger one has them all" "[20000,2500,50]" "$(sizes)"
does apply veth0 --policy "$WORK/small"
check "a smaller one too, if they fit" "[64,256,50]" "$(sizes)"
check "show prints the size" "connections 64" "$(in_host "$POLICYCTL" show veth0 | grep ^connections)"
check "what was counted stays" "$opened" "$(in_host "$POLICYCTL" show veth0 --json | jq .connections.opened_total)"
mark_transfers a
mark_transfers b
check_go_on "no byte lost" a 30
check_go_on "nor of the peer's" b 20
transfer d container 198.18.0.1 7000 "$(letters d 30)"
policyctl show veth0
check_match "a full table says so" 'FULL: ' "$OUT"
policyctl doctor veth0
check_match "doctor too" 'the table of connections is full: 64 of 64' "$OUT"
check_match "and in metrics" '^policyctl_connections_refused_total\{interface="veth0"\} [1-9]' \
	"$(in_host "$POLICYCTL" stats --prometheus)"
mark_transfers d
check_go_on "what is half open goes on all the same" d 30
does apply veth0 --policy "$WORK/half"
remember

does detach veth0
finish
