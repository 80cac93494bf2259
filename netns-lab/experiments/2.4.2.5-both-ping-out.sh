# shellcheck shell=bash
TITLE="both on: container pings docker0 and outside"

experiment() {
	deny "$VETH" tcp
	ping_is answered httpserver "$DOCKER0"
	ping_is answered httpserver "$OUTSIDE"
	nothing_dropped "$VETH"
	undeny "$VETH"
}
