#!/bin/bash
# The same over IPv6: STARTS containers send denied packets from main()'s first instruction, while such packets are sent
# to them. Nothing gets out, nothing gets in, and neighbour discovery works at once.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
STARTS=${STARTS:-8}
docker_up
network6 leak 64
counter bridge br-leak
must talk peer 1 -d --net leak --ip 198.18.64.9 --ip6 2001:db8:64::9 --
counter peer eth0 "$(pid_of peer)"
gateway_is_there() { ! ip -n host -6 addr show dev br-leak tentative | grep -q 2001:db8:64::1; }
must wait_until 10 gateway_is_there
flood br-leak 2 100 2001:db8:64::10

# Half of them allow by rules, and deny by default: only the implicit rules pass neighbour discovery.
labels() { # NUMBER
	if [ $(($1 % 2)) = 0 ]; then
		printf -- '--label policyctl.default.%s=deny ' from to
		echo "--label policyctl.allow=$(allowed "$1")"
	else
		echo "--label policyctl.deny=$(denied "$1")"
	fi
}

start() { # NUMBER
	# shellcheck disable=SC2046 # words
	must talk "start$1" "$1" --rm --net leak --ip 198.18.64.10 --ip6 2001:db8:64::10 \
		--mac-address "$(mac_of 198.18.64.10)" $(labels "$1") -- --seconds 0.8 --rate 200 2001:db8:64::1 2001:db8:64::9
}

start_each() { # FIRST LAST
	local number
	for ((number = $1; number <= $2; number++)); do
		start "$number"
	done
	count
}

# Milliseconds from main() until the first packet reached the peer, neighbour discovery included.
reached_peer() { # NUMBER
	awk -v number="$1" -v main="$(recorded "start$1" .main)" -v protocols="^(udp|tcp|icmp)$" '
		$1 ~ protocols && $2 == number && (!first || $4 < first) { first = $4 }
		END { printf "%d\n", first ? (first - main) / 1e6 : 1e6 }' "$WORK/count.peer"
}

slow() { # FIRST LAST
	local number
	for ((number = $1; number <= $2; number++)); do
		[ "$(reached_peer "$number")" -lt 500 ] || echo "start $number: after $(reached_peer "$number") ms"
	done
}

say "without a daemon, all of it is counted"
start_each 10 11
check "2 get out" 2 "$(leaked_out 10 11 | wc -l)"
check "3 kinds get in" 3 "$(leaked_in 10 11 | wc -l)"
check "neighbours are found at once" "" "$(slow 10 11)"

last=$((20 + STARTS - 1))
daemon_start
say "with one: $STARTS starts"
start_each 20 $last
check "all talked" "" "$(silent 20 $last)"
check "0 get out" "" "$(leaked_out 20 $last)"
check "0 get in" "" "$(leaked_in 20 $last)"
check "the counters missed nothing" 0 "$(counted_everywhere lost 0)"
check "neighbours are found at once" "" "$(slow 20 $last)"
say "ms from main() to the peer: $(for ((number = 20; number <= last; number++)); do reached_peer $number; done | sort -n | one_line)"
stop "$FLOOD"
finish
