# shellcheck shell=bash
TITLE="tc off as well; clsact may stay"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	tc_off "$VETH"
	must_in host tc filter show dev "$VETH" egress
	check "the filter list is empty" nothing "${SAW:-nothing}"
	must_in host ip link show dev "$VETH"
	check "ip link shows no XDP program" "no xdp" "$(xdp_shown)"
	! by_hand || undeny "$VETH"
}
