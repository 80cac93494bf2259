#!/bin/bash
# Interfaces are renamed, deleted, made anew and moved, and other tools remove our programs. policyctl says so, puts
# back what it should, and removes what is its own.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_netns host container other
new_veth veth0 container 0
EMPTY=$(find /sys/fs/bpf | sort)

state() {
	policyctl list --json
	jq -c '.[0] | [.state, .enforcing, .xdp.live, .tc.live]' <<<"$OUT"
}

no_pins() { # TEXT
	check_same "$1: nothing of it is left below /sys/fs/bpf" "$EMPTY" "$(find /sys/fs/bpf | sort)"
}

gone() { # TEXT REGEX: what the next command says, and that it cleans up
	policyctl list
	check_match "$1: the next command says: $ERR" "$2" "$ERR"
	check "  and ends well" "0:" "$STATUS:$OUT"
	no_pins "  $1"
	policyctl list
	check "  it is said once" "policyctl: nothing is attached in this network namespace" "$ERR"
}

say "renamed"
does attach veth0 --deny tcp
remember
must ip -n host link set veth0 down
must ip -n host link set veth0 name renamed0
must ip -n host link set renamed0 up
must wait_until 5 carries renamed0
IFACE=renamed0 check_arrives "it still works" from 2 "4:tcp/80 0" "4:udp/53 2"
IFACE=renamed0 check_arrives "it still works" to 2 "4:tcp/80 0" "4:udp/53 2"
does show renamed0
check_match "show says it" '^# renamed0 \(ifindex [0-9]+, veth0 when it was attached\): enforcing' "$OUT"
policyctl list
check_match "list knows the new name" '^renamed0 .*enforcing' "$OUT"
does apply renamed0 --deny udp
remember
must ip -n host link set renamed0 down
must ip -n host link set renamed0 name veth0
must ip -n host link set veth0 up
must wait_until 5 carries veth0

say "somebody takes our programs off"
does apply veth0 --deny tcp
remember
must tc -n host filter del dev veth0 egress
check "the tc filter is removed: list says so" '["tc filter missing",false,true,false]' "$(state)"
does attach veth0 --deny tcp
check_match "attach puts it back and says so" '^veth0: put back' "$OUT"
check "it enforces again" '["enforcing",true,true,true]' "$(state)"
must tc -n host filter del dev veth0 egress
does diff veth0 --deny tcp
check_match "diff says that the policy is not enforced" 'veth0: NOT ENFORCED NOW' "$ERR"
does apply veth0 --deny tcp
check_match "apply of the same policy puts it back and says so" '^policyctl: veth0: put back' "$ERR"
check "it enforces again" '["enforcing",true,true,true]' "$(state)"
must tc -n host filter del dev veth0 ingress
check "the guard is removed" '["guard missing",false,true,true]' "$(state)"
does attach veth0 --deny tcp
check "it enforces again" '["enforcing",true,true,true]' "$(state)"
must tc -n host qdisc del dev veth0 clsact
check "clsact is removed" '["programs missing",false,true,false]' "$(state)"
does attach veth0 --deny tcp
must ip -n host link set dev veth0 xdpgeneric off
check "the XDP program is removed" '["xdp program missing",false,false,true]' "$(state)"
policyctl show veth0
check_match "show says it" '^# veth0 .*: xdp program missing' "$OUT"
does attach veth0 --deny tcp
must ip -n host link set dev veth0 xdpgeneric off
must tc -n host qdisc del dev veth0 clsact
check "all" '["all programs missing",false,false,false]' "$(state)"
check_arrives "nothing is denied then" from 2 "4:tcp/80 2"
does attach veth0 --deny tcp
check_arrives "it enforces again" from 2 "4:tcp/80 0" "4:udp/53 2"
check_arrives "it enforces again" to 2 "4:tcp/80 0" "4:udp/53 2"
must ip -n host link set dev veth0 xdpgeneric off
does apply veth0 --deny tcp --deny udp
remember
check "apply puts back what is missing too" '["enforcing",true,true,true]' "$(state)"
must tc -n host qdisc del dev veth0 clsact
does detach veth0
check_match "detach says that not all was left" '^veth0: detached, where not all' "$OUT"
no_pins "detached"
check "and took the rest off" 0 "$(xdp_id veth0)"

