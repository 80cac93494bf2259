# shellcheck shell=bash
TITLE="tc only: host TCP probe to the container"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	capture_start host "$VETH" tcp
	tcp_is lost host "$CONTAINER" 80
	nothing_captured "$VETH"
	dropped_is "$VETH" to "$PROBES"
	undeny "$VETH"
}
