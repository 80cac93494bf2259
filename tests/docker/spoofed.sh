#!/bin/bash
# `deny from spoofed` by a label: the daemon finds the container's own addresses on each of its veths, at each start.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
daemon_start

own_of() { # NAME: what show prints, a line for each veth
	policyctl show "container:$1" --docker-socket "$DOCKER_SOCKET"
	sed -n 's/^# own: //p' <<<"$OUT"
}

reaches() { # NAME [FROM]
	in_docker "$1" ping -qc2 -i0.1 -W2 ${2:+-I "$2"} 198.18.1.1 >/dev/null 2>&1
}

check_own() { # TEXT
	local mac address
	address=$(address_of web)
	mac=$(in_docker web ip -j link show dev eth0 | jq -r '.[0].address')
	check_match "$1: its own addresses" "^$mac, $address," "$(own_of web)"
	check_true "  with them it reaches the host" reaches web
	must in_docker web ip addr add 198.18.1.199/24 dev eth0
	check_false "  with another one it does not" reaches web 198.18.1.199
	must in_docker web ip addr del 198.18.1.199/24 dev eth0
}

must d run -d --name web --label policyctl.deny=from:spoofed image /bin/busybox sleep 1000
check_true "the policy is in force" wait_until 10 in_force web
check_own "at the start"
must d restart -t 0 web
check_true "it is in force again" wait_until 10 in_force web
check_own "after a restart"

say "anti-spoof = on"
must d rm -f web
daemon_stop
daemon_configure policy.anti-spoof=on
daemon_start
must d run -d --name web --label policyctl.deny=from:tcp/25 image /bin/busybox sleep 1000
check_true "the policy is in force" wait_until 10 in_force web
check_own "by the configuration"
does show container:web --docker-socket "$DOCKER_SOCKET"
check_match "  by the first rule" $'\ndeny from any spoofed .*\ndeny from tcp dport 25 ' "$OUT"
check "nothing went wrong" "" "$(log '.level == "error"')"
finish
