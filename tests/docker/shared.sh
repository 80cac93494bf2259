#!/bin/bash
# Containers that share the network of another one: what they may do counts for the mode of its programs, and who they
# are changes nothing of its policy.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
counter bridge docker0
daemon_start

mode_is() { # MODE
	[ "$(listed web .xdp.mode)" = "\"$1\"" ]
}

must talk web 11 -d --label policyctl.deny=tcp,icmp -- --rate 100 198.18.1.1
must wait_until 10 in_force web
check "who has no CAP_NET_ADMIN gets generic mode" '"generic"' "$(listed web .xdp.mode)"
mark
must d create --name guest --network container:web --cap-add NET_ADMIN image /bin/busybox sleep 1000
check_true "somebody with CAP_NET_ADMIN is about to share his network: native mode" wait_until 5 mode_is native
must d start guest
check "and so it stays when he is there" '"native"' "$(listed web .xdp.mode)"
daemon_stop
daemon_start
check_true "for the next daemon too" wait_until 5 mode_is native
must d rm -f guest
must d create --name plain --network container:web image /bin/busybox sleep 1000
check_true "he is gone, and another one has no CAP_NET_ADMIN: generic mode" wait_until 5 mode_is generic
must d start plain
count
check "in all this nothing got out" 0 "$(counted_of bridge 'tcp|icmp' 11)"
finish
