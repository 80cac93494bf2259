# shellcheck shell=bash
TITLE="tc only: host pings the container"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	ping_is answered host "$CONTAINER"
	icmp_is answered host "$CONTAINER"
	nothing_dropped "$VETH"
	undeny "$VETH"
}
