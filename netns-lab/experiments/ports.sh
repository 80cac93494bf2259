# shellcheck shell=bash
TITLE="one port in one direction: to:tcp/80 stops the host's curl, from:udp/53 the container's queries"

experiment() {
	say "to:tcp/80: what the container's own web server gets, not what it asks of others"
	deny "$VETH" to:tcp/80
	fetch_is timeout host "http://$HOST/"
	tcp_is answered host "$CONTAINER" 81
	fetch_is 200 httpserver "http://$OUTSIDE:$TCP_PORT/"
	some_dropped "$VETH" to
	undeny "$VETH"

	say "from:udp/53: what the container asks, not what it is asked"
	deny "$VETH" from:udp/53
	udp_is lost httpserver "$OUTSIDE" 53
	udp_is answered httpserver "$OUTSIDE" 54
	udp_is answered host "$CONTAINER" 53
	dropped_is "$VETH" from "$PROBES"
	undeny "$VETH"

	fetch_is 200 host "http://$HOST/"
	udp_is answered httpserver "$OUTSIDE" 53
}
