#!/bin/bash
# @host and @gateway: all addresses of the docker host, and those of the container's bridge, kept current while the
# policy is in force.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
network front 198.18.64.1/24
network back 198.18.72.1/24
NEW=198.18.99.1

idle() { # NAME NETWORK [DOCKER-OPTION...]
	must d run -d --name "$1" --net "$2" "${@:3}" image /bin/busybox sleep 1000
}
may_ping() { in_docker "$1" ping -qc1 -W1 "$2"; }
may_not_ping() { ! may_ping "$@"; }
members() { # SET
	policyctl show container:held --docker-socket "$DOCKER_SOCKET" --json
	jq -r --arg set "$1" '.[0].live_sets[]? | select(.name == $set) | .members[]?.address' <<<"$OUT" | sort
}
has_member() { members "$1" | grep -qxF "$2"; }
has_no_member() { ! has_member "$@"; }

printf '%s\n' 'deny from any peer @host' >"$POLICIES/host.policy"
printf '%s\n' 'deny from any peer @gateway' >"$POLICIES/gateway.policy"
daemon_start
idle free front
idle held front --label policyctl.policy=host
must wait_until 10 in_force held
idle neighbour front
check_true "its bridge is the host's: denied" may_not_ping held 198.18.64.1
check_true "another bridge too" may_not_ping held 198.18.72.1
check_true "a neighbour is not" may_ping held "$(address_of neighbour front)"
check_true "who has no policy may" may_ping free 198.18.64.1

say "an address is added to the host"
check_false "not there yet" may_ping free $NEW
must ip -n host addr add $NEW/32 dev lo
check_true "it is there" wait_until 5 may_ping free $NEW
check_true "it is a member" wait_until 5 has_member host $NEW
check_true "and denied" may_not_ping held $NEW
must ip -n host addr add 2001:db8:99::1/128 dev lo
check_true "of IPv6 likewise" wait_until 5 has_member host 2001:db8:99::1
must ip -n host addr del $NEW/32 dev lo
check_true "it goes with the address" wait_until 5 has_no_member host $NEW

say "without the daemon"
daemon_stop
must ip -n host addr add $NEW/32 dev lo
check_true "nobody keeps it" has_no_member host $NEW
daemon_start
check_true "the next daemon knows it" wait_until 5 has_member host $NEW
check_true "and it is denied" may_not_ping held $NEW

say "by hand"
daemon_stop
must d rm --force held free
idle held front
policyctl attach container:held --docker-socket "$DOCKER_SOCKET" --policy "$POLICIES/host.policy"
check_match "it says that nothing keeps it current" '@host has the addresses of now' "$ERR"
check_true "it was filled" may_not_ping held $NEW
policyctl detach container:held --docker-socket "$DOCKER_SOCKET"
must d rm --force held

say "the gateway"
daemon_start
idle held front --label policyctl.policy=gateway
must wait_until 10 in_force held
check_true "its bridge: denied" may_not_ping held 198.18.64.1
check_true "another bridge is not" may_ping held 198.18.72.1
must ip -n host addr add 198.18.65.1/32 dev br-front
check_true "an address is added to the bridge" wait_until 5 has_member gateway 198.18.65.1
check_true "and denied" may_not_ping held 198.18.65.1
finish
