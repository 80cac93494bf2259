# shellcheck shell=bash
# Dropped packets: from policyctl capture, read by tshark, and from policyctl monitor.

RECORD_PID=

record_listens() {
	grep -qs watching "$LAB_STATE/record.err"
}

# record_start DEVICE [OPTION...]
record_start() {
	say "host# policyctl capture $* -w dropped.pcapng &"
	spawn host record policyctl capture "$@" -w "$LAB_STATE/dropped.pcapng"
	RECORD_PID=$SPAWNED
	wait_until 5 record_listens && return
	fail "policyctl capture listens on $1"
	exit 1
}

# record_stop: the packets are in $RECORDED, one "INTERFACE SOURCE > DESTINATION: COMMENT" a line.
record_stop() {
	end "$RECORD_PID" INT
	say "host# tshark -r dropped.pcapng -T fields -e frame.interface_name -e ip.src -e ip.dst -e frame.comment"
	RECORDED=$(tshark -nr "$LAB_STATE/dropped.pcapng" -T fields -E occurrence=f -e frame.interface_name \
		-e ip.src -e ipv6.src -e ip.dst -e ipv6.dst -e frame.comment 2>/dev/null |
		awk -F '\t' '{ print $1, $2 $3, ">", $4 $5 ": " $6 }')
	rm -f "$LAB_STATE/dropped.pcapng"
	head -n 8 <<<"$RECORDED" | quote
}

# recorded: the distinct packets of them, "COUNT WHAT" each.
recorded() {
	sort <<<"$RECORDED" | uniq -c | sed 's/^ *//'
}

# was_recorded WHAT...: exactly these, PROBES packets of each ("INTERFACE SOURCE > DESTINATION: COMMENT").
was_recorded() {
	record_stop
	check_same "policyctl capture has every probe, with verdict and rule" \
		"$(printf "$PROBES %s\n" "$@" | sort)" "$(recorded | sort)"
}

MONITOR_PID=

monitor_listens() {
	grep -qs watching "$LAB_STATE/monitor.err"
}

# monitor_start DEVICE [ARGUMENT...]
monitor_start() {
	say "host# policyctl monitor $* &"
	spawn host monitor policyctl monitor "$@"
	MONITOR_PID=$SPAWNED
	wait_until 5 monitor_listens && return
	fail "policyctl monitor listens"
	exit 1
}

# monitor_end: its lines are in $PRINTED.
monitor_end() {
	end "$MONITOR_PID" INT
	PRINTED=$(<"$LAB_STATE/monitor.out")
}

# monitor_stop: the same beside a running capture, without the capture's marker.
monitor_stop() {
	monitor_end
	PRINTED=$(grep -v "\.$MARKER_PORT: UDP" <<<"$PRINTED")
	say "it printed:"
	cut -c -150 <<<"$PRINTED" | quote
}
