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

listed_held() { # IFACE: does list say that it is held, and why?
	policyctl list --json
	[ -n "$(jq -r --arg iface "$1" '.[] | select(.interface == $iface and .held) | .why // empty' <<<"$OUT")" ]
}

pair before
daemon_start
check_true "one that was there before is not touched" is_untouched before
pair later
check_true "one that comes may be a container's" wait_until 5 is_held later
check_true "list says that it is held, and why" wait_until 5 listed_held later
check_true "it is let go" wait_until 5 is_untouched later
check_logged "that is said" '.message == "let go" and .interface == "later"'
check "list has nothing of it any more" "[]" "$(policyctl list --json >/dev/null; printf %s "$OUT" | jq -c '[.[] | select(.interface == "later")]')"

say "its other end goes somewhere after all"
mark
new_netns elsewhere
must ip -n host link set later-peer netns elsewhere
check_true "it is held again" wait_until 5 is_held later
check_true "and let go again" wait_until 5 is_untouched later
check_true "before: untouched all the time" is_untouched before

must ip -n host link set later down
must ip -n host link set later up
must talk web 11 -d --label policyctl.deny=tcp -- --rate 100 198.18.1.1
check_true "a container gets its policy as ever" wait_until 5 in_force web
check_true "later: untouched" is_untouched later
must ip -n host link del before
must ip -n host link del later
finish
