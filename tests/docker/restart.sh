#!/bin/bash
# The policy follows the container through restart, stop and start, kill, a new name, and many at once. What it denies
# never gets out. A new daemon takes over what it finds.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
MANY=${MANY:-20}
docker_up
counter bridge docker0

tcp_answers() { # CONTAINER NUMBER: does it, to the host?
	in_host timeout 1 bash -c "exec 3<>/dev/tcp/$(address_of "$1")/$((10000 + $2))"
}

check_tcp_is_gone() { # TEXT NAME
	check_true "$1: in force" wait_until 10 in_force "$2"
	check_true "$1: list has its veth, enforcing" wait_until 5 enforcing "$2"
	check_false "$1: no TCP to it" tcp_answers "$2" 11
	check_true "$1: it talks" wait_until 5 counts_more
	check "$1: no TCP from it" 0 "$(counted_of bridge tcp 11)"
}

counts_more() { # than when it was called last
	count
	local before=${MORE:-0}
	MORE=$(counted_of bridge udp 11)
	[ "$MORE" -gt "$before" ]
}

say "without a daemon"
must talk open 10 -d --label policyctl.deny=tcp -- 198.18.1.1
check_true "TCP answers" wait_until 5 tcp_answers open 10
check_true "and is counted" wait_until 5 counts bridge tcp 10
must d rm --force open

say "one container"
daemon_start
must talk web 11 -d --label policyctl.deny=tcp -- --rate 100 198.18.1.1
check_tcp_is_gone "run" web
veth=$(veths_of web)
check "list --json: name, network, veth, who keeps it, where its policy is from" \
	"web bridge $veth daemon labels policyctl.deny" \
	"$(listed web '"\(.container.name) \(.container.network) \(.interface) \(.manager) \(.policy_source)"' | jq -r .)"
policyctl list
check_match "list: in the table too" "^web +bridge +$veth .* labels deny " "$OUT"
policyctl show container:web --docker-socket "$DOCKER_SOCKET"
check_match "show: the rule" "^deny +tcp" "$OUT"

mark
must d restart -t 2 web
check_tcp_is_gone "restart" web
check_false "restart: on another veth" test "$veth" = "$(veths_of web)"

must d stop -t 2 web
check_true "stop: nothing is attached" wait_until 10 no_pins_left
mark
must d start web
check_tcp_is_gone "start" web

mark
must d kill web
must d start web
check_tcp_is_gone "kill and start" web

must d rename web site
check_true "rename: list has the new name" wait_until 10 enforcing site
mark
must d restart -t 2 site
check_tcp_is_gone "rename and restart" site
mark
must d pause site
must d unpause site
check_tcp_is_not_touched() { [ -z "$(log '.level != "debug"')" ]; }
check_true "pause and unpause change nothing" check_tcp_is_not_touched

say "the daemon ends, and another one takes over"
must wait_until 10 settled site
before=$(programs_of site)
dropped=$(counted "$(veths_of site)" dropped)
daemon_stop
check "it ends with status 0" 0 "$STATUS"
check_true "enforcement stays" enforcing site
daemon_start
check "what is attached is the same" "$before" "$(programs_of site)"
in_host timeout 10 "$POLICYCTL" daemon --config "$DAEMON_CONFIG" --docker-socket "$DOCKER_SOCKET" 2>"$WORK/second"
check "a second one at the same time: exit status 1" 1 $?
check_match "  and says why" "policyctl daemon runs already" "$(<"$WORK/second")"
check_true "counters go on" test "$(counted "$(veths_of site)" dropped)" -ge "$dropped"
daemon_stop
must d restart -t 2 site
wait_until 5 counts bridge tcp 11
say "while none runs, a container that starts is open: $(counted_of bridge tcp 11) packets"
daemon_start
check_true "the next one finds it" wait_until 5 enforcing site
count
before=$(counted_of bridge tcp 11)
must wait_until 5 counts_more
check "and nothing more gets out" "$before" "$(counted_of bridge tcp 11)"
must d rm --force site

say "$MANY at once"
all=()
for ((i = 1; i <= MANY; i++)); do
	talk "many$i" $((100 + i)) -d --label policyctl.deny=tcp,icmp -- --rate 20 198.18.1.1 >"$WORK/many.$i" 2>&1 &
	all+=($!)
done
wait "${all[@]}"
all_enforcing() { [ "$(listed_many | wc -l)" = "$MANY" ]; }

listed_many() {
	policyctl list --json
	jq -c '.[] | select(.enforcing and (.container.name // "" | startswith("many"))) | .interface' <<<"$OUT"
}

check_true "all are in force" wait_until 20 all_enforcing
before=$(listed_many | sort)
all=()
for ((i = 1; i <= MANY; i++)); do
	d restart -t 2 "many$i" >"$WORK/many.$i" 2>&1 &
	all+=($!)
done
wait "${all[@]}"
all_on_others() { all_enforcing && [ -z "$(comm -12 <(echo "$before") <(listed_many | sort))" ]; }
check_true "restarted: all are in force on other veths" wait_until 20 all_on_others
for ((i = 1; i <= MANY; i++)); do
	wait_until 5 counts bridge udp $((100 + i)) || fail "many$i talks" "$(<"$WORK/many.$i")"
done
check "nothing of what they may not got out" 0 "$(counted_everywhere 'tcp|icmp' '1[0-9][0-9]')"
finish
