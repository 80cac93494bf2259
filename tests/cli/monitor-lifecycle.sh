#!/bin/bash
# monitor while everything around it changes: attachments come, change and go, readers are killed, pipes are closed.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need strace flock
new_rooms
new_netns second
new_veth veth1 second 1
cd "$WORK" || exit 1

ports() { # FILE: of its lines
	sed -n 's/^.* DROP rule \([0-9]*\): .*\.\([0-9]*\): .*/\1:\2/p' "$1" | uniq -c | one_line
}

has_drops() { # COUNT FILE
	[ "$(grep -c DROP "$2")" = "$1" ]
}

# --- it begins with nothing, and ends with nothing ---
monitor early
sent_from 2 4:tcp/81 >/dev/null
does attach veth0 --deny tcp/81
remember
sent_from 2 4:tcp/81 4:tcp/82 >/dev/null
does apply veth0 --deny tcp/82
remember
sent_from 3 4:tcp/81 4:tcp/82 >/dev/null
does attach veth1 --deny tcp/83
remember
"$CLI_PROBE" send /run/netns/host veth1 /run/netns/second eth0 4 4:tcp/83 >/dev/null
does detach veth0
does detach veth1
sent_from 2 4:tcp/81 >/dev/null
does attach veth0 --deny tcp/84
remember
sent_from 5 4:tcp/84 >/dev/null
monitor_end early
check "policies come, change and go: each packet with the rule that decided it" \
	"2 1:81 3 2:82 4 1:83 5 1:84" "$(ports early | tr -s ' ' | sed 's/^ //')"
check "and nothing was lost" "14 0 0" "$(monitor_sums early)"

# --- two at once, one of them killed ---
monitor one veth0
monitor two
sent_from 7 4:tcp/84 >/dev/null
must wait_until 5 has_drops 7 two
kill -KILL "${MONITORS[two]}"
wait "${MONITORS[two]}" 2>/dev/null
sent_from 7 4:tcp/84 >/dev/null
monitor_end one
check "the other one goes on" "14 0 0" "$(monitor_sums one)"
does list
check "the next command removes what the killed one left" "" "$(find "$PINS" -name 'reader*')"
check "nobody is watched for any more" '["0x00000000","0x00000000"]' \
	"$(bpftool -j map dump pinned "$(find "$PINS" -name subscriptions)" | jq -c '[.[0].value | .[0:4], .[4:8] | map(ltrimstr("0x")) | "0x" + add]')"

# --- a reader that cannot be looked at is not dead ---
monitor alive
in_host strace -qq -o trace -P "$(find "$PINS" -name 'reader-*')" -e trace=openat -e inject=openat:error=EMFILE \
	"$POLICYCTL" list >list.out 2>&1
check_match "a command finds no descriptor to look for its lock" 'reader-0.*EMFILE' "$(cat trace)"
sent_from 3 4:tcp/84 >/dev/null
monitor_end alive
check "it is told of packets all the same" "3 0 0" "$(monitor_sums alive)"

# --- the interface that is watched ---
does attach veth1 --deny tcp/84
remember
monitor only veth0
"$CLI_PROBE" send /run/netns/host veth1 /run/netns/second eth0 4 4:tcp/84 >/dev/null
sent_from 2 4:tcp/84 >/dev/null
monitor_end only
check "of one interface: only its packets" "2 0 0" "$(monitor_sums only)"
does detach veth1

# --- the reader of its output goes away ---
mkfifo pipe
head -1 <pipe >first &
head=$!
spawn host timeout 20 "$POLICYCTL" monitor >pipe 2>piped.err
piped=$!
must wait_until 5 grep -q watching piped.err
sent_from 3 4:tcp/84 >/dev/null
wait "$head"
check_true "| head: it ends by itself" wait "$piped"
check "what was read is a line" 1 "$(grep -c DROP first)"
check "and nobody complains" 0 "$(grep -ci 'broken pipe\|cannot' piped.err)"

# A pipe without a reader, and no packet.
tail -f pipe >/dev/null &
sleeper=$!
SPAWNED+=("$sleeper")
spawn host timeout 20 "$POLICYCTL" monitor >pipe 2>piped.err
piped=$!
must wait_until 5 grep -q watching piped.err
stop "$sleeper"
check_true "closed while nothing happens: it ends too" wait "$piped"

# A disk that is full.
in_host timeout 20 "$POLICYCTL" monitor >/dev/full 2>full.err &
full=$!
must wait_until 5 grep -q watching full.err
sent_from 3 4:tcp/84 >/dev/null
wait "$full"
check "no room for the output: status 1" 1 $?
check_match "and it says so" 'cannot write the output: No space left' "$(cat full.err)"

# --- an empty variable is not all of them ---
policyctl monitor ""
check_match "an empty IFACE: refused" '^[124]:policyctl: : not a name' "$STATUS:$ERR"

# --- the interface goes, and comes again under its name ---
does attach veth1 --deny tcp/85
remember
monitor on veth1
monitor all
spawn host timeout 20 "$POLICYCTL" capture veth1 -w gone.pcapng 2>gone.err
capture=$!
must wait_until 10 grep -q watching gone.err
sent_to_second() { "$CLI_PROBE" send /run/netns/host veth1 /run/netns/second eth0 "$@" >/dev/null; }
sent_to_second 3 4:tcp/85
must ip -n second link del eth0
wait_until 10 grep -q shown on.err || monitor_end on KILL
wait "${MONITORS[on]}"
check "its monitor ends by itself: status 0" 0 $?
check_match "  and says why" '^policyctl: veth1 is gone' "$(<on.err)"
check "  all of it was told" "3 0 0" "$(monitor_sums on)"
wait "$capture"
check "so does a capture" 0 $?
check_match "  and says why" 'veth1 is gone' "$(<gone.err)"
check_match "  all of it is in the file" '3 packets captured, 0 lost' "$(<gone.err)"
new_veth veth1 second 1
does attach veth1 --deny tcp/86
remember
sent_to_second 2 4:tcp/86
monitor_end all
check "one of all sees the new one too" "5 0 0" "$(monitor_sums all)"
does detach veth1

# --- nohup: it stays when the terminal goes ---
spawn host nohup "$POLICYCTL" monitor >hung 2>hung.err
MONITORS[hung]=$!
must wait_until 5 grep -q watching hung.err
kill -HUP "${MONITORS[hung]}"
sent_from 3 4:tcp/84 >/dev/null
must wait_until 5 has_drops 3 hung
monitor_end hung
check "nohup: a hangup does not end it" "3 0 0" "$(monitor_sums hung)"

# --- the pins are locked while it needs a policy from there ---
must rm "$(find "$PINS" -name policy_text)"
monitor waiting
mkfifo hold
exec 9<>hold
flock "$PINS"/net-* bash -c 'echo >locked; read -r _ <&9' &
holder=$!
must wait_until 5 test -s locked
sent_from 1 4:tcp/84 >/dev/null
must wait_until 5 grep -q 'a change is under way: process [0-9]* (.*) holds the lock' waiting.err
kill -TERM "${MONITORS[waiting]}"
ended() {
	! kill -0 "${MONITORS[waiting]}"
}
check_true "a signal ends it" wait_until 10 ended
echo >&9
wait "$holder" "${MONITORS[waiting]}"
exec 9>&-
check "what it was told is there" "1 0 0" "$(monitor_sums waiting)"

# --- the last one out ---
does detach veth0
does attach veth0 --deny tcp/84
remember
monitor last
does detach veth0
monitor_end last
check "detached while it watched: it takes the rest along" "" "$(ls "$PINS" 2>/dev/null)"
finish
