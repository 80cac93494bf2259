# shellcheck shell=bash
TITLE="both on: host curl of the published port"

experiment() {
	deny "$VETH" tcp
	capture_start host "$VETH" tcp
	fetch_is timeout host "http://$HOST/"
	nothing_captured "$VETH" # tc drops before the tap
	some_dropped "$VETH" to
	dropped_is "$VETH" from 0
	undeny "$VETH"
}
