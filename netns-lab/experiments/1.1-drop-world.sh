# shellcheck shell=bash
TITLE="XDP that drops everything on the host's uplink: off, on, off"

experiment() {
	MODE=native
	ping_is answered outside "$HOST"

	deny "$UPLINK" from:any
	ping_is lost outside "$HOST"
	tcp_is lost outside "$HOST" "$TCP_PORT"
	some_dropped "$UPLINK" from

	undeny "$UPLINK"
	ping_is answered outside "$HOST"
}
