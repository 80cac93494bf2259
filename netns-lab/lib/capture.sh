# shellcheck shell=bash
# What tcpdump sees on a device during a part of an experiment. An empty capture proves little by itself. So the last
# frame of each is a marker, a datagram to the discard port that no experiment denies: "nothing" means "nothing before
# the marker".

MARKER_PORT=9
declare -A CAPTURE_PID

capture_listens() {
	grep -qs 'listening on' "$LAB_STATE/capture-$1.err"
}

# capture_start ROOM DEVICE FILTER [TCPDUMP-OPTION...]
# The snap length is what the lines need: in immediate mode tcpdump has room for 2 MB / snaplen frames, which would be
# eight.
capture_start() {
	say "$1# tcpdump -n -i $2 '$3' &"
	spawn "$1" "capture-$2" tcpdump -n -l --immediate-mode -s 2048 "${@:4}" -i "$2" \
		"($3) or (udp and dst port $MARKER_PORT)"
	CAPTURE_PID[$2]=$SPAWNED
	wait_until 5 capture_listens "$2" && return
	fail "tcpdump listens on $2"
	exit 1
}

marker_arrived() {
	grep -qs "\.$MARKER_PORT: UDP" "$LAB_STATE/capture-$1.out"
}

# capture_stop DEVICE [ADDRESS behind it]: the captured lines are in $CAPTURED.
capture_stop() {
	run_in host bash -c "echo marker >/dev/udp/${2:-$CONTAINER}/$MARKER_PORT"
	if ! wait_until 5 marker_arrived "$1"; then
		fail "tcpdump on $1 saw the marker that ends the capture"
		exit 1
	fi
	end "${CAPTURE_PID[$1]}" INT
	CAPTURED=$(grep -v "\.$MARKER_PORT: UDP" "$LAB_STATE/capture-$1.out")
	say "tcpdump on $1 saw:"
	if [ -n "$CAPTURED" ]; then head -n 8 <<<"$CAPTURED" | quote; else echo "#     (nothing)"; fi
}

yes_or_no() {
	if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi
}

# In words: whether $CAPTURED has SYNs, and answers to them.
tcp_captured() {
	local syn answer
	syn=$(yes_or_no grep -q 'Flags \[S\]' <<<"$CAPTURED")
	answer=$(yes_or_no grep -qE 'Flags \[(S\.|R\.)\]' <<<"$CAPTURED")
	echo "SYN $syn, answer $answer"
}

# Ends the capture of a device; it must be empty.
nothing_captured() {
	capture_stop "$1" "${2:-$CONTAINER}"
	check "tcpdump on $1 sees nothing" nothing "${CAPTURED:-nothing}"
}
