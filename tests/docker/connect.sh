#!/bin/bash
# A container that already sends is connected to further networks. Nothing that is denied passes on them, in either
# direction, from the first moment on.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
ROUNDS=${ROUNDS:-5}
docker_up
declare -A subnet=([one]=198.18.64 [two]=198.18.72 [three]=198.18.80)
for name in one two three; do
	network "$name" "${subnet[$name]}.1/24"
	counter $name br-$name
done
must talk peer 1 -d --net two --ip 198.18.72.9 --
counter peer eth0 "$(pid_of peer)"
flood br-two 2 200 198.18.72.10
floods=("$FLOOD")
flood br-three 3 200 198.18.80.10
floods+=("$FLOOD")

mover() { # NUMBER: on `one`, and talks to the addresses of the others
	must talk mover "$1" -d --net one --ip 198.18.64.10 --label "policyctl.deny=tcp icmp" \
		-- --rate 500 198.18.72.1 198.18.72.9 198.18.80.1
}

connect() { # NETWORK
	must d network connect --ip "${subnet[$1]}.10" "$1" mover
}

veth_count() { # CONTAINER N
	[ "$(veths_of "$1" | wc -l)" = "$2" ]
}

say "without a daemon, all of it is counted"
mover 10
connect two
check_true "the new network is talked on" wait_until 5 counts peer udp 10
check_true "TCP and ICMP get out" wait_until 5 counts two 'tcp|icmp' 10
check_true "and reach the peer" wait_until 5 counts peer 'tcp|icmp' 10
check_true "TCP gets in: $(received_by mover tcp)" test "$(received_by mover tcp)" != 0
check_true "ICMP gets in: $(received_by mover icmp)" test "$(received_by mover icmp)" != 0
must d rm --force mover

daemon_start
say "connected and disconnected, $ROUNDS times"
mover 11
must wait_until 10 in_force mover
for ((round = 0; round < ROUNDS; round++)); do
	mark
	connect two
	wait_until 10 in_force mover || fail "round $round: the policy comes into force" "$(log | tail)"
	before=$(counted_of peer udp 11)
	counts_more() { count && [ "$(counted_of peer udp 11)" -gt $((before + 100)) ]; }
	wait_until 10 counts_more || fail "round $round: what it may passes"
	must d network disconnect two mover
	must wait_until 10 veth_count mover 1
done
count
check "nothing got out, of TCP and ICMP" 0 "$(counted_everywhere 'tcp|icmp' 11)"
check "nothing got in, of TCP" 0 "$(received_by mover tcp)"
check "nothing got in, of ICMP" 0 "$(received_by mover icmp)"
say "what it may: $(counted_everywhere udp 11) datagrams"
policyctl list --json
check "one veth is left, and listed" 1 "$(jq length <<<"$OUT")"

say "two at the same time"
mark
connect two &
both=$!
connect three
wait $both
check_true "both are in force" wait_until 10 in_force mover 2
must wait_until 10 counts three udp 11
must wait_until 10 counts two udp 11
check "nothing got out, of TCP and ICMP" 0 "$(counted_everywhere 'tcp|icmp' 11)"
check "nothing got in, of TCP" 0 "$(received_by mover tcp)"
check "nothing got in, of ICMP" 0 "$(received_by mover icmp)"
policyctl list
for name in one two three; do
	check_match "list has mover on $name" "mover.*$name" "$OUT"
done
must d rm --force mover
for flood in "${floods[@]}"; do
	stop "$flood"
done
check_true "its attachments go with it" wait_until 10 no_pins_left
finish
