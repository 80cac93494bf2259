# shellcheck shell=bash
TITLE="one address limited to 3 Mbit/s each way, with shape: it waits, and a ping does not wait long"
DRIVERS="policyctl docker"

experiment() {
	policy "allow any peer $LIMITED shape ${LIMIT}mbit"
	limit_is_seen 0 100 1.05
	must_in host policyctl show "$VETH"
	must_in host tc -s class show dev "$VETH"
	undeny "$VETH"
	must_in host tc qdisc show dev "$VETH"
	check_no_match "no htb is left" htb "$SAW"
}
