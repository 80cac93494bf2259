#!/bin/bash
# `rate`, `shape` and `mirror` in a policy that a container asks for, with the privileges that daemon and sidecar keep: in force
# from the start, changed with the policy, made anew with the container's veth, gone with it.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up

queues() { # CONTAINER: how many queues its policy has
	in_host "$POLICYCTL" show "$(veths_of "$1")" --json | jq ".shaping | length"
}
devices() { # the devices in which packets from containers wait
	ip -n host -j link show | jq -r '[.[].ifname | select(startswith("pctl-"))] | length'
}
answered() { # CONTAINER: of 20 pings at once
	in_docker "$1" ping -qc20 -i0.02 -W1 198.18.1.1 | grep -o '[0-9]* received' | cut -d' ' -f1
}
has_devices() { # COUNT
	[ "$(devices)" = "$1" ]
}
limits() { # BURST
	cat >"$POLICIES/limited.policy" <<END
allow from icmp type echo-request rate 1pps burst ${1}p
allow from tcp shape 3mbit
allow to tcp shape 3mbit
default to allow mirror ids0
END
}

has_burst() { # BURST
	in_host "$POLICYCTL" show "$(veths_of web)" | grep -q "burst ${1}p"
}

copied() {
	in_host "$POLICYCTL" stats "$(veths_of web)" --json | jq '.[0].mirrors[0].to.copied.packets'
}

must ip -n host link add ids0 type veth peer name ids1
must ip -n host link set ids0 up
must ip -n host link set ids1 up

say "the daemon"
limits 5
daemon_start
must d run -d --name web --label policyctl.policy=limited image /bin/busybox sleep 1000
check_true "enforced" wait_until 10 enforcing web
check "a queue in each direction" 2 "$(queues web)"
check "  with a device for what it sends" 1 "$(devices)"
check_true "five pings of twenty pass, or one more" test "$(answered web)" -le 7
before=$(copied)
limits 40
must kill -HUP "$DAEMON"
check_true "a larger burst: the policy is another one" wait_until 10 has_burst 40
check_true "  and passes more" test "$(answered web)" -ge 15
check_true "  the copies of the policy before are counted still" test "$(copied)" -gt "$before"
must d restart -t 1 web
check_true "the container starts anew" wait_until 10 enforcing web
check_true "  the device of its old veth is gone, there is a new one" wait_until 5 has_devices 1
check "  and a queue in each direction" 2 "$(queues web)"
must d rm -f web
check_true "it goes, and the device with it" wait_until 5 has_devices 0
daemon_stop

say "a sidecar"
spawn host "$POLICYCTL" sidecar side --policy "$POLICIES/limited.policy" --docker-socket "$DOCKER_SOCKET" --config /dev/null \
	>"$WORK/side.out" 2>"$WORK/side.err"
sidecar=$!
must d run -d --name side image /bin/busybox sleep 1000
check_true "enforced" wait_until 10 enforcing side
check "a queue in each direction" 2 "$(queues side)"
stop "$sidecar"
must d rm -f side
must wait_until 10 in_host "$POLICYCTL" detach --all
check_true "nothing is left" wait_until 5 has_devices 0
finish
