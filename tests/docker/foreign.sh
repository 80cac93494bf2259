#!/bin/bash
# Bridges and veths that are no container's, of every name, come and go beside containers: LXC's way, by hand, on the
# engine's own bridges; while the daemon is started again, and where no engine is. None of them is held for longer than
# two seconds, and no container is ever without its policy. CHURN=600: for ten minutes.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
CHURN=${CHURN:-8}
docker_up
network app 198.18.64.1/24
counter bridge br-app
here=$(dirname "$0")

spawn host "$here/foreign.py" watch >"$WORK/watched"
watch=$!
must wait_until 5 grep -q watching "$WORK/watched"

start() { # NUMBER LAST-DIGIT
	local address=198.18.64.1$2
	talk "start$1" "$1" --rm --net app --ip "$address" --mac-address "$(mac_of "$address")" \
		--label "policyctl.deny=$(denied "$1")" -- --seconds 0.8 --rate 100 198.18.64.1 >"$WORK/run.$1" 2>&1 ||
		echo "start $1: $(<"$WORK/run.$1")" >>"$WORK/broken"
}

foreign() { # SECONDS FIRST-NUMBER: they come and go
	nsenter --net=/run/netns/host "$here/foreign.py" churn "$1" "$WORK/names.new" "$2" 2>"$WORK/churn.err"
	cat "$WORK/names.new" >>"$WORK/names"
}

# Of those of the file names: how many were held, and those that were for longer than two seconds.
held_ones() { # MILLISECONDS
	awk -v longest="$1" 'NR == FNR { foreign[$1]; next } $1 in foreign && $2 * 1000 > longest' "$WORK/names" "$WORK/watched"
}

daemon_start
must talk stay 10 -d --net app --label policyctl.deny=tcp,icmp -- --rate 100 198.18.64.1
must wait_until 10 in_force stay

say "beside containers, for $CHURN seconds"
foreign "$CHURN" 0 &
churn=$!
number=100
end=$((SECONDS + CHURN))
restarts=0
while [ $SECONDS -lt $end ] && [ $number -lt 998 ]; do
	start $number 1 &
	one=$!
	start $((number + 1)) 2
	wait $one
	number=$((number + 2))
	if [ $((number % 12)) = 0 ]; then
		if [ $((number % 24)) = 0 ]; then daemon_kill9; else daemon_stop; fi
		daemon_start
		restarts=$((restarts + 1))
	fi
done
wait $churn
count
say "$((number - 100)) containers, $(wc -l <"$WORK/names") foreign veths, $restarts restarts of the daemon"
check "all containers started" "" "$(cat "$WORK/broken" 2>/dev/null)"
check "all talked" "" "$(silent 100 $((number - 1)))"
check "0 get out" "" "$(leaked_out 100 $((number - 1)))"
check "0 get in" "" "$(leaked_in 100 $((number - 1)))"
check_true "one that stays has its policy" enforcing stay

say "without an engine"
daemon_stop
mark
nsenter --net=/run/netns/host "$POLICYCTL" daemon --config "$DAEMON_CONFIG" --docker-socket "$WORK/no-engine" \
	>>"$WORK/daemon.out" 2>>"$DAEMON_LOG" </dev/null &
DAEMON=$!
must wait_until 20 ready_or_gone
foreign $((CHURN / 3 + 3)) 50000
check_true "one that stays has its policy" enforcing stay
daemon_stop

stop "$watch"
say "foreign veths: $(sort -u "$WORK/names" | wc -l), held $(held_ones 0 | wc -l) times, for $(
	held_ones 0 | awk '{ print $2 }' | sort -n | awk '{ a[NR] = $1 } END { print (NR ? a[int((NR + 1) / 2)] : 0) " s in the middle, " (NR ? a[NR] : 0) " s at most" }')"
check_true "some were held, so this means something" test "$(held_ones 0 | wc -l)" -gt 0
check "none was held for longer than two seconds" "" "$(held_ones 2000)"
check "nothing is said of them but why they were let go" "" "$(whole_log '.message == "held" and .level == "warning"' |
	jq -r .interface | grep -Fxf "$WORK/names" | sort -u)"
check "the counter missed nothing" 0 "$(counted_everywhere lost 0)"
daemon_start
finish
