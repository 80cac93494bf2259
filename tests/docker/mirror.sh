#!/bin/bash
# `mirror` in a policy that a container asks for: its target may come later, go and come back. The daemon notices without
# being asked, and so does a sidecar; the policy holds all the while.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
new_netns watcher

new_target() {
	must ip -n host link add ids0 type veth peer name eth0 netns watcher
	must ip -n host link set ids0 up
	must ip -n watcher link set eth0 up
}
state() { # CONTAINER
	in_host "$POLICYCTL" show "$(veths_of "$1")" --json | jq -r '.mirrors[0].state'
}
copies() { # copied|failed CONTAINER
	in_host "$POLICYCTL" stats "$(veths_of "$2")" --json | jq "[.[0].mirrors[] | .from, .to | .$1.packets] | add"
}
received() {
	ip -n watcher -s -j link show dev eth0 | jq '.[0].stats64.rx.packets'
}
gets_copies() { # CONTAINER: without any command of policyctl
	local before
	before=$(received)
	in_docker "$1" ping -qc1 -W1 198.18.1.1 >/dev/null
	[ $(($(received) - before)) -ge 2 ]
}

cat >"$POLICIES/watched.policy" <<'END'
deny from tcp mirror ids0
default allow mirror ids0
END

say "the daemon"
daemon_start
must d run -d --name web --label policyctl.policy=watched image /bin/busybox sleep 1000
check_true "a target that is not there yet: the policy is in force" wait_until 10 enforcing web
check "  and says so" gone "$(state web)"
check_false "  it denies" in_docker web timeout 1 bash -c "exec 3<>/dev/tcp/198.18.1.1/80"
check_true "  what could not be copied is counted" test "$(copies failed web)" -ge 1
new_target
check_true "it comes: copies are made" wait_until 5 gets_copies web
check_logged "  the log tells" 'tostring | contains("copies go to ids0 (ifindex")'
must ip -n host link delete ids0
check_logged "it goes: the log tells" 'tostring | contains("no copies go to ids0: there is no such interface")'
new_target
check_true "it is made anew: copies are made" wait_until 5 gets_copies web
check "  with the policy" live "$(state web)"
must d restart -t 1 web
check_true "the container starts anew: copies are made" wait_until 10 gets_copies web
daemon_stop
must d rm -f web

say "a sidecar"
must ip -n host link delete ids0
policyctl detach --all
spawn host "$POLICYCTL" sidecar side --policy "$POLICIES/watched.policy" --docker-socket "$DOCKER_SOCKET" --config /dev/null \
	>"$WORK/side.out" 2>"$WORK/side.err"
sidecar=$!
must d run -d --name side image /bin/busybox sleep 1000
check_true "in force without its target" wait_until 10 enforcing side
new_target
check_true "it comes: copies are made" wait_until 5 gets_copies side
stop "$sidecar"
must d rm -f side
must wait_until 10 in_host "$POLICYCTL" detach --all
finish
