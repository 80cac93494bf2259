# shellcheck shell=bash
TITLE="tc only: host TCP to its own address never crosses the veth"

experiment() {
	local before
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	capture_start host "$VETH" tcp
	before=$(drops "$VETH")
	tcp_is answered host "$HOST" "$TCP_PORT"
	check "the counters have not moved" "$before" "$(drops "$VETH")"
	nothing_captured "$VETH"
	undeny "$VETH"
}
