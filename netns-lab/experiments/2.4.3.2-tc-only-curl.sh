# shellcheck shell=bash
TITLE="tc only: host curl of the published port"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	capture_start host "$VETH" tcp
	fetch_is timeout host "http://$HOST/"
	nothing_captured "$VETH"
	some_dropped "$VETH" to
	undeny "$VETH"
}
