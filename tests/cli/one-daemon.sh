#!/bin/bash
# A network namespace has one policyctl daemon: the second one says that one runs already, touches nothing, and
# ends. Sidecars may run beside it, and other namespaces have daemons of their own.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl
new_netns host other

run() { # NETNS NAME [OPTION...]: in the background; its pid is in $!
	nsenter --net="/run/netns/$1" "$POLICYCTL" daemon --config "$WORK/configuration" --docker-socket "$WORK/no-engine" "${@:3}" \
		>"$WORK/$2" 2>&1 &
	SPAWNED+=($!)
}

is_ready() { # NAME
	grep -q '"message":"ready"' "$WORK/$1"
}

policies() { # PID: the scheduling policies of its threads
	local thread
	for thread in "/proc/$1/task"/*; do
		chrt -p "${thread##*/}"
	done | sed -n 's/.*scheduling policy: //p' | sort | paste -sd' '
}

slots() { find "$PINS"/net-* -maxdepth 1 -name 'gate-*' | wc -l; }

printf '[daemon]\nmetrics=unix:%s/metrics\nlog-format=json\n[policy]\ndirectory=%s\n' "$WORK" "$WORK" >"$WORK/configuration"
run host first
first=$!
must wait_until 10 is_ready first
out=$(inside host timeout 10 "$POLICYCTL" daemon --config "$WORK/configuration" --docker-socket "$WORK/no-engine" 2>&1)
check "the second one refuses" "1: policyctl: policyctl daemon runs already in this network namespace" "$?: $out"
# A control group may forbid it.
if chrt -r 1 true 2>/dev/null; then
	check "its thread that holds new veths has real-time priority, and no other one" "SCHED_OTHER SCHED_RR" "$(policies "$first")"
fi
check_true "the first one serves its metrics" curl -sf --unix-socket "$WORK/metrics" http://localhost/metrics
check "it has its gate, and nobody else" 1 "$(slots)"
sed -i /metrics/d "$WORK/configuration"
run other elsewhere
check_true "in another network namespace there is one" wait_until 10 is_ready elsewhere
stop $!
kill -KILL "$first"
wait "$first" 2>/dev/null
run host next
check_true "the first one is killed: the next one takes its place" wait_until 10 is_ready next
check "and its gate" 1 "$(slots)"
stop $!
finish
