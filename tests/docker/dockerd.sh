#!/bin/bash
# dockerd is stopped, killed and started again, with and without live-restore. An attachment stays as long as the
# container's veth; a container that starts again is held from its first packet on. Prints a table of the observations.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"

start() { # NAME NUMBER [DOCKER-OPTION...]
	must talk "$1" "$2" -d "${@:3}" --label policyctl.deny=tcp,icmp -- --rate 200 198.18.1.1
}

process_runs() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }

veth_is_enforced() { # VETH
	policyctl list --json
	[ -n "$(jq --arg veth "$1" '.[] | select(.interface == $veth and .enforcing)' <<<"$OUT")" ]
}

fate() { # PID VETH: of a container, while dockerd is away
	local words=gone
	! process_runs "$1" || words=runs
	if ! ip -n host link show dev "$2" >/dev/null 2>&1; then
		words+=", no veth"
	elif veth_is_enforced "$2"; then
		words+=", enforced"
	else
		words+=", OPEN"
	fi
	echo "$words"
}

fate_of() { # NAME, when docker can be asked
	if ! is_running "$1"; then
		echo "stopped"
	elif wait_until 10 enforcing "$1"; then
		echo "runs, enforced"
	else
		echo "runs, OPEN"
	fi
}

row() { printf '# %-20s %-10s %-20s %-20s %-20s %-20s %7s\n' "$@"; }

CASES=0
row "dockerd" container before "while it is away" "when it is back" "started again" "leaked" >"$WORK/table"

# Two containers; dockerd starts one of them when it starts itself.
try() { # TERM|KILL [DOCKERD-OPTION]
	local case="$*" number=$((10 + 10 * CASES++)) name leaked
	local -A pid veth away back
	say "$case"
	[ -n "$DOCKERD" ] || must docker_start "${@:2}"
	mark
	start once "$number"
	start always $((number + 1)) --restart always
	for name in once always; do
		must wait_until 10 in_force $name
		pid[$name]=$(pid_of $name) veth[$name]=$(veths_of $name)
	done
	mark
	docker_ends "$1"
	check_logged "$case: the daemon says that the engine is lost" '.message == "engine lost"'
	for name in once always; do
		away[$name]=$(fate "${pid[$name]}" "${veth[$name]}")
		check_no_match "$case: $name, while it is away" OPEN "${away[$name]}"
	done
	must docker_start "${@:2}"
	check_logged "$case: and that it is back" '.message == "engine connected"'
	for name in once always; do
		back[$name]=$(fate_of $name)
		check_no_match "$case: $name, when it is back" OPEN "${back[$name]}"
		is_running $name || must d start $name
		check_true "$case: $name is in force at last" wait_until 10 enforcing $name
	done
	for name in once always; do
		must wait_until 10 counts bridge udp "$number"
		leaked=$(counted_everywhere 'tcp|icmp' "$number")
		check "$case: of $name nothing got out" 0 "$leaked"
		row "$case" $name "runs, enforced" "${away[$name]}" "${back[$name]}" "$(fate_of $name)" "$leaked" >>"$WORK/table"
		number=$((number + 1))
	done
	say "the daemon's log: $(log '.level != "debug"' | jq -r '"\(.message)\(if .container then " (\(.container))" else "" end)"' | paste -sd';' | sed 's/;/; /g')"
	remove_containers
	check_true "$case: nothing stays attached" wait_until 10 no_pins_left
}

docker_up
counter bridge docker0
daemon_start
try TERM
try KILL
docker_down
try TERM --live-restore
try KILL --live-restore
cat "$WORK/table"

say "the daemon starts while dockerd is away"
start early 60
must wait_until 10 in_force early
docker_ends KILL
daemon_kill9
daemon_start
check_true "the container keeps its policy" veth_is_enforced "$(ip -n host -j link show type veth | jq -r '.[0].ifname')"
must docker_start --live-restore
check_true "and when dockerd is back" wait_until 10 enforcing early
count
check "nothing got out" 0 "$(counted_everywhere 'tcp|icmp' 60)"
finish
