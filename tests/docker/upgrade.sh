#!/bin/bash
# The daemon is replaced ROUNDS times while containers start: policyctl daemon --hold holds what comes between one and
# the next, as policyctl-hold@.service does. No container has a packet before its policy.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
ROUNDS=${ROUNDS:-3}
docker_up
network up 198.18.64.1/24
counter bridge br-up

# It sends what it may and what it may not, from its first instruction on, and is flooded with both.
start() { # NUMBER
	local address=198.18.64.$1
	talk "start$1" "$1" -d --net up --ip "$address" --mac-address "$(mac_of "$address")" \
		--label "policyctl.deny=$(denied "$1")" -- --rate 100 198.18.64.1
}

HOLDER_LOG=$WORK/holder.log
: >"$HOLDER_LOG"
holds() { [ "$(grep -c 'holding new veths' "$HOLDER_LOG")" -gt "$HOLDERS" ]; }

holder_start() {
	HOLDERS=$(grep -c 'holding new veths' "$HOLDER_LOG")
	nsenter --net=/run/netns/host "$POLICYCTL" daemon --hold --config "$DAEMON_CONFIG" 2>>"$HOLDER_LOG" </dev/null &
	HOLDER=$!
	must wait_until 10 holds
}

holder_end() {
	kill "$HOLDER"
	wait "$HOLDER"
}

last_held() { jq -sR '[split("\n")[] | fromjson? | .held // empty | tonumber] | last' "$HOLDER_LOG"; }

passes() { # NUMBER: what it may send
	count
	[ "$(counted_of bridge "$(allowed "$1" | tr ' ' '|')" "$1")" != 0 ]
}

# Three containers in each round: one starts while the holder and the old daemon begin and end, one while no daemon is
# there, one while the new daemon begins.
round() { # NUMBER
	local first=$((10 * $1 + 1)) number starts=()
	start $first >"$WORK/run.$first" 2>&1 &
	starts+=($!)
	sleep 0.$((RANDOM % 3)) # somewhere in its start
	holder_start
	daemon_stop
	must start $((first + 1))
	start $((first + 2)) >"$WORK/run.$((first + 2))" 2>&1 &
	starts+=($!)
	sleep 0.$((RANDOM % 3))
	daemon_start
	holder_end
	remember
	wait "${starts[@]}"
	check_true "round $1: the holder held what came" test "$(last_held)" -gt 0
	for number in $first $((first + 1)) $((first + 2)); do
		check_true "round $1: container $number gets its policy, and what it may passes" wait_until 10 passes "$number"
	done
	check_true "round $1: what runs keeps its policy" enforcing stay
	seen=$(counted "$(veths_of stay)" dropped)
	check_true "round $1: its counters go on" test "$seen" -gt "$dropped"
	dropped=$seen
}

say "the daemon is replaced"
flood br-up 2 100 198.18.64.{10..45}
daemon_start
bystander_start
must talk stay 4 -d --net up --ip 198.18.64.4 --label policyctl.deny=tcp,icmp -- --rate 100 198.18.64.1
must wait_until 10 in_force stay
dropped=$(counted "$(veths_of stay)" dropped)
for ((number = 1; number <= ROUNDS; number++)); do
	round $number
done

mapfile -t started < <(seq 1 "$ROUNDS" | awk '{ for (i = 1; i < 4; i++) print 10 * $1 + i }')
must d stop -t 5 "${started[@]/#/start}"
count
leaks() { # NUMBER...
	local number seen
	for number; do
		seen=$(leaked_out "$number" "$number")$(leaked_in "$number" "$number")
		[ -z "$seen" ] || echo "$seen"
	done
}
check "0 denied packets get out and in" "" "$(leaks "${started[@]}")"
sent_denied() { # NUMBER
	local protocol
	for protocol in $(denied "$1"); do
		[ "$(recorded "start$1" ".sent.$protocol")" -gt 10 ] || echo "start $1: no $protocol sent"
	done
}
check "they sent such" "" "$(for number in "${started[@]}"; do sent_denied "$number"; done)"
check "the counter missed nothing" 0 "$(counted_everywhere lost 0)"

say "no daemon follows"
holder_start
daemon_stop
must talk late 7 -d --net up --ip 198.18.64.7 -- --rate 100 198.18.64.1
is_over() { ! kill -0 "$HOLDER" 2>/dev/null; }
late_is_held() { inside host "$POLICYCTL" list --json | jq -e 'any(.[]; .held == true and (.why | contains("being replaced")))'; }
check_true "what comes is held, and list says why" wait_until 5 late_is_held
check_true "when none has come for 30 seconds, it lets go and ends" wait_until 40 is_over
wait "$HOLDER"
check "with status 0" 0 $?
check "nothing of it is left on the veth" "" "$(hooks_of "$(veths_of late)")"
daemon_start
bystander_check
finish
