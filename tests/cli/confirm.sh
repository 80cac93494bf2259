#!/bin/bash
# --confirm TIME: a change goes back by itself, also when its terminal is gone and policyctl was killed with its whole
# process group. confirm keeps it, undo takes it back at once. While it waits no other command changes it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/transfers.bash"
sandbox "$@"
need script strace /usr/bin/python3
new_rooms
before=$(snapshot)

state() { in_host "$POLICYCTL" list --json 2>/dev/null | jq -c '.[0] | [.state, .unconfirmed.back_to]'; }

# The lines of the policy, without counts and ids.
policy() { in_host "$POLICYCTL" show veth0 2>/dev/null | grep -v '^#' | sed -E 's/ +#.*//'; }

# By the kernel alone: no command of policyctl may take part in what is waited for.
dropped() { [ "$(sent_to 1 4:tcp/80 2>/dev/null | one_line)" = "4:tcp/80 0" ]; }
passed() { [ "$(sent_to 1 4:tcp/80 2>/dev/null | one_line)" = "4:tcp/80 1" ]; }

watcher() { in_host "$POLICYCTL" list --json 2>/dev/null | jq -r '.[0].unconfirmed.process'; }

gone() { ! kill -0 "$1" 2>/dev/null; }

no_watchers() { ! other_processes 2>/dev/null | grep -q -- --confirm; }

ends() { # TEXT PID
	check_true "$1: the process that waited is gone" wait_until 5 gone "$2"
}

say "attach: back to nothing"
does attach veth0 --deny tcp --confirm 2s
unconfirmed_metric() { in_host "$POLICYCTL" stats --prometheus | sed -n 's/^policyctl_unconfirmed{interface="veth0"} //p'; }
check_match "it says so" '^policyctl: veth0: it is detached again in 2 s, unless policyctl confirm veth0 comes$' "$ERR"
pid=$(watcher)
check "list --json has it" '["enforcing","nothing"]' "$(state)"
check "metrics have it" 1 "$(unconfirmed_metric)"
check_true "it drops meanwhile" dropped
check "its process has no terminal, and a session of its own" "? yes" \
	"$(ps -o tty=,sid= -p "$pid" | awk -v sid="$(ps -o sid= -p $$ | tr -d ' ')" '{ print $1, $2 == sid ? "no" : "yes" }')"
check_true "after the time all passes" wait_until 10 passed
ends "after the time" "$pid"
check_same "and nothing is left" "$before" "$(snapshot)"

say "apply: back to the policy before"
does attach veth0 --deny udp --allow icmp
remember
rules=$(policy)
does apply veth0 --deny tcp --confirm 2s --json
check "--json has it" '[true,2,"policy before",true]' \
	"$(jq -c '[.changed, .unconfirmed.seconds, .unconfirmed.back_to, .unconfirmed.watched]' <<<"$OUT")"
check_true "it drops meanwhile" dropped
check_true "after the time it passes" wait_until 10 passed
check_same "the policy of before" "$rules" "$(policy)"
check "waits for nothing" '["enforcing",null]' "$(state)"
check "  in metrics either" 0 "$(unconfirmed_metric)"

say "the terminal is gone, the command and its process group are killed"
cat >"$WORK/session" <<'SCRIPT'
"$POLICYCTL" deny veth0 tcp --confirm 3s
echo $$ >"$WORK/session.pid"
sleep 600
SCRIPT
export WORK
spawn host setsid script -qec "bash $WORK/session" /dev/null >"$WORK/terminal" </dev/null
terminal=$!
must wait_until 10 test -s "$WORK/session.pid"
session=$(<"$WORK/session.pid")
check_true "the command ran at a terminal" grep -q "unless policyctl confirm veth0 comes" "$WORK/terminal"
check_true "in force" dropped
pid=$(watcher)
check_true "its process is not of that session" test "$(ps -o sid= -p "$pid")" != "$(ps -o sid= -p "$session")"
kill -KILL -- "-$(ps -o pgid= -p "$session" | tr -d ' ')" "-$(ps -o pgid= -p "$terminal" | tr -d ' ')"
must wait_until 5 gone "$session"
check_true "still in force" dropped
check_true "after the time it passes" wait_until 10 passed
check_same "the policy of before" "$rules" "$(policy)"

# Rooms beside each other, for what would take long one after another: hostN, containerN, with a lock of their own.
for n in 1 2 3 4 5 6; do
	new_netns "host$n" "container$n"
	new_veth veth0 "container$n" 0 "host$n"
done

