# shellcheck shell=bash
TITLE="XDP off, tc stays"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	must_in host tc filter show dev "$VETH" egress
	check_match "tc filter still shows our program" 'direct-action .*name policyctl_tc' "$SAW"
	must_in host ip link show dev "$VETH"
	# policyctl keeps its XDP program, with nothing to deny in that direction.
	! by_hand || check "ip link shows no XDP program" "no xdp" "$(xdp_shown)"
	undeny "$VETH"
}
