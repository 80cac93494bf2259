# shellcheck shell=bash
TITLE="one address limited to 3 Mbit/s each way: by hand htb and an ifb, which queue; rate, which does not"
DRIVERS=hand

experiment() {
	limit_by_htb "$VETH" "$LIMITED"
	limit_is_seen 200 6000
	must_in host tc -s class show dev "$VETH"
	limit_by_htb_off "$VETH"
}
