# shellcheck shell=bash
TITLE="tc only: container pings docker0 and outside"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	ping_is answered httpserver "$DOCKER0"
	ping_is answered httpserver "$OUTSIDE"
	nothing_dropped "$VETH"
	undeny "$VETH"
}
