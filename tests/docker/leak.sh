#!/bin/bash
# Containers that send denied packets from main()'s first instruction, while such packets are sent to them: nothing gets
# out, nothing gets in. STARTS of them: a third one after the other, the rest four at a time with all cores busy.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
STARTS=${STARTS:-30}
SLOTS=4
docker_up
network leak 198.18.64.1/24
counter bridge br-leak
must talk peer 1 -d --net leak --ip 198.18.64.9 --
counter peer eth0 "$(pid_of peer)"
flood br-leak 2 100 198.18.64.1{0..3}

start() { # NUMBER SLOT
	talk "start$1" "$1" --rm --net leak --ip "198.18.64.1$2" --mac-address "$(mac_of "198.18.64.1$2")" \
		--label "policyctl.deny=$(denied "$1")" -- --seconds 0.8 --rate 200 198.18.64.1 198.18.64.9 \
		>"$WORK/run.$1" 2>&1 || echo "start $1: $(<"$WORK/run.$1")" >>"$WORK/broken"
}

start_each() { # SLOT FIRST LAST STEP
	local number
	for ((number = $2; number <= $3; number += $4)); do
		start "$number" "$1"
	done
}

check_none_leaked() { # TEXT FIRST LAST
	count
	check "$1: all started" "" "$(cat "$WORK/broken" 2>/dev/null)"
	check "$1: all talked" "" "$(silent "$2" "$3")"
	check "$1: 0 get out" "" "$(leaked_out "$2" "$3")"
	check "$1: 0 get in" "" "$(leaked_in "$2" "$3")"
	check "$1: the counters missed nothing" 0 "$(counted_everywhere lost 0)"
	timing=$("${BASH_SOURCE%/*}/timing.py" "$DAEMON_LOG" "$RECORDS" $(seq -f 'start%g' "$2" "$3"))
	check "$1: each was held before its main()" 0 "$?"
	echo "$timing"
}

say "without a daemon, all of it is counted"
start_each 0 10 13 1
count
check "4 get out" 4 "$(leaked_out 10 13 | wc -l)"
check "6 kinds get in" 6 "$(leaked_in 10 13 | wc -l)"

first=20
idle=$((first + STARTS / 3 - 1))
last=$((first + STARTS - 1))
daemon_start
say "one at a time"
start_each 0 $first $idle 1
check_none_leaked "$((idle - first + 1)) starts" $first $idle

say "all cores busy, $SLOTS at a time"
for ((i = 0; i < $(nproc); i++)); do
	spawn host sh -c 'while :; do :; done'
done
workers=()
for ((slot = 0; slot < SLOTS; slot++)); do
	start_each $slot $((idle + 1 + slot)) $last $SLOTS &
	workers+=($!)
done
wait "${workers[@]}"
check_none_leaked "$((last - idle)) starts" $((idle + 1)) $last
stop "$FLOOD"
finish
