# shellcheck shell=bash
TITLE="all off: container TCP to outside and to docker0"

experiment() {
	deny "$VETH" tcp
	xdp_off_tc_stays "$VETH"
	tc_off "$VETH"
	tcp_is answered httpserver "$OUTSIDE" "$TCP_PORT"
	tcp_is answered httpserver "$DOCKER0" "$TCP_PORT"
	! by_hand || undeny "$VETH" # clsact was still there
}
