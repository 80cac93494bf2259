# shellcheck shell=bash
TITLE="tc only: container TCP to outside and to docker0"

experiment() {
	local target
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	by_hand || monitor_start "$VETH"
	for target in "$OUTSIDE" "$DOCKER0"; do
		capture_start host "$VETH" tcp
		tcp_is lost httpserver "$target" "$TCP_PORT"
		capture_stop "$VETH"
		check "tcpdump on $VETH shows the SYNs to $target leaving and no answer" \
			"SYN yes, answer no" "$(tcp_captured)"
	done
	# The answers arrived at the bridge and were dropped on egress, by the tc program and not by connection
	# tracking.
	some_dropped "$VETH" to
	dropped_is "$VETH" from 0
	no_nat_no_difference
	by_hand || only_answers_dropped
	undeny "$VETH"
}

# What tc dropped, tracked or not: SYN-ACKs of the probed hosts, and nothing else.
only_answers_dropped() {
	monitor_stop
	check "policyctl monitor: who was dropped, and by what" \
		"$(printf '%s\n' "$OUTSIDE" "$DOCKER0" | sort)" \
		"$(sed -n "s/.* to   DROP rule [0-9]*: deny to tcp | IP \(.*\)\.$TCP_PORT > $CONTAINER\..*: Flags \[S\.\].*/\1/p" \
			<<<"$PRINTED" | sort -u)"
	check "and nothing but these answers" 0 "$(grep -vc 'deny to tcp .*Flags \[S\.\]' <<<"$PRINTED")"
}

# Proof that it is not connection tracking: the same with tracking switched off for these packets.
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
