# shellcheck shell=bash
TITLE="both on: container TCP to outside and to docker0"

experiment() {
	deny "$VETH" tcp
	capture_start host "$VETH" tcp
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	tcp_is lost httpserver "$DOCKER0" "$TCP_PORT"
	nothing_captured "$VETH" # XDP drops before the tap
	dropped_is "$VETH" from $((2 * PROBES))
	dropped_is "$VETH" to 0
	undeny "$VETH"
}
