#!/bin/bash
# A command is stopped in the middle of a change. Commands that read go on at once, show the whole old or the whole new
# policy, and say so; those that write name it, and give up. STRIDE=1 EVERY=1 stops it at each call.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need strace flock pgrep
new_rooms
EVERY=${EVERY:-12} STRIDE=${STRIDE:-2}

is_stopped() { grep -q '^State:.T' "/proc/$1/status" 2>/dev/null; }
is_gone() { [ ! -e "/proc/$1" ]; }
was_stopped() { grep -q 'stopped by SIGSTOP' "$WORK/stops" 2>/dev/null || is_gone "$TRACER"; }

# Starts policyctl, and stops it as it enters its Nth call of CALL. Its pid is in $WRITER; fails if it came to its end.
stop_at() { # CALL N ARGUMENTS...
	rm -f "$WORK/stops"
	nsenter --net=/run/netns/host strace -o "$WORK/stops" -e "trace=$1" -e "inject=$1:signal=STOP:when=$2" \
		"$POLICYCTL" "${@:3}" >"$WORK/writer" 2>&1 &
	TRACER=$!
	must wait_until 10 was_stopped
	WRITER=$(pgrep -P "$TRACER") || { wait "$TRACER"; return 1; }
	kill -KILL "$TRACER" # it stays stopped
	wait "$TRACER" 2>/dev/null
	must wait_until 5 is_stopped "$WRITER"
}

goes_on() {
	kill -CONT "$WRITER"
	must wait_until 20 is_gone "$WRITER"
}

holds_the_lock() { grep -q "FLOCK  ADVISORY  WRITE $WRITER " /proc/locks; }

broken() { BROKEN+="$POINT: $*"$'\n'; }

# reads STATUSES ARGUMENTS...: within four seconds (who waits takes five), and says that a change is under way.
reads() {
	local start=$EPOCHREALTIME statuses=$1
	in_host timeout 10 "$POLICYCTL" "${@:2}" >"$WORK/stdout" 2>"$WORK/stderr"
	STATUS=$?
	OUT=$(<"$WORK/stdout")
	ERR=$(<"$WORK/stderr")
	[[ " $statuses " = *" $STATUS "* ]] || broken "${*:2}: status $STATUS: $ERR"
	[ $((${EPOCHREALTIME/./} - ${start/./})) -lt 4000000 ] || broken "${*:2}: it waited"
	[ "$2" = doctor ] || grep -q "process $WRITER (policyctl .*) holds the lock and is stopped" <<<"$ERR" ||
		broken "${*:2}: says nothing of the change: $ERR"
}

# show prints one of these policies, and nothing of the other.
shows_one_of() { # RULES...
	local rules
	reads 0 show veth0
	rules=$(grep -oE '^(deny|allow) [a-z0-9 ]*[a-z0-9]' <<<"$OUT")
	for policy; do
		[ "$rules" != "$policy" ] || return 0
	done
	broken "show: $rules"
}

looks() { # RULES...
	local pins
	pins=$(find "$PINS" | sort)
	shows_one_of "$@"
	reads 0 list --json
	[ "$(jq -c '[.[].interface]' <<<"$OUT")" = '["veth0"]' ] || broken "list: $OUT"
	reads 0 stats veth0 --json
	[ "$(jq -c '[.[].interface]' <<<"$OUT")" = '["veth0"]' ] || broken "stats: $OUT"
	reads 0 explain veth0 to icmp type echo-request
	grep -q '^verdict *passes' <<<"$OUT" || broken "explain: $OUT"
	reads "0 3" doctor veth0 --json
	[ "$(jq -r '.[] | select(.check == "lock").level' <<<"$OUT")" = warning ] || broken "doctor: $OUT"
	[ "$pins" = "$(find "$PINS" | sort)" ] || broken "pins changed: $(diff <(echo "$pins") <(find "$PINS" | sort))"
}

# Stops the command at many points. BEFORE prepares each, LOOK reads meanwhile, AFTER looks how it ended.
walk() { # BEFORE LOOK AFTER ARGUMENTS...
	local before=$1 look=$2 after=$3 call n count=0 round=0
	shift 3
	BROKEN=
	for call in bpf sendto unlink rmdir mkdir membarrier; do
		for n in $(points "$call" "$@"); do
			[ $((round++ % STRIDE)) = 0 ] || [ $call = membarrier ] || continue
			"$before"
			POINT="$call $n"
			stop_at "$call" "$n" "$@" || continue
			if holds_the_lock; then
				count=$((count + 1))
				"$look"
			fi
			goes_on
			"$after"
		done
	done
	check "policyctl $*: stopped at $count points" "" "$BROKEN"
	check_true "  these are enough points to mean something" test "$count" -gt 4
}

say "apply"
deny_tcp() { in_host "$POLICYCTL" apply veth0 --deny tcp >/dev/null || broken "not prepared"; }
denies_udp() {
	in_host "$POLICYCTL" show veth0 >"$WORK/stdout" 2>"$WORK/stderr"
	grep -q "^deny udp" "$WORK/stdout" || broken "did not go on: $(<"$WORK/writer")"
}
look_at_either() { looks "deny tcp" "deny udp"; }
does attach veth0 --deny tcp
walk deny_tcp look_at_either denies_udp apply veth0 --deny udp

