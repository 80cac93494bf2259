#!/bin/bash
# The foundation of the other scripts here: without policyctl, containers send from their first instruction, all packets
# are counted on both sides, and a flood reaches them.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
network talk 198.18.64.1/24
counter bridge br-talk

say "peer and talker"
must talk peer 1 -d --net talk --ip 198.18.64.9 --
counter peer eth0 "$(pid_of peer)"
flood br-talk 2 200 198.18.64.10
must talk early 3 --rm --net talk --ip 198.18.64.10 -- --seconds 0.5 --rate 200 198.18.64.1 198.18.64.9
stop "$FLOOD"
count
for protocol in udp tcp icmp; do
	sent=$(recorded early ".sent.$protocol")
	check_true "$protocol was sent: $sent" test "$sent" -gt 100
	for at in bridge peer; do
		seen=$(counted_of "$at" $protocol 3)
		# The last packets may be lost with the container; TCP resends what is not answered.
		check_true "and nearly all of it arrived at the $at: $seen" test "$seen" -ge $((sent / 2 - 10))
	done
	received=$(recorded early ".received.$protocol")
	check_true "the flood came in: $received" test "$received" -gt 50
done
check "no counter missed anything" 0 "$(counted_everywhere lost 0)"
check_true "the first packet left within 5 ms of main()" \
	test "$(recorded early '.first_send - .main < 5000000')" = true
must test "$(veths_of peer | wc -l)" = 1
check "peer's veth is on the bridge" br-talk "$(ip -n host -j link show "$(veths_of peer)" | jq -r '.[0].master')"

say "TERM ends a talker"
before=$SECONDS
must d stop peer
check_true "at once: $((SECONDS - before)) s" test $((SECONDS - before)) -lt 5
check "and it records the end" true "$(recorded peer '.end > .main')"

say "dockerd killed and started again"
must talk again 4 -d -- --rate 10 198.18.1.1
docker_kill9
must docker_start
check "live-restore is off: the container is gone" false "$(d inspect --format '{{.State.Running}}' again)"
docker_down
must docker_start --live-restore
must d start again
docker_kill9
must docker_start --live-restore
check "live-restore is on: the container runs" true "$(d inspect --format '{{.State.Running}}' again)"
docker_restart --live-restore
check "through an orderly restart too" true "$(d inspect --format '{{.State.Running}}' again)"
finish
