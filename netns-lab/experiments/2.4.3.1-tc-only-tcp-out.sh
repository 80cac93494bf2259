# shellcheck shell=bash
TITLE="tc only: container TCP to outside and to docker0"

experiment() {
	local target
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	for target in "$OUTSIDE" "$DOCKER0"; do
		capture_start host "$VETH" tcp
		tcp_is lost httpserver "$target" "$TCP_PORT"
		capture_stop "$VETH"
		check "tcpdump on $VETH shows the SYNs to $target leaving and no answer" \
			"SYN yes, answer no" "$(tcp_captured)"
	done
	# The answers arrived at the bridge and died on egress: it is the tc program, not connection tracking.
	some_dropped "$VETH" to
	dropped_is "$VETH" from 0
	no_nat_no_difference
	undeny "$VETH"
}

# The proof that it is not connection tracking: the same with tracking switched off for these packets.
no_nat_no_difference() {
	local rule=(-t raw -A PREROUTING -p tcp --dport "$TCP_PORT" -j CT --notrack)
	local before after
	must_in host iptables -w "${rule[@]}"
	before=$(dropped "$VETH" to)
	tcp_is lost httpserver "$DOCKER0" "$TCP_PORT"
	after=$(dropped "$VETH" to)
	check_match "without connection tracking the answers die in tc all the same" '^[1-9]' \
		"$((after - before)) more drops"
	must_in host iptables -w "${rule[@]/-A/-D}"
}
