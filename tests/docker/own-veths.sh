#!/bin/bash
# Ports of a followed bridge that belong to no container: veths with both ends in the host's network namespace. They are
# not held for long.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up

pair() { # IFACE: a port of docker0
	must ip -n host link add "$1" type veth peer name "$1-peer"
	must ip -n host link set "$1" master docker0
	must ip -n host link set "$1" up
	must ip -n host link set "$1-peer" up
}

is_held() { # IFACE
	[[ $(hooks_of "$1") = *policyctl_gate* ]]
}

is_untouched() { # IFACE
	[ -z "$(hooks_of "$1")" ]
}

pair before
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "2001:db8::%x:%x\n", i / 65536, i % 65536 }' >"$POLICIES/many.txt"
printf '%s\n' 'set many file "many.txt"' 'deny from udp peer @many' >"$POLICIES/many.policy"
daemon_configure
nsenter --net=/run/netns/host "$POLICYCTL" daemon --config "$DAEMON_CONFIG" --docker-socket "$DOCKER_SOCKET" \
	>>"$WORK/daemon.out" 2>>"$DAEMON_LOG" </dev/null &
DAEMON=$!
check_true "one that is there may be a container's, on its way" wait_until 5 is_held before
check "it is held before policies are read" "" "$(whole_log)"
must wait_until 20 ready_or_gone
pair later
check_true "one that comes may be a container's" wait_until 5 is_held later
for iface in before later; do
	check_true "$iface: nothing holds it any more" wait_until 15 is_untouched "$iface"
	check_logged "$iface: that is said" ".message == \"let go\" and .interface == \"$iface\""
done
must ip -n host link set later down
must ip -n host link set later up
must talk web 11 -d --label policyctl.deny=tcp -- --rate 100 198.18.1.1
check_true "a container gets its policy as ever" wait_until 5 in_force web
check_true "later: untouched" is_untouched later
must ip -n host link del before
must ip -n host link del later
finish
