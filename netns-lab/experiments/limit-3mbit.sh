# shellcheck shell=bash
TITLE="one address limited to 3 Mbit/s each way: by hand htb and an ifb, which queue; rate, which does not"
DRIVERS=hand

experiment() {
	if by_hand; then
		limit_by_htb "$VETH" "$LIMITED"
		limit_is_seen 200 6000
		must_in host tc -s class show dev "$VETH"
		limit_by_htb_off "$VETH"
	else
		policy "allow any peer $LIMITED rate ${LIMIT}mbit"
		limit_is_seen 0 50
		told_what_exceeds
		undeny "$VETH"
	fi
}

told_what_exceeds() {
	must_in host policyctl stats "$VETH"
}
