# shellcheck shell=bash
# What was dropped, as policyctl capture has it and tshark reads it.

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

# recorded: the different ones of them, "COUNT WHAT" each.
recorded() {
	sort <<<"$RECORDED" | uniq -c | sed 's/^ *//'
}
