# shellcheck shell=bash
TITLE="both on: host pings the container"

experiment() {
	deny "$VETH" tcp
	ping_is answered host "$CONTAINER"
	icmp_is answered host "$CONTAINER"
	nothing_dropped "$VETH"
	undeny "$VETH"
}
