#!/bin/bash
# More packets than can be shown: shown and lost packets together are what the counters counted, to the packet.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
cd "$WORK" || exit 1
FRAMES=60000

does attach veth0 --deny tcp/81
remember

monitor plain
monitor slow --json --rate 100 veth0
monitor filtered udp
before=$(counted veth0 dropped)
sent_from "$FRAMES" 4:tcp/81 >/dev/null
sent_to "$FRAMES" 4:tcp/81 6:tcp/81 >/dev/null
for name in plain slow filtered; do
	monitor_end "$name"
	check "$name: ends well" 0 "$STATUS"
done
dropped=$(($(counted veth0 dropped) - before))
check "all were dropped" $((3 * FRAMES)) "$dropped"

for name in plain slow filtered; do
	read -r shown filtered lost <<<"$(monitor_sums "$name")"
	say "$name: $shown shown, $filtered filtered out, $lost lost"
	check "$name: shown, filtered out and lost are what was dropped" "$dropped" "$((shown + filtered + lost))"
	check "$name: some were lost" 1 "$((lost > 0))"
	check_match "$name: it said so meanwhile" '^policyctl: [0-9,]+ more packets were dropped and not shown: more than [0-9,]+ a second' \
		"$(cat "$name.err")"
done
read -r shown filtered lost <<<"$(monitor_sums plain)"
check "as many lines" "$shown" "$(grep -c DROP plain)"
check "each line is whole" 0 "$(grep -vcE '^[0-9:.]{15} veth0 (from|to  ) DROP rule 1: deny tcp dport 81 \| IP6? .*\.40000 > .*, length 16$' plain)"
read -r shown filtered lost <<<"$(monitor_sums filtered)"
check "the filter let nothing through" "0 0" "$shown $(grep -c . filtered)"
read -r shown filtered lost <<<"$(monitor_sums slow)"
check "as many objects" "$shown" "$(jq -c 'select(.text)' slow | grep -c .)"
check "what the objects say was lost" "$lost" "$(jq -n '[inputs.lost // 0] | add' slow)"
check "and the last one says it all" "[$shown,$filtered,$lost]" "$(tail -1 slow | jq -c '.summary | [.shown, .filtered, .lost]')"

# The highest rate holds for all readers. Alone, the slow one gets no more than it asked for.
monitor alone --rate 100
SECONDS_BEFORE=$SECONDS
before=$(counted veth0 dropped)
sent_from "$FRAMES" 4:tcp/81 >/dev/null
monitor_end alone
dropped=$(($(counted veth0 dropped) - before))
read -r shown filtered lost <<<"$(monitor_sums alone)"
check "--rate 100: shown and lost are what was dropped" "$dropped" "$((shown + filtered + lost))"
check "and no more than that a second" 1 "$((shown <= 100 * (SECONDS - SECONDS_BEFORE + 2)))"

# The reader of the pipe stops, and the ring overflows.
mkfifo stuck
exec 9<>stuck
exec 8<stuck
spawn host "$POLICYCTL" monitor --rate 10000000 >stuck 2>slow.err 8<&- 9>&-
stuck=$!
must wait_until 10 grep -q watching slow.err
before=$(counted veth0 dropped)
sent_from "$FRAMES" 4:tcp/81 >/dev/null
dropped=$(($(counted veth0 dropped) - before))
cat <&8 >stuck.lines 9>&- &
reader=$!
exec 9>&- 8<&-
kill -TERM "$stuck"
check_true "it goes on where somebody reads" wait "$stuck"
wait "$reader"
read -r shown filtered lost <<<"$(monitor_sums slow)"
say "read too slowly: $shown shown, $lost lost"
check "some were lost" 1 "$((lost > 0))"
check "as many lines as it says" "$shown" "$(grep -c 'DROP.*length 16$' stuck.lines)"
check "shown and lost are what was dropped" "$dropped" "$((shown + lost))"

# An endless flood, more than can be written: a signal must still end monitor.
dropped_more_than() { # COUNT
	[ "$(counted veth0 dropped)" -gt "$1" ]
}
monitor endless --json --rate 10000000
before=$(counted veth0 dropped)
"$CLI_PROBE" send /run/netns/container eth0 /run/netns/host veth0 1000000000 4:tcp/81 >/dev/null 2>&1 &
sender=$!
SPAWNED+=("$sender")
must wait_until 20 dropped_more_than $((before + 2 * FRAMES))
kill -TERM "${MONITORS[endless]}"
ended() {
	! kill -0 "${MONITORS[endless]}"
}
check_true "a flood does not keep a signal from ending it" wait_until 10 ended
stop "$sender"
wait "${MONITORS[endless]}"
read -r shown filtered lost <<<"$(monitor_sums endless)"
check "and what it shows is whole" "$shown" "$(jq -c 'select(.text)' endless | grep -c .)"

# Passed packets, and other packets between both ends: the counters have these too.
must ip -n host -6 addr flush dev veth0 scope global
must ip -n container -6 addr flush dev eth0 scope global
before=$(($(counted veth0 passed) + $(counted veth0 dropped)))
monitor passed --all --rate 500
sent_from "$FRAMES" 4:tcp/82 >/dev/null 2>&1
monitor_end passed
after=$(($(counted veth0 passed) + $(counted veth0 dropped)))
read -r shown filtered lost <<<"$(monitor_sums passed)"
say "passed: $shown shown, $lost lost, $((after - before)) counted at most"
sum=$((shown + filtered + lost))
check "--all: shown and lost are what was counted meanwhile" 1 "$((sum >= FRAMES && sum <= after - before))"
check "--all: some passed ones were lost" 1 "$((lost > 0))"
check_match "and it says so" 'more packets passed and were not shown: more than 500 a second' "$(cat passed.err)"
does detach veth0
finish
