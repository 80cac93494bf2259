#!/bin/bash
# The kernel refuses the XDP program when the filters are attached already, here because the bridge has a foreign XDP
# program. The container is held until attaching works, and is never open between the tries.
. "$(dirname "$0")/lib.sh"
need curl
docker_sandbox "$@"
docker_up
counter bridge docker0
must foreign_xdp docker0 xdpgeneric
daemon_configure "daemon.metrics=unix:$WORK/metrics" policy.hook=xdp
daemon_start

failures() {
	curl -s --unix-socket "$WORK/metrics" http://localhost/metrics | sed -n 's/.*action="failed"} //p'
}

tried() { # TIMES
	[ "$(failures)" -ge "$1" ]
}

must talk web 11 -d --label policyctl.deny=tcp,icmp,udp -- --rate 5000 198.18.1.1
check_logged "it is said" '.message == "cannot enforce" and .container == "web"'
check_true "it is tried again and again" wait_until 10 tried 6
count
check "nothing got out meanwhile" 0 "$(counted_of bridge 'tcp|icmp|udp' 11)"
must in_host ip link set dev docker0 xdpgeneric off
check_true "it works now: the policy is in force" wait_until 5 in_force web
count
check "and nothing got out still" 0 "$(counted_of bridge 'tcp|icmp|udp' 11)"
finish
