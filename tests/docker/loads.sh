#!/bin/bash
# A policy that the kernel takes long for holds up no other container, and no signal. The load is a process of its own:
# here it is stopped, which is a verifier without end. Its container stays held, is told, and has its policy in the end.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
network load 198.18.64.1/24
counter bridge br-load

start() { # NAME NUMBER POLICY
	must talk "$1" "$2" -d --net load --ip "198.18.64.$2" --mac-address "$(mac_of "198.18.64.$2")" \
		--label "policyctl.policy=$3" -- --rate 200 198.18.64.1
}

# Stops every process that loads for the daemon, as soon as it has its name, while $WORK/stopping exists. It ends with
# the daemon from then on. $WORK/stopped has their numbers.
stop_loads() {
	local pids pid
	while [ -e "$WORK/stopping" ]; do
		read -r -a pids <"/proc/$DAEMON/task/$DAEMON/children" # one line without an end
		for pid in "${pids[@]}"; do
			[ "$(<"/proc/$pid/comm")" = policyctl-load ] || continue
			kill -STOP "$pid" && echo "$pid" >>"$WORK/stopped"
		done
	done 2>/dev/null
}

start_stopped() { # NAME NUMBER: its load is stopped, and it runs
	: >"$WORK/stopped"
	: >"$WORK/stopping"
	stop_loads &
	local stopper=$!
	start "$1" "$2" large
	check_true "$1: its load is stopped" wait_until 10 test -s "$WORK/stopped"
	rm "$WORK/stopping"
	wait $stopper
	mapfile -t STOPPED < <(sort -un "$WORK/stopped")
}

none_is_left() { # of the stopped ones
	local pid
	for pid in "${STOPPED[@]}"; do
		! kill -0 "$pid" 2>/dev/null || return
	done
}

held() { # NAME
	policyctl list --json
	[ "$(jq -r --arg veth "$(veths_of "$1")" '.[] | select(.interface == $veth).state' <<<"$OUT")" = held ]
}

passed() { # NUMBER
	count
	counted_of bridge "tcp|udp|icmp" "$1"
}

# Sixteen sets from files: as much as a policy can ask of the verifier.
for i in {1..16}; do
	echo "198.18.$((i + 100)).0/24" >"$POLICIES/set$i.txt"
	echo "set set$i file \"set$i.txt\"" >>"$POLICIES/large.policy"
	echo "deny from any peer @set$i" >>"$WORK/rules"
done
cat "$WORK/rules" >>"$POLICIES/large.policy"
echo 'deny tcp' >>"$POLICIES/large.policy"
echo 'deny tcp' >"$POLICIES/small.policy"

say "a load that does not end"
daemon_start
start before 10 small
must wait_until 10 in_force before
start_stopped slow 11
check_true "its container runs" is_running slow
check_true "and is held" wait_until 5 held slow
for number in 12 13 14; do
	start "quick$number" $number small
	check_true "quick$number, which starts beside it, has its policy in time" wait_until 5 in_force "quick$number"
done
check_true "it is still held" held slow
check "and nothing of it passed" 0 "$(passed 11)"
check_logged "it is told" '.message == "waiting for its policy" and .container == "slow"'
printf 'deny udp\n' >"$POLICIES/small.policy"
changed() { [ "$(log '.message == "policy changed"' | wc -l)" -ge 4 ]; }
check_true "a change of another policy comes in time" wait_until 5 changed
check_true "its time is limited" wait_until 25 logged \
	'.message == "cannot enforce" and .container == "slow" and (.why | test("within 15 s"))'
check_true "  and the process is gone" wait_until 5 none_is_left
check "  nothing of it passed" 0 "$(passed 11)"
check_true "it is tried again" wait_until 60 in_force slow
more() { [ "$(passed 11)" -gt 20 ]; }
check_true "  and lets pass what it allows" wait_until 10 more
check "  and nothing else" 0 "$(counted_of bridge tcp 11)"

say "SIGTERM beside a load that does not end"
start_stopped term 15
must wait_until 5 held term
started=${EPOCHREALTIME/./}
daemon_stop
took=$(((${EPOCHREALTIME/./} - started) / 1000))
say "it took $took ms"
check "the daemon ends with status 0" 0 "$STATUS"
check_true "at once" test "$took" -lt 2000
check_true "and leaves no process" none_is_left
check "its container is held on" 0 "$(passed 15)"
daemon_start
check_true "the next daemon puts its policy in force" wait_until 20 in_force term
start_stopped killed 16
daemon_kill9
check_true "killed: no process is left either" wait_until 5 none_is_left
daemon_start
check_true "the next daemon goes on" wait_until 20 in_force killed
check "nothing of it passed meanwhile" 0 "$(counted_of bridge tcp 16)"
finish
