# shellcheck shell=bash
# Exact frames between the container and docker0 (packets.py), and which rule counted them.

PACKETS=5 # of each kind, as packets.py sends them

# packets_start: the sender runs until packets_stop, or until the experiment ends: its input ends then.
packets_start() {
	coproc SENDER {
		exec /usr/bin/python3 "$LAB_DIR/lib/packets.py" "$HOST_NS" docker0 "$CONTAINER_NS" eth0 \
			"$CONTAINER" "$CONTAINER6" 2>"$LAB_STATE/packets.err"
	}
	echo "$SENDER_PID $(start_time "$SENDER_PID") packets" >>"$LAB_STATE/pids"
}

packets_stop() {
	end "$SENDER_PID"
}

# send_packets from|to PEER WHAT [SOURCE-PORT]: the number that arrived is in $RESULT.
send_packets() {
	RESULT="no answer: $(<"$LAB_STATE/packets.err")"
	echo "$*" >&"${SENDER[1]}" && read -r -t 10 RESULT <&"${SENDER[0]}"
}

# count_now: remembers all counters of $VETH.
count_now() {
	run_in host policyctl stats "$VETH" --json >"$LAB_STATE/counters.json"
}

# counted_since from|to: the counters that grew since count_now, one "N by WHAT" a line. Of rules all; of the others
# (ARP and neighbour discovery go on meanwhile) only those that grew by the number of sent packets.
counted_since() {
	local before=$LAB_STATE/counters.before.json
	mv "$LAB_STATE/counters.json" "$before"
	count_now
	jq -r --arg direction "$1" --argjson sent $PACKETS --slurpfile before "$before" '
		[[$before[0][0].counters, .[0].counters] | transpose[]
		| {counter: .[1], count: ((.[1][$direction].packets // 0) - (.[0][$direction].packets // 0))}
		| select(.count >= if .counter.kind == "rule" then 1 else $sent end)
		| if .counter.kind == "rule" then "\(.count) by \(.counter.text)"
		  else "by \(.counter.kind) \(.counter.verdict)" end] | unique[]' "$LAB_STATE/counters.json"
}

# judged from|to PEER WHAT[:SOURCE-PORT] passed|dropped BY
# BY is the text of the one rule that counts them; or "default allow", "implicit allow" and so on, where no rule does.
judged() {
	local source=() expected="$PACKETS of $PACKETS arrive"
	[ "$4" = passed ] || expected="0 of $PACKETS arrive"
	[[ $3 != *:* ]] || source=("${3#*:}")
	case $5 in
	"default allow" | "default deny" | "implicit allow") expected+="; by $5" ;;
	*) expected+="; $PACKETS by $5" ;;
	esac
	send_packets "$1" "$2" "${3%:*}" "${source[@]}"
	RESULT+="; $(counted_since "$1")"
	check "$1 the container, ${3%:*}${source[0]:+ sport ${source[0]}}, peer $2: $4" "$expected" "$RESULT"
}

# Prints, checks and attaches the policy in $POLICY on $VETH, or applies it if one is attached.
enforce() { # attach|apply [OPTION...]
	say "host# cat web.policy"
	quote <"$POLICY"
	must_in host policyctl "$1" "$VETH" --policy "$POLICY" "${@:2}"
	note_programs "$VETH"
	count_now
}