say "a foreign XDP program took the place"
does attach veth0 --deny tcp
remember
must ip -n host link set dev veth0 xdpgeneric off
foreign_xdp veth0 xdpgeneric
foreign=$(xdp_id veth0)
check "list says that ours is missing" '["xdp program missing",false,false,true]' "$(state)"
for command in "attach veth0 --deny tcp" "apply veth0 --deny udp"; do
	# shellcheck disable=SC2086
	policyctl $command
	check_match "$command: refused, and it is named" "^1: .*another XDP program is attached \(id $foreign, name somebody" \
		"$STATUS: $ERR"
	check "  it is not replaced" "$foreign" "$(xdp_id veth0)"
done
does detach veth0
check "detach leaves it" "$foreign" "$(xdp_id veth0)"
check "and takes our filter off" 0 "$(tc_id veth0)"
no_pins "detached"
must ip -n host link set dev veth0 xdpgeneric off

say "deleted"
does attach veth0 --deny tcp
remember
index=$(ip -n host -j link show dev veth0 | jq '.[0].ifindex')
must ip -n host link del veth0
gone "deleted" "^policyctl: veth0 \(ifindex $index\) is gone: state removed"

say "made anew"
new_veth veth0 container 0
does attach veth0 --deny tcp
remember
must ip -n host link del veth0
new_veth veth0 container 0
gone "made anew with the same name" '^policyctl: veth0 was made anew \(ifindex [0-9]+, now [0-9]+\)'
check "the new one has nothing of ours" "0 0" "$(xdp_id veth0) $(tc_id veth0)"

does attach veth0 --deny tcp
remember
index=$(ip -n host -j link show dev veth0 | jq '.[0].ifindex')
must ip -n host link del veth0
must ip -n host link add veth0 index "$index" type veth peer name eth0 netns container
gone "made anew with the same ifindex too" '^policyctl: veth0.*(made anew|is gone)'
must ip -n host link del veth0
new_veth veth0 container 0
does attach veth0 --deny tcp
remember
must ip -n host link del veth0
new_veth veth0 container 0
does attach veth0 --deny udp
remember
check_match "attach to the new one at once: the old one is cleaned up" 'veth0 was made anew' "$ERR"
check_arrives "the new policy holds" from 2 "4:tcp/80 2" "4:udp/53 0"
does detach veth0

say "moved to another network namespace"
does attach veth0 --deny tcp
remember
must ip -n host link set veth0 netns other
check_true "the XDP program goes along" test "$(xdp_id veth0 other)" != 0
gone "moved" '^policyctl: veth0 \(ifindex [0-9]+\) moved to another network namespace: XDP program taken off veth0 in /run/netns/other'
check "the program is off there" 0 "$(xdp_id veth0 other)"
must ip -n other link del veth0

new_veth veth0 container 0
does attach veth0 --deny tcp
remember
unshare --net sleep 600 &
SPAWNED+=($!)
nameless=$!
elsewhere() { [ "$(readlink "/proc/$nameless/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
must wait_until 5 elsewhere
must ip -n host link set veth0 netns "$nameless"
gone "moved to one without a name" "moved to another network namespace: XDP program taken off veth0 in /proc/[0-9]+/ns/net"
check "the program is off there" null "$(nsenter -t "$nameless" --net ip -j link show dev veth0 | jq '.[0].xdp')"
stop "$nameless"

say "two network namespaces with the same ifindex"
new_netns twin1 twin2
for twin in twin1 twin2; do
	must ip -n "$twin" link add same0 index 77 type veth peer name peer0
	must inside "$twin" "$POLICYCTL" attach same0 --deny tcp
	remember
done
in_twin() {
	inside "$1" "$POLICYCTL" list --json | jq -c '[.[].xdp.program]'
}
check "each sees its own" "[$(xdp_id same0 twin1)] [$(xdp_id same0 twin2)]" "$(in_twin twin1) $(in_twin twin2)"
check_true "detach --all in the first" inside twin1 "$POLICYCTL" detach --all
check "leaves the second" "[] [$(xdp_id same0 twin2)]" "$(in_twin twin1) $(in_twin twin2)"
check_true "which is detached too" inside twin2 "$POLICYCTL" detach same0
finish
