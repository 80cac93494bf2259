# shellcheck shell=bash
TITLE="all off: container pings docker0 and outside"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	tc_off "$VETH"
	ping_is answered httpserver "$DOCKER0"
	ping_is answered httpserver "$OUTSIDE"
	! by_hand || undeny "$VETH" # clsact was still there
}
