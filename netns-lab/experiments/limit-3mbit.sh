# shellcheck shell=bash
TITLE="one address limited to 3 Mbit/s each way: by hand htb and an ifb, which queue; rate, which does not"
DRIVERS="hand policyctl docker"

experiment() {
	if by_hand; then
		limit_by_htb "$VETH" "$LIMITED"
		limit_is_seen 200 6000 1.05
		must_in host tc -s class show dev "$VETH"
		limit_by_htb_off "$VETH"
	else
		policy "allow any peer $LIMITED rate ${LIMIT}mbit"
		limit_is_seen 0 50 1.4
		told_what_exceeds
		undeny "$VETH"
	fi
}

# What exceeds is dropped and counted apart, in both directions.
told_what_exceeds() {
	local direction
	must_in host policyctl stats "$VETH"
	for direction in from to; do
		check_match "stats: what exceeds, $direction the container" \
			"$VETH +$direction +drop +[1-9][0-9]* .*above the rate of: allow any peer $LIMITED rate 3mbit" "$SAW"
	done
}
