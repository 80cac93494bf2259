# shellcheck shell=bash
TITLE="all off: host pings the container"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	tc_off "$VETH"
	ping_is answered host "$CONTAINER"
	icmp_is answered host "$CONTAINER"
	! by_hand || undeny "$VETH" # clsact was still there
}
