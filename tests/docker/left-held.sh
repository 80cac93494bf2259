#!/bin/bash
# A sidecar without an engine holds every veth that comes, and is killed: the daemon lets these veths go.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
counter bridge docker0
daemon_start

says() { # TEXT: does the sidecar?
	grep -q "$1" "$WORK/sidecar"
}

is_held() { # IFACE
	[[ $(hooks_of "$1") = *policyctl_gate* ]]
}

is_untouched() { # IFACE
	[ -z "$(hooks_of "$1")" ]
}

nsenter --net=/run/netns/host "$POLICYCTL" sidecar --docker-socket "$WORK/no-engine" somebody >"$WORK/sidecar" 2>&1 &
sidecar=$!
SPAWNED+=("$sidecar")
must wait_until 10 says ready
must talk plain 11 -d -- --rate 100 198.18.1.1
veth=$(veths_of plain)
check_true "the sidecar holds it, since it cannot tell whose it is" wait_until 5 is_held "$veth"
kill -KILL "$sidecar"
wait "$sidecar" 2>/dev/null
check_true "it is killed: the daemon lets go" wait_until 15 is_untouched "$veth"
check_true "and it talks" wait_until 5 counts bridge tcp 11
check_logged "that is said" '.message == "let go what a dead process held" and .interfaces == "1"'

say "a daemon holds, and is killed"
daemon_stop
nsenter --net=/run/netns/host "$POLICYCTL" daemon --config "$DAEMON_CONFIG" --docker-socket "$WORK/no-engine" \
	>"$WORK/daemon" 2>&1 &
daemon=$!
SPAWNED+=("$daemon")
must wait_until 10 grep -q '"ready"' "$WORK/daemon"
must talk denied 12 -d --label policyctl.deny=tcp,icmp -- --rate 100 198.18.1.1
veth=$(veths_of denied)
check_true "it holds what it knows nothing of" wait_until 5 is_held "$veth"
check_true "the log soon says which one, and why" wait_until 5 grep -q "\"held\".*\"$veth\".*engine does not answer" "$WORK/daemon"
policyctl list --json
check_match "list does too" "^daemon: .*engine does not answer" \
	"$(jq -r --arg iface "$veth" '.[] | select(.interface == $iface and .held) | "\(.manager): \(.why)"' <<<"$OUT")"
policyctl list
check_match "in words, too" "$veth .*held .*held by the daemon, .*engine does not answer" "$OUT"
policyctl doctor
check_match "and doctor" "the daemon holds $veth: .*engine does not answer" "$OUT"
must talk shaken 13 -d -- --rate 100 198.18.1.1
shaken=$(veths_of shaken)
must wait_until 5 is_held "$shaken"
must in_host tc qdisc del dev "$shaken" clsact
check_true "somebody takes off what holds: it is put back" wait_until 5 is_held "$shaken"
check_true "that is said" wait_until 5 grep -q "\"put back\".*\"$shaken\"" "$WORK/daemon"
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
nsenter --net=/run/netns/host "$POLICYCTL" sidecar --docker-socket "$DOCKER_SOCKET" --deny icmp plain >"$WORK/sidecar" 2>&1 &
sidecar=$!
SPAWNED+=("$sidecar")
check_true "a sidecar does its work" wait_until 10 enforcing plain
sleep 6 # it looks for gates of the dead every 5 s
check_true "and lets others' containers be held" is_held "$veth"
stop "$sidecar"
daemon_start
check_true "the next daemon knows what it shall have" wait_until 10 in_force denied
count
check "nothing else got out" "0 yes" "$(counted_of bridge 'tcp|icmp' 12) $(counts bridge udp 12 && echo yes)"
finish
