# shellcheck shell=bash
TITLE="deny tcp holds for IPv6 in both directions; ping and neighbour discovery go on"

experiment() {
	fetch_is 200 host "http://[$CONTAINER6]/"
	fetch_is 200 httpserver "http://[$OUTSIDE6]:$TCP_PORT/"

	deny "$VETH" tcp
	capture_start host "$VETH" tcp
	fetch_is timeout host "http://[$CONTAINER6]/"
	fetch_is timeout httpserver "http://[$OUTSIDE6]:$TCP_PORT/"
	nothing_captured "$VETH"
	some_dropped "$VETH" from
	some_dropped "$VETH" to
	ping_is answered host "$CONTAINER6"
	ping_is answered httpserver "$OUTSIDE6"
	neighbours_are_found

	undeny "$VETH"
	fetch_is 200 host "http://[$CONTAINER6]/"
	fetch_is 200 httpserver "http://[$OUTSIDE6]:$TCP_PORT/"
}

neighbours_are_found() {
	local discovery='icmp6 and (ip6[40] == 135 or ip6[40] == 136)'
	must_in host ip -6 neigh flush dev docker0
	must_in httpserver ip -6 neigh flush dev eth0
	capture_start host "$VETH" "$discovery"
	ping_is answered host "$CONTAINER6"
	capture_stop "$VETH"
	check_match "the host asks who has the container's address" "neighbor solicitation, who has $CONTAINER6" "$CAPTURED"
	check_match "and the container answers" "neighbor advertisement, tgt is $CONTAINER6" "$CAPTURED"
}
