# shellcheck shell=bash
# 2.2 and 2.3: XDP on and off while the container sends one TCP probe after the other. A capture on the container's own
# eth0 sees every probe leave and every answer come. The script changes the state just after a probe, when the next one
# is far away. A probe that leaves during a change all the same belongs to neither state and is not judged.

TOGGLE_DELAY=150ms
TOGGLE_COUNT=1000 # more than are needed: a change may take seconds where other work goes on, and the prober is ended
TOGGLE_PHASES=(on off on off)
TOGGLE_PROBES=3 # in each phase, at least

# The changes of state, one a line: BEGIN END STATE, in seconds.
note_change() { # BEGIN STATE
	echo "$1 $EPOCHREALTIME $2" >>"$LAB_STATE/changes"
}

# One line for each probe: TIME STATE answered|lost, STATE `changing` where it is not judged.
judged_probes() {
	awk '
	FNR == NR { begin[++changes] = $1; end[changes] = $2; state[changes] = $3; next }
	/Flags \[S\]/ { probe[++probes] = $1 }
	/Flags \[(S\.|R\.)\]/ && probes { answered[probes] = 1 }
	END {
		for (i = 1; i <= probes; i++) {
			now = "changing"
			for (c = 1; c <= changes; c++) {
				if (probe[i] > end[c])
					now = state[c]
				else if (probe[i] >= begin[c])
					now = "changing"
			}
			print probe[i], now, i in answered ? "answered" : "lost"
		}
	}' "$LAB_STATE/changes" "$LAB_STATE/capture-eth0.out"
}

probes_since() { # TIME
	awk -v since="$1" '/Flags \[S\]/ && $1 > since { n++ } END { print n + 0 }' "$LAB_STATE/capture-eth0.out"
}

enough_probes_since() {
	[ "$(probes_since "$1")" -ge $TOGGLE_PROBES ]
}

await_probes() {
	wait_until 10 enough_probes_since "$EPOCHREALTIME" && return
	fail "the container goes on probing"
	exit 1
}

toggle_experiment() { # TARGET
	local phase begin prober
	note_change 0 off
	capture_start httpserver eth0 tcp -tt
	say "httpserver# nping --tcp -p $TCP_PORT -c $TOGGLE_COUNT --delay $TOGGLE_DELAY $1 &"
	spawn httpserver nping nping --tcp -p "$TCP_PORT" -c $TOGGLE_COUNT --delay $TOGGLE_DELAY "$1"
	prober=$SPAWNED
	await_probes
	for phase in "${TOGGLE_PHASES[@]}"; do
		begin=$EPOCHREALTIME
		if [ "$phase" = on ]; then deny "$VETH" from:tcp; else undeny "$VETH"; fi
		note_change "$begin" "$phase"
		await_probes
	done
	end "$prober"
	capture_stop eth0 >/dev/null
	check_probes
}

check_probes() {
	local probes time state answer number=0 off="" answered=""
	probes=$(judged_probes)
	while read -r time state answer; do
		number=$((number + 1))
		say "  probe $number at $time, XDP $state: $answer"
		[ "$state" != changing ] || continue
		[ "$state" != off ] || off+=" $number"
		[ "$answer" != answered ] || answered+=" $number"
	done <<<"$probes"
	check "exactly the probes sent while XDP was off are answered" "probes$off" "probes$answered"
	check "every state met enough probes" yes \
		"$(yes_or_no test "$number" -ge $(((${#TOGGLE_PHASES[@]} + 1) * TOGGLE_PROBES)))"
}
