#!/bin/bash
# A daemon is killed while it holds a veth whose container is not known. Tests what commands print about it, and how it
# is let go: by hand, or by the next daemon.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
new_netns outside

# A port of docker's bridge that is no container's.
port() { # NAME
	must ip -n host link add "$1" type veth peer name eth0 netns outside
	must ip -n outside addr add 198.18.1.200/24 dev eth0
	must ip -n outside link set eth0 up
	must ip -n host link set "$1" master docker0 up
}

passes() { inside outside ping -qc1 -W0.2 198.18.1.1; }
is_held() { tc -n host filter show dev "$1" ingress | grep -q policyctl && ! passes; }

hold_and_kill() { # NAME
	mark
	port "$1"
	check_logged "$1: held, and said" ".message == \"held\" and .interface == \"$1\""
	daemon_kill9
	check_true "$1: held by nobody" is_held "$1"
}

daemon_start
must talk web 11 -d --label policyctl.deny=tcp --
must wait_until 10 in_force web
web=$(veths_of web)
# A container on the bridge that has lost its veth: each veth that comes may be the one, so it is held.
must talk lost 12 -d --
must ip -n host link del "$(veths_of lost)"
say "who lives keeps what it holds"
port foreign
must wait_until 5 is_held foreign
policyctl detach foreign
check "detach IFACE: nothing is attached" 4 "$STATUS"
check_true "and it stays held" is_held foreign
policyctl doctor --json
check_match "doctor says who holds it, and why" "^the daemon holds foreign: it may be of the container lost" \
	"$(jq -r '.[] | select(.check == "held") | .what' <<<"$OUT")"
must ip -n host link del foreign

say "killed: by hand"
hold_and_kill one
policyctl list --json
check "list: what is attached, and what is held" "$web enforcing daemon, one held null" \
	"$(jq -r '[.[] | "\(.interface) \(.state) \(.manager)"] | join(", ")' <<<"$OUT")"
policyctl show one
check_match "show: it has no policy" "nothing of policyctl is attached" "$ERR"
policyctl doctor --json
check "doctor names it" "warning: 1 interface is held by a process that is gone: one" \
	"$(jq -r '.[] | select(.check == "held") | "\(.level): \(.what)"' <<<"$OUT")"
check_match "and what to do" "policyctl detach one" "$(jq -r '.[] | select(.check == "held").do' <<<"$OUT")"
policyctl detach one
check "detach IFACE lets it go" "0 one: let go: it was held by a process that is gone" "$STATUS $OUT"
check_true "traffic passes" passes
check "nothing is left on it" "" "$(hooks_of one)"
policyctl detach one
check "a second time there is nothing" 4 "$STATUS"
policyctl doctor --json
check "doctor finds nothing any more" "" "$(jq -r '.[] | select(.check == "held") | .what' <<<"$OUT")"
must ip -n host link del one

say "killed: the next daemon"
daemon_start
hold_and_kill two
daemon_start
check_true "it holds on" is_held two
must ip -n host link del two

say "killed: detach --all"
hold_and_kill three
policyctl detach --all
check "status 0" 0 "$STATUS"
check_match "what was held" "^three: let go: it was held by a process that is gone$" "$OUT"
check_match "what was attached" "^$web: detached$" "$OUT"
check_true "traffic passes" passes
check "nothing is left on either" "" "$(hooks_of three)$(hooks_of "$web")"
check "nor pinned" "" "$(find "$PINS" -type f 2>/dev/null)"
must ip -n host link del three
finish
