#!/bin/bash
# The daemon is killed and started again KILLS times while containers come and go. No container is ever without its
# policy, none keeps the policy of another one, and nothing of the dead daemons is left.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
KILLS=${KILLS:-10}
WORKERS=2
docker_up
network churn 198.18.64.1/24
counter bridge br-churn
flood br-churn 2 100 198.18.64.1{0..3}

# The same name, address and place each time, with labels by turns.
start() { # NAME NUMBER LAST-DIGIT TALKER-OPTION...
	local address=198.18.64.1$3
	talk "$1" "$2" --rm --net churn --ip "$address" --mac-address "$(mac_of "$address")" \
		--label "policyctl.deny=$(denied "$2")" -- --record "/records/start$2" "${@:4}" 198.18.64.1
}

# Starts containers one after the other, with numbers of its own, until a file appears.
churn() { # WORKER
	local number
	for ((number = 100 + $1; number < 900; number += WORKERS + 1)); do
		[ ! -e "$WORK/enough" ] || break
		start "churn$1" $number "$1" --seconds 0.8 --rate 100 >"$WORK/run.$number" 2>&1 ||
			echo "start $number: $(<"$WORK/run.$number")" >>"$WORK/broken"
		echo $number >>"$WORK/started"
	done
}

stays_enforcing() { enforcing stay10 && enforcing stay11; }

# What policyctl has attached, without the parts that differ between generations.
state() {
	{
		find /sys/fs/bpf/policyctl -mindepth 2 -printf '%y\n' | sort | uniq -c
		for number in 10 11; do
			hooks_of "$(veths_of stay$number)"
		done
	} | sed 's/ id [0-9]*//; s/ tag [0-9a-f]*//'
}

state_is_as_before() { [ "$(state)" = "$before" ]; }

now() { date +%s%N; }

daemon_start
: >"$WORK/open"
bystander_start
for number in 10 11; do
	start stay$number $number $((number - 8)) --rate 100 >"$WORK/run.$number" 2>&1 &
	must wait_until 10 in_force stay$number
	must wait_until 10 settled stay$number
done
before=$(state)
dropped=$(counted "$(veths_of stay10)" dropped)

say "$KILLS times"
for ((worker = 0; worker < WORKERS; worker++)); do
	churn $worker &
	workers+=($!)
done
for ((kill = 1; kill <= KILLS; kill++)); do
	sleep 0.$((RANDOM % 7 + 1)) # somewhere in the life of a container
	down=$(now)
	daemon_kill9
	daemon_start
	remember
	echo "$down $(now)" >>"$WORK/down"
	stays_enforcing || fail "kill $kill: those that stay keep their policy"
	seen=$(counted "$(veths_of stay10)" dropped)
	[ "$seen" -ge "$dropped" ] || fail "kill $kill: counters went back from $dropped to $seen"
	dropped=$seen
done
touch "$WORK/enough"
wait "${workers[@]}"
wait_until 10 state_is_as_before
check_same "only what belongs to those that stay is left" "$before" "$(state)"
count
mapfile -t started < <(sort -n "$WORK/started")
say "${#started[@]} containers came and went; the daemon was away for $(awk '{ printf " %d", ($2 - $1) / 1e6 }' "$WORK/down") ms"
check "all started" "" "$(cat "$WORK/broken" 2>/dev/null)"
check_true "there were several to a kill" test "${#started[@]}" -ge $((KILLS / 2))

# A container with main() while no daemon ran may have been made then, so no daemon held it. Prints when the next daemon
# was ready.
next_ready() { # NUMBER
	awk -v main="$(recorded "start$1" .main)" '$1 < main && main < $2 { print $2 }' "$WORK/down"
}

# Packets that got out of it 100 ms after that, or later.
leaked_behind() { # NUMBER NANOSECONDS
	awk -v protocols="^($(denied "$1" | tr ' ' '|'))$" -v number="$1" -v ready="$2" '
		$1 ~ protocols && $2 == number && $5 > ready + 1e8 {
			printf "start %d, %s: %d ms after the daemon was ready\n", number, $1, ($5 - ready) / 1e6
		}' "$WORK/count.bridge"
}

leaks() { # which starts, when their main() was after the last kill before it, and what the daemon said of it
	local number main out in silent ready
	for number; do
		ready=$(next_ready "$number")
		out=$(leaked_out "$number" "$number")
		in=$(leaked_in "$number" "$number")
		if [ -n "$ready" ]; then
			[ -z "$out$in" ] || echo "$number" >>"$WORK/open"
			out=$(leaked_behind "$number" "$ready")
			in=
		fi
		silent=$(silent "$number" "$number")
		[ -n "$out$in$silent" ] || continue
		main=$(recorded "start$number" .main)
		echo "${out:+out $out }${in:+in $in }$silent: main() at $(date -u -d "@$((main / 1000000000))" +%T).$((main / 1000000 % 1000)), $(
			awk -v main="$main" '$1 < main { at = sprintf("%d ms after a kill, the next was ready at %d ms",
				(main - $1) / 1e6, ($2 - $1) / 1e6) } END { print at }' "$WORK/down")"
		whole_log "(.time[0:19] + \"Z\" | fromdateiso8601 - $((main / 1000000000)) | . > -3 and . < 2) and
			.container == \"churn$(((number - 100) % (WORKERS + 1)))\""
	done
}

must d stop -t 5 stay10 stay11
check "0 get out and in, all that may does: those that stay" "" "$(leaks 10 11)"
check "0 get out and in, all that may does: those that came and went" "" "$(leaks "${started[@]}")"
say "started while no daemon ran, and open until the next one was ready: $(wc -l <"$WORK/open")"
check "the counter missed nothing" 0 "$(counted_everywhere lost 0)"
bystander_check
finish
