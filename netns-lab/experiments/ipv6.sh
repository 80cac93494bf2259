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

# Both forget each other. Either side may ask first, and one question is enough for both.
neighbours_are_found() {
	local either="($CONTAINER6|$DOCKER0_6)"
	capture_start host "$VETH" 'icmp6 and (ip6[40] == 135 or ip6[40] == 136)'
	must_in httpserver ip -6 neigh flush dev eth0
	must_in host ip -6 neigh flush dev docker0
	ping_is answered host "$CONTAINER6"
	capture_stop "$VETH"
	check_match "one asks who has the other's address" "neighbor solicitation, who has $either" "$CAPTURED"
	check_match "and the other answers" "neighbor advertisement, tgt is $either" "$CAPTURED"
}