# From here on policyctl and the functions above work in a room. For subshells.
enter_room() { # NUMBER
	WORK=$WORK/room$1
	mkdir -p "$WORK"
	eval "in_host() { inside host$1 \"\$@\"; }
	sent_to() { \"\$CLI_PROBE\" send /run/netns/host$1 veth0 /run/netns/container$1 eth0 \"\$@\"; }
	no_watchers() { [ -z \"\$(ip netns pids host$1)\" ]; }"
}

say "policyctl itself is killed, at any point"
KILLS=() # CALL NUMBER
for call in bpf sendto unlink; do
	mapfile -t numbers < <(points "$call" deny veth0 tcp --confirm 1h)
	policyctl undo veth0
	KILLS+=(${numbers[@]+"${numbers[@]/#/$call }"})
done
kill_every_sixth() { # FIRST
	local n call number
	for ((n = $1; n < ${#KILLS[@]}; n += 6)); do
		read -r call number <<<"${KILLS[n]}"
		in_host strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$number" \
			"$POLICYCTL" deny veth0 tcp --confirm 1s >"$WORK/stdout" 2>"$WORK/stderr"
		wait_until 10 no_watchers || echo "$call $number: still waits"
		passed || echo "$call $number: does not pass"
		[ "$(policy)" = "$rules" ] || echo "$call $number: another policy"
		[ "$(state)" = '["enforcing",null]' ] || echo "$call $number: $(state)"
	done
}
killers=()
for n in 1 2 3 4 5 6; do
	(
		enter_room $n
		policyctl attach veth0 --deny udp --allow icmp
		kill_every_sixth $((n - 1))
		policyctl detach veth0
	) >"$WORK/killed$n" 2>&1 &
	killers+=($!)
done
wait "${killers[@]}"
check "killed at ${#KILLS[@]} points: back after the time" "" "$(cat "$WORK"/killed?)"
check_true "  these are enough points to mean something" test "${#KILLS[@]}" -gt 15

say "connections, where one of the two policies knows them, or both"
cat >"$WORK/connections.policy" <<'POLICY'
default deny
allow from { tcp, udp } dport { 7000, 7002 }
allow to { tcp, udp } dport 7001
allow to established
allow from established
POLICY
sed 's/, 7002//' "$WORK/connections.policy" >"$WORK/fewer.policy"
echo 'allow any' >"$WORK/any.policy"
PAIRS=("connections any" "any connections" "connections fewer") # before and tried, in rooms 1 to 3
each_room() { # COMMAND...: with the number, and both names
	local n
	for n in 1 2 3; do
		# shellcheck disable=SC2086
		"$@" $n ${PAIRS[n - 1]}
	done
}
all_move() { # TEXT
	each_room check_moves "$1"
}
check_moves() { # TEXT NUMBER BEFORE TRIED
	local name
	for name in out in; do mark_transfers "$name$2"; done
	for name in out in; do check_go_on "$3, then $4: $1: $name" "$name$2" 4; done
}
open_room() { # NUMBER BEFORE TRIED
	(enter_room "$1" && does attach veth0 --policy "${WORK%/*}/$2.policy")
	serve_transfers "host$1" 7000
	serve_transfers "host$1" 7002
	serve_transfers "container$1" 7001
	transfer "out$1" "container$1" 198.18.0.1 7000 dudu
	transfer "in$1" "host$1" 2001:db8:0::2 7001 dudu
	transfer "cut$1" "container$1" 198.18.0.1 7002 du
}
try_in_room() { # NUMBER BEFORE TRIED
	(enter_room "$1" && does apply veth0 --policy "${WORK%/*}/$3.policy" --confirm 5s && said "$1")
}
said() { echo "$ERR" >"${WORK%/*}/said$1"; }
is_back() { # NUMBER: by the process that waits alone: `list` would do its work
	! pgrep -f -- "--policy $WORK/.*--confirm 5s" >/dev/null
}
check_back() { # NUMBER BEFORE TRIED
	check_true "$2, then $3: the process that waited is gone" wait_until 30 is_back
	check "$2, then $3: back" '["enforcing",null]' "$(enter_room "$1" && state)"
}
each_room open_room
each_room try_in_room
all_move "meanwhile"
check_stand "connections, then fewer: what it denies is cut" cut3 in3 4
check_match "  which is told" 'veth0: 2 connections are cut' "$(<"$WORK/said3")"
each_room check_back
all_move "back"
for n in 1 2 3; do
	mark_transfers "cut$n"
	check_go_on "${PAIRS[n - 1]/ /, then }: all of the policy before goes on" "cut$n" 2
	(enter_room "$n" && does detach veth0)
done
stop_all

say "confirmed in time"
does apply veth0 --deny tcp --confirm 2s
policyctl list
check_match "list has the time" '^veth0 .* unconfirmed, [12] s left ' "$OUT"
policyctl show veth0
check_match "show too" \
	'^#   UNCONFIRMED     back to the policy before in [12] s, by process [0-9]+; policyctl confirm veth0 keeps it$' "$OUT"
policyctl doctor veth0
check_match "doctor notes it" 'note +unconfirmed +back to the policy before in ' "$OUT"
pid=$(watcher)
does confirm veth0
check "it says so" "veth0: confirmed: its policy stays" "$OUT"
ends "confirmed" "$pid"
sleep 2.2 # longer than the time
check_true "it still drops" dropped
check "and waits for nothing" '["enforcing",null]' "$(state)"
policyctl confirm veth0
check_match "not twice" '^1 policyctl: veth0: nothing waits to be confirmed \(nothing was changed\)$' "$STATUS $ERR"
policyctl confirm veth7
check "no such interface" 4 "$STATUS"

say "while it waits"
does apply veth0 --allow udp --confirm 1h
remember
waiting=$(policy)
refused() { # COMMAND...
	policyctl "$@"
	check_match "$*: refused" "^1 policyctl: veth0: its policy waits to be confirmed, 3[56][0-9]{2} s are left: policyctl \
confirm veth0 keeps it, policyctl undo veth0 takes it back now \(nothing was changed\)$" "$STATUS $ERR"
}
refused apply veth0 --allow tcp
refused apply veth0 --hook tc
refused apply veth0 --allow tcp --confirm 5s
refused deny veth0 tcp
refused allow veth0 tcp
refused delete veth0 1
check_same "its policy stays" "$waiting" "$(policy)"
does undo veth0 --json
check "undo: the one of before, at once" '[{"interface":"veth0","now":"policy before"}]' "$(jq -c . <<<"$OUT")"
check_true "which drops" dropped

say "hook and mode are a change too"
does apply veth0 --hook tc --allow udp --confirm 1h
check "in force" '["tc",false]' "$(in_host "$POLICYCTL" list --json | jq -c '.[0] | [.hook, .unconfirmed == null]')"
does undo veth0
check "back" '["xdp",true]' "$(in_host "$POLICYCTL" list --json | jq -c '.[0] | [.hook, .unconfirmed == null]')"
check_true "with the policy" dropped
does apply veth0 --deny tcp --confirm 1h
check_match "where nothing changes nothing waits" "nothing was changed, so nothing waits to be confirmed" "$ERR"

say "sets from files come back, even if the file is gone"
seq -f '198.18.%g.0/24' 0 40 >"$WORK/large.txt"
echo "set large file \"$WORK/large.txt\"
deny to tcp peer @large" >"$WORK/set.policy"
does apply veth0 --policy "$WORK/set.policy"
remember
does apply veth0 --allow any --confirm 1h
rm "$WORK/large.txt"
check_true "passes" passed
does undo veth0
check_true "dropped by the set" dropped

say "detach and quarantine end it"
does apply veth0 --allow any --confirm 1h
pid=$(watcher)
does quarantine veth0
check "quarantine" "quarantine" "$(in_host "$POLICYCTL" list | awk '/^veth0/ { print $3 }')"
does release veth0
check_true "released: what was confirmed last" dropped
ends "after the quarantine" "$pid"
does apply veth0 --allow any --confirm 1h
pid=$(watcher)
does detach veth0
ends "detached" "$pid"
check_same "detached: nothing is left" "$before" "$(snapshot)"

say "its process is killed"
does attach veth0 --deny udp
does apply veth0 --deny tcp --confirm 2s
kill -KILL "$(watcher)"
policyctl doctor veth0
check_match "doctor warns" 'warning +unconfirmed +back to the policy before in .*the process that waited is gone' "$OUT"
sleep 2.2 # longer than the time
check_true "nothing goes back by itself" dropped
policyctl list
check_match "the next command does it, and says so" \
	'^policyctl: veth0: its policy was not confirmed in 2 s: the one before is in force again$' "$ERR"
check_true "it passes" passed

say "its process is told to end"
does apply veth0 --deny tcp --confirm 1h
check_true "in force" dropped
kill "$(watcher)"
check_true "it goes back at once: later it could not" wait_until 10 passed
check "by itself" '["enforcing",null]' "$(state)"
does detach veth0

say "bad usage"
for time in 0s 30 m 25h -1s 2d ""; do
	policyctl attach veth0 --deny tcp --confirm "$time"
	check_match "'$time'" '^2 policyctl attach: --confirm takes a time from 1s to 24h' "$STATUS $ERR"
done
policyctl attach veth0 --deny tcpp --confirm 1h
check "a bad policy: nothing is left waiting" 2 "$STATUS"
policyctl apply veth0 --deny tcp --dry-run --confirm 1h
check_match "--dry-run" '^2 .*either --dry-run or --confirm' "$STATUS $ERR"
check_true "no process is left" wait_until 5 no_watchers
check_same "nothing is left" "$before" "$(snapshot)"
finish
