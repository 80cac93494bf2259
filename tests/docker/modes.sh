#!/bin/bash
# The hook and the XDP mode follow the capabilities of a container and the configuration. They change under a flood of
# denied packets in both directions, and while the daemon is killed in the middle of it: no denied packet ever passes,
# and allowed ones go on.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
LATE=${LATE:-2}
CHANGES=${CHANGES:-6}
KILLS=${KILLS:-8}

# A runtime whose containers get their network, but do not begin to run while $WORK/slow exists.
cat >"$WORK/slow-runc" <<END
#!/bin/sh
case " \$* " in *" start "*)
	for i in \$(seq 600); do [ -e $WORK/slow ] && sleep 0.1; done
esac
exec runc "\$@"
END
chmod +x "$WORK/slow-runc"
echo "{\"runtimes\": {\"slow\": {\"path\": \"$WORK/slow-runc\"}}}" >"$DOCKER_DIR/daemon.json"
docker_up
network mode 198.18.64.1/24
counter bridge br-mode

start() { # NAME NUMBER DENIED [DOCKER-OPTION...]: its address ends with its number
	talk "$1" "$2" -d --net mode --ip "198.18.64.$2" --mac-address "$(mac_of "198.18.64.$2")" \
		--label "policyctl.deny=$3" "${@:4}" -- --rate 300 198.18.64.1
}

# From the kernel, not from policyctl.
mode_of() { # CONTAINER
	ip -n host -j -d link show dev "$(veths_of "$1")" |
		jq -r '.[0].xdp.mode as $mode | {"1": "native", "2": "generic"}["\($mode)"] // "none"'
}

has_mode() { # MODE CONTAINER...
	local name
	for name in "${@:2}"; do
		[ "$(mode_of "$name") $(listed "$name" '.xdp.mode // "none"')" = "$1 \"$1\"" ] || return
	done
}

talks_on() { # NUMBER ALLOWED: waits for more of it
	local before
	count
	before=$(counted_of bridge "$2" "$1")
	more() { count && [ "$(counted_of bridge "$1" "$2")" -ge $((before + 30)) ]; }
	wait_until 5 more "$2" "$1"
}

check_never_passed() { # TEXT NAME NUMBER DENIED ALLOWED
	local protocol
	check_true "$1: $2 sends what it may" talks_on "$3" "$5"
	check "$1: nothing else ever got out of $2" 0 "$(counted_of bridge "$(tr ' ' '|' <<<"$4")" "$3")"
	for protocol in $4; do
		check "$1: no $protocol ever got in" 0 "$(received_by "$2" "$protocol")"
	done
}

say "by what the container may do"
daemon_start
must start plain 14 tcp
must start admin 15 tcp --cap-add NET_ADMIN
must start raw 16 tcp --cap-add NET_RAW --cap-add SYS_PTRACE
for name in plain admin raw; do
	must wait_until 10 in_force $name
done
check_true "clsact alone where it may not reconfigure its network" has_mode none plain raw
check_true "native where it may" has_mode native admin
must d create --name guest --network container:plain --cap-add NET_ADMIN image /bin/busybox sleep 1000
check_true "native before one shares its network that may" wait_until 5 has_mode native plain
must d rm guest
check_true "and clsact alone when it is gone" wait_until 5 has_mode none plain
remove_containers

say "what it may do is known late, $LATE times"
waits_to_run() { pgrep -f "slow-runc.* start " >/dev/null; }
for ((round = 0; round < LATE; round++)); do
	daemon_stop
	touch "$WORK/slow"
	start late 10 "tcp icmp" --runtime slow >"$WORK/late" 2>&1 &
	late=$!
	must wait_until 10 waits_to_run
	daemon_start
	check_logged "round $round: nothing but its labels is known: native" \
		'.message == "policy in force" and .container == "late" and .mode == "native"'
	flood br-mode 3 200 198.18.64.10 # what comes before the daemon is not its
	rm "$WORK/slow"
	wait $late
	check_logged "round $round: changed when it is known" '.message == "mode changed" and .container == "late"'
	check_true "round $round: clsact alone now" has_mode none late
	check_never_passed "round $round" late 10 "tcp icmp" udp
	stop "$FLOOD"
	must d rm --force late
done

say "by configuration, $CHANGES times"
flood br-mode 2 200 198.18.64.1{1,2}
must start talk 11 "tcp icmp"
must start stream 12 "udp icmp"
must wait_until 10 in_force talk
must wait_until 10 in_force stream
spawn host "$DOCKER_PROGRAMS/docker_stream" 198.18.64.12 10012 >"$WORK/stream"
STREAM=$!

change() { # MODE
	daemon_configure "policy.mode=$1"
	kill -HUP "$DAEMON"
}

other_mode() { if [ $(($1 % 2)) = 0 ]; then echo native; else echo generic; fi; }

for ((change = 0; change < CHANGES; change++)); do
	mode=$(other_mode $change)
	change "$mode"
	wait_until 10 has_mode "$mode" talk stream || fail "change $change: it is $mode" "$(log | tail)"
	talks_on 11 udp || fail "change $change: what it may passes in $mode mode"
done
check_never_passed "changed" talk 11 "tcp icmp" udp
check_never_passed "changed" stream 12 "udp icmp" tcp

say "killed in the middle of it, $KILLS times"
for ((kill = 0; kill < KILLS; kill++)); do
	mode=$(other_mode $kill)
	change "$mode"
	sleep 0.0$((RANDOM % 60 + 10)) # somewhere in it
	daemon_kill9
	daemon_start
	wait_until 10 has_mode "$mode" talk stream || fail "kill $kill: it is $mode with the next one" "$(log | tail)"
	{ enforcing talk && enforcing stream; } || fail "kill $kill: enforced"
done
interrupted=$(whole_log '.message | contains("interrupted")' | wc -l)
say "the next one found one half changed $interrupted times"
check_never_passed "killed" talk 11 "tcp icmp" udp
check_never_passed "killed" stream 12 "udp icmp" tcp
check "one generation of each is left" 2 "$(find "$PINS" -path '*/gate-*' -prune -o -name meta -print | wc -l)"
stop "$STREAM"
say "the stream: $(<"$WORK/stream")"
check "the stream came back whole" "true 0 false" \
	"$(jq -r '"\(.sent == .returned and .sent > 0) \(.wrong) \(.broken)"' "$WORK/stream")"
check "the counter missed nothing" 0 "$(counted_everywhere lost 0)"
stop "$FLOOD"
finish
