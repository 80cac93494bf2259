# shellcheck shell=bash
TITLE="XDP deny tcp on the container's veth: off, on, off"

experiment() {
	fetch_is 200 host "http://$HOST/"

	deny "$VETH" from:tcp
	capture_start host "$VETH" tcp
	fetch_is timeout host "http://$HOST/"
	capture_stop "$VETH"
	check "tcpdump on $VETH sees the SYN towards the container and never the SYN-ACK" \
		"SYN yes, answer no" "$(tcp_captured)"
	some_dropped "$VETH" from

	undeny "$VETH"
	fetch_is 200 host "http://$HOST/"
}
