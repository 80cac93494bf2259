# shellcheck shell=bash
TITLE="all off: host curl of the published port"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	tc_off "$VETH"
	fetch_is 200 host "http://$HOST/"
	! by_hand || undeny "$VETH" # clsact was still there
}
