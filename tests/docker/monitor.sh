#!/bin/bash
# The first container of a host. Its policy is prepared before anything is attached, and monitor must show its drops.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
daemon_start

programs() { find "/proc/$DAEMON/fd" -lname '*bpf-prog' | wc -l; }

is_prepared() { [ "$(programs)" -gt "$before" ]; }

before=$(programs)
must d create --name web --label policyctl.deny=udp,tcp,icmp --volume "$RECORDS:/records" image \
	/talker --number 11 --record /records/web --rate 50 198.18.1.1
check_true "its policy is prepared" wait_until 5 is_prepared
must d start web
must wait_until 10 in_force web
heard=$(in_host timeout 10 "$POLICYCTL" monitor --json --count 3 2>"$WORK/err")
check "monitor hears of it" 3 "$(grep -c '"deny' <<<"$heard")"
check_no_match "and does not think that somebody removed anything" "removed" "$(<"$WORK/err")"
finish
