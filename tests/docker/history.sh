#!/bin/bash
# The history of a container: what the daemon and a sidecar put in force, by the container's name, through restarts and
# when it is gone. What they keep is neither tried nor undone by hand. By hand, all veths of a container are meant.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
export DOCKER_HOST=unix://$DOCKER_SOCKET
network hist 198.18.64.1/24
network more 198.18.65.1/24

entries() { # NAME FILTER: of each entry, the newest first
	in_host "$POLICYCTL" history "container:$1" --json | jq -c "map($2)"
}

newest() { # NAME FILTER VALUE
	[ "$(entries "$1" "$2" | jq -r '.[0]')" = "$3" ]
}

run() { # NAME [DOCKER-OPTION...]
	must d run -d --name "$1" --network hist "${@:2}" image /bin/busybox sleep 600
}

say "the daemon"
echo 'deny tcp' >"$POLICIES/web.policy"
daemon_start
run web --label policyctl.policy=web
check_true "attached, by the daemon" wait_until 10 newest web '"\(.event) \(.manager) \(.policy_source)"' \
	"attached daemon web.policy"
check_match "by its command" '^\["policyctl daemon ' "$(entries web .by.command)"
check "on its network" '["hist"]' "$(entries web .container.network)"
must d restart --time 0 web
check_true "started again: in force" wait_until 10 in_force web 2
check "no new entry" '["attached"]' "$(entries web .event)"
echo 'deny udp' >"$POLICIES/web.policy"
check_true "its file changes: an entry" wait_until 10 newest web .event changed
check "what changed" '[["deny udp"],["deny tcp"]]' "$(entries web '[(.added | map(.rule)), (.removed | map(.rule))]' | jq -c '.[0]')"
policyctl deny container:web icmp --confirm 1h
check_match "--confirm is refused, as any change by hand" '^1 .*the daemon keeps the policy of web' "$STATUS $ERR"
policyctl undo container:web
check_match "so is undo" '^1 .*the daemon keeps the policy of web' "$STATUS $ERR"
policyctl confirm container:web
check "nothing waits" 1 "$STATUS"
must d rm --force web
check "it is gone, its history is not" '["changed","attached"]' "$(entries web .event)"
policyctl history container:web
check_match "as text" '^veth[0-9a-f]+ \(web on hist\)$' "$(head -n 1 <<<"$OUT")"
daemon_stop

say "a sidecar"
run side
spawn host "$POLICYCTL" sidecar side --deny tcp --docker-socket "$DOCKER_SOCKET" >"$WORK/sidecar" 2>&1
sidecar=$!
check_true "attached, by the sidecar" wait_until 10 newest side '"\(.event) \(.manager)"' "attached sidecar"
stop "$sidecar"

say "by hand: all veths of a container"
run hand
must d network connect more hand
does attach container:hand --deny tcp
does apply container:hand --deny udp --confirm 1h
check "both wait" '[true,true]' "$(in_host "$POLICYCTL" list --json | jq -c '[.[] | select(.container.name == "hand") | .unconfirmed != null]')"
does confirm container:hand
check "both are confirmed" "2" "$(wc -l <<<"$OUT")"
check "a history for each network" '["hist","more"]' "$(entries hand .container.network | jq -c unique)"
does undo container:hand
check "both are undone" 2 "$(grep -c 'changed$' <<<"$OUT")"
both() { [ "$(in_host "$POLICYCTL" show container:hand 2>/dev/null | grep -c "^deny $1 ")" = 2 ]; }
check_true "both have the first policy" both tcp
does apply container:hand --deny udp --confirm 1s
check_true "not confirmed: both go back" wait_until 10 both tcp
does detach container:hand
does attach container:hand --deny udp --confirm 1s
nothing() { [ "$(in_host "$POLICYCTL" list --json | jq '[.[] | select(.container.name == "hand")] | length')" = 0 ]; }
check_true "attach, not confirmed: both are detached" wait_until 10 nothing
policyctl detach --all
remove_containers
docker_down
finish
