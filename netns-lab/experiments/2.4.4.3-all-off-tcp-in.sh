# shellcheck shell=bash
TITLE="all off: host TCP probe to the container"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	tc_off "$VETH"
	tcp_is answered host "$CONTAINER" 80
	! by_hand || undeny "$VETH" # clsact was still there
}
