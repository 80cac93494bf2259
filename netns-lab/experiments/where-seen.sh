# shellcheck shell=bash
TITLE="who sees a denied packet: taps before the hook do, taps behind it do not, counters always"

experiment() {
	deny "$VETH" tcp

	say "the container sends: eth0, then XDP on $VETH, then docker0"
	capture_everywhere
	by_hand || record_start "$VETH"
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	captured_where "SYN yes, answer no" "SYN no, answer no" "SYN no, answer no"
	by_hand || was_recorded "$VETH:from $CONTAINER > $OUTSIDE: drop by rule 1 (deny tcp)"
	dropped_is "$VETH" from "$PROBES"

	say "the host sends: docker0, then tc on $VETH, then eth0"
	capture_everywhere
	by_hand || record_start "$VETH"
	tcp_is lost host "$CONTAINER" 80
	captured_where "SYN no, answer no" "SYN no, answer no" "SYN yes, answer no"
	by_hand || was_recorded "$VETH:to $DOCKER0 > $CONTAINER: drop by rule 1 (deny tcp)"
	dropped_is "$VETH" to "$PROBES"

	must_in host tc -s qdisc show dev "$VETH" clsact
	check_match "clsact counts what tc dropped" "dropped $PROBES," "$SAW"
	must_in host ip -s link show dev "$VETH"
	undeny "$VETH"
}

capture_everywhere() {
	capture_start httpserver eth0 tcp
	capture_start host "$VETH" tcp
	capture_start host docker0 tcp
}

captured_where() { # ETH0 VETH DOCKER0
	local device
	for device in eth0 "$VETH" docker0; do
		capture_stop "$device"
		check "tcpdump on $device" "$1" "$(tcp_captured)"
		shift
	done
}