# All of the new policy is pinned, and nothing of it judges: what is shown is what judges.
deny_tcp
in_host strace -qq -o "$WORK/trace" -e trace=bpf,sendto "$POLICYCTL" apply veth0 --deny udp >/dev/null 2>&1
deny_tcp
POINT="behind the last pin" BROKEN=
stop_at sendto "$(awk '/^sendto/ { n++ } /BPF_OBJ_PIN/ { before = n } END { print before + 1 }' "$WORK/trace")" \
	apply veth0 --deny udp
check "stopped behind the last pin" 2 "$(find "$PINS" -name meta | wc -l)"
check_arrives "  the old policy judges" from 2 "4:tcp/80 0" "4:udp/53 2"
shows_one_of "deny tcp"
reads 0 list --json
check "  it is shown, and as in force" ":true" "$BROKEN:$(jq -c '.[0].enforcing' <<<"$OUT")"
goes_on
denies_udp

say "detach"
attach() { in_host "$POLICYCTL" attach veth0 --deny tcp >/dev/null || broken "not prepared"; }
is_empty() { [ "$(in_host "$POLICYCTL" list --json)" = "[]" ] || broken "did not go on: $(<"$WORK/writer")"; }
look_at_one_or_none() {
	reads "0 4" show veth0
	reads 0 list --json
	jq -e 'length < 2' <<<"$OUT" >/dev/null || broken "list: $OUT"
	reads "0 3 4" doctor veth0 --json
}
walk attach look_at_one_or_none is_empty detach veth0

say "attach"
detach() { in_host "$POLICYCTL" detach --all >/dev/null || broken "not prepared"; }
enforces() { in_host "$POLICYCTL" list --json | jq -e '.[0].enforcing' >/dev/null || broken "did not go on: $(<"$WORK/writer")"; }
walk detach look_at_one_or_none enforces attach veth0 --deny udp

say "monitor"
does apply veth0 --deny tcp
remember
stop_at membarrier 1 apply veth0 --deny udp
monitor stopped veth0
check_match "it begins at once, and says so" "a change is under way: process $WRITER .policyctl apply veth0 --deny udp. holds the lock and is stopped" \
	"$(<"$WORK/stopped.err")"
sent_from 3 4:udp/53 >/dev/null
goes_on
sent_from 4 4:udp/53 >/dev/null
monitor_end stopped
check "it shows what was dropped before and behind" "7 0 0" "$(monitor_sums stopped)"
remember
does detach veth0
stop_at flock 1 attach veth0 --deny tcp
check_true "attach is stopped with the lock" holds_the_lock
policyctl monitor
check "nothing is attached yet: it does not wait to come into being" \
	"1::policyctl: process $WRITER (policyctl attach veth0 --deny tcp) holds the lock, and nothing is attached yet" \
	"$STATUS:$OUT:$(tail -n 1 <<<"$ERR")"
goes_on
remember

say "a command that writes"
does apply veth0 --deny tcp
remember
stop_at membarrier 1 apply veth0 --deny udp
before=$(snapshot)
for command in "deny veth0 icmp" "attach veth0 --deny udp" "detach veth0" "apply veth0 --deny sctp" "delete veth0 1"; do
	start=$SECONDS
	# shellcheck disable=SC2086 # words
	POLICYCTL_WAIT=1 policyctl $command
	check_match "$command: names it, and gives up" \
		"^1::policyctl: .*process $WRITER .policyctl apply veth0 --deny udp. holds the lock and is stopped .kill -CONT $WRITER lets it go on." \
		"$STATUS:$OUT:$(tail -n 1 "$WORK/stderr")"
	check_true "  soon" test $((SECONDS - start)) -lt 4
done
start=$SECONDS
policyctl detach veth0
check "unless told otherwise, it gives up" 1 "$STATUS"
check_true "  after 5 seconds" test $((SECONDS - start)) -ge 5 -a $((SECONDS - start)) -lt 8
check_match "  having said what it waits for" "^policyctl: waiting for process $WRITER .* which holds the lock and is stopped$" "$ERR"
check_same "nothing has changed" "$before" "$(snapshot)"
in_host "$POLICYCTL" deny veth0 icmp >"$WORK/waits" 2>&1 &
waiter=$!
must wait_until 5 grep -q 'waiting for process' "$WORK/waits"
goes_on
wait $waiter
check "it goes on: who waits comes to its turn" 0 "$?"
remember
policyctl show veth0
check "  in order" "deny icmp deny udp" "$(grep -oE '^deny [a-z]*' <<<"$OUT" | one_line)"

say "another process that does not let go"
flock "$PINS"/net-* sleep 1000 &
holder=$!
sleep_runs() { pgrep -P "$holder" sleep >/dev/null; }
must wait_until 5 sleep_runs
policyctl list --json
check "list shows it" '["veth0"]' "$(jq -c '[.[].interface]' <<<"$OUT")"
check_match "  and says so" "^policyctl: a change is under way: process $holder .flock $PINS/net-[0-9]+ sleep 1000. holds the lock; what is shown" "$ERR"
POLICYCTL_WAIT=2 policyctl detach veth0
check "detach gives up" "1:policyctl: process $holder (flock $(echo $PINS/net-*) sleep 1000) has held the lock for 2 seconds (nothing was detached)" \
	"$STATUS:$(tail -n 1 <<<"$ERR")"
for wait in 0 -1 x 1x 99999999; do
	POLICYCTL_WAIT=$wait policyctl detach veth0
	check "POLICYCTL_WAIT=$wait" "1:policyctl: POLICYCTL_WAIT=$wait is not a number of seconds from 1 to 86400 (nothing was detached)" "$STATUS:$ERR"
done
kill "$(pgrep -P "$holder" sleep)"
wait $holder
does detach veth0
finish
