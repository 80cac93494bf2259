# shellcheck shell=bash
TITLE="why another machine gives other results: the mode, the side of the veth, who else is attached"

experiment() {
	in_mode generic on
	in_mode native off
	! by_hand || on_the_other_side
	behind_somebody_else
}

# Both modes drop before the tap; native costs the container its segmentation offload.
in_mode() { # generic|native on|off
	say "XDP in $1 mode"
	MODE=$1
	deny "$VETH" from:tcp
	capture_start host "$VETH" tcp
	by_hand || record_start "$VETH"
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	nothing_captured "$VETH"
	by_hand || was_recorded "$VETH:from $CONTAINER > $OUTSIDE: drop by rule 1 (deny from tcp)"
	say "httpserver# ethtool -k eth0"
	SAW=$(run_in httpserver ethtool -k eth0 | grep '^tcp-segmentation-offload')
	check "the container's TSO is $2" "tcp-segmentation-offload: $2" "$SAW"
	undeny "$VETH"
	MODE=
}

# RX of the container's eth0 is what the container receives: the same program means the other direction, and packets
# have passed the veth's tap before it.
on_the_other_side() {
	local program
	say "the same program on the container's end"
	must_in httpserver ip link set dev eth0 xdpgeneric obj policy.bpf.o sec xdp
	program=$(run_in httpserver ip link show dev eth0 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p')
	hand_rule "$program" from tcp
	capture_start host "$VETH" tcp
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	capture_stop "$VETH"
	check "tcpdump on $VETH sees the SYNs and the answers, and yet the probe is lost" \
		"SYN yes, answer yes" "$(tcp_captured)"
	must_in httpserver ip link set dev eth0 xdpgeneric off
}

# A classifying filter ends the walk through the list. By hand our filter comes behind the earlier one; policyctl takes
# priority 1.
behind_somebody_else() {
	say "somebody's filter was on egress before us"
	must_in host tc qdisc add dev "$VETH" clsact
	must_in host tc filter add dev "$VETH" egress pref 10 protocol all u32 match u32 0 0 classid 1:1
	if by_hand; then
		must_in host tc filter add dev "$VETH" egress pref 20 bpf da obj policy.bpf.o sec tc
		hand_rule "$(tc_id "$VETH")" to tcp
		tcp_is answered host "$CONTAINER" 80
		dropped_is "$VETH" to 0
	else
		deny "$VETH" to:tcp
		check_match "attach names the neighbour" "neighbour +tc egress filter, priority 10, kind u32" "$SAW"
		record_start "$VETH"
		tcp_is lost host "$CONTAINER" 80
		was_recorded "$VETH:to $DOCKER0 > $CONTAINER: drop by rule 1 (deny to tcp)"
		dropped_is "$VETH" to "$PROBES"
		undeny "$VETH"
		must_in host tc filter show dev "$VETH" egress
		check_match "detach leaves the neighbour" "pref 10 u32" "$SAW"
	fi
	must_in host tc qdisc del dev "$VETH" clsact
}
