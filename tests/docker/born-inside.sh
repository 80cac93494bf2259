#!/bin/bash
# Veths whose other end is in the container's namespace from the start, as docker 28 makes them. Nothing has to be waited
# for then: the policy may judge before the gate's thread has held the veth. The log says how long it took all the same.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
ROUNDS=${ROUNDS:-40}
docker_up
daemon_start
must d run -d --name web --network none --label policyctl.deny=tcp image /bin/busybox sleep 1000
pid=$(pid_of web)

of() { # IFACE FILTER: objects of the log
	log ".interface == \"$1\" and .message == \"policy in force\" and $2"
}

enforces_alone() { # IFACE: without the gate
	[[ $(hooks_of "$1") = *policyctl_tc* ]] && [[ $(hooks_of "$1") != *policyctl_gate* ]]
}

judged() { [ -n "$(of "$1" true)" ]; }

not_judged='' not_said='' still_held=''
for ((i = 1; i <= ROUNDS; i++)); do
	must ip -n host link add "born$i" master docker0 type veth peer name "eth$i" netns "$pid"
	wait_until 10 judged "born$i" || not_judged+=" $i"
	[ "$(of "born$i" '.newlink_ms != null' | wc -l)" = 1 ] || not_said+=" $i"
	wait_until 5 enforces_alone "born$i" || still_held+=" $i"
	must ip -n host link delete "born$i"
done
check "each of $ROUNDS got its policy" "" "$not_judged"
check "each time the log says how long it took" "" "$not_said"
check "and the gate let go of each" "" "$still_held"
check "nothing was logged twice" "$ROUNDS" "$(log '.message == "policy in force"' | wc -l)"
say "policy before gate: $(log '.message == "policy in force" and .gate_ms == null' | wc -l) of $ROUNDS"
finish
