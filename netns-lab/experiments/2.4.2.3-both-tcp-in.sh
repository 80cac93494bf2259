# shellcheck shell=bash
TITLE="both on: host TCP probe to the container"

experiment() {
	deny "$VETH" tcp
	capture_start host "$VETH" tcp
	tcp_is lost host "$CONTAINER" 80
	nothing_captured "$VETH"
	dropped_is "$VETH" to "$PROBES"
	dropped_is "$VETH" from 0
	undeny "$VETH"
}
