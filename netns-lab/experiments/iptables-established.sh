# shellcheck shell=bash
TITLE="as iptables lines and as a policy: answers to what the container opens, and nothing else in"

experiment() {
	if by_hand; then
		firewall 46 in -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		firewall_neighbours in
		firewall 46 in -j DROP
	else
		policy "default to deny" "allow to established"
	fi
	neighbours_forgotten

	say "answers, and errors about what was sent"
	tcp_is answered httpserver "$OUTSIDE" 22
	fetch_is refused httpserver "http://$OUTSIDE:23/"
	fetch_is refused httpserver "http://[$OUTSIDE6]:23/"
	udp_is answered httpserver "$OUTSIDE" 22
	ping_is answered httpserver "$OUTSIDE"
	ping_is answered httpserver "$OUTSIDE6"
	ping_is answered httpserver "$DOCKER0"
	say "and nothing that others open"
	fetch_is timeout outside "http://$CONTAINER:$TCP_PORT/"
	fetch_is timeout host "http://$CONTAINER/"
	fetch_is timeout host "http://[$CONTAINER6]/"
	udp_is lost outside "$CONTAINER" 22
	ping_is lost host "$CONTAINER"
	ping_is lost host "$CONTAINER6"

	enforce_no_more
	fetch_is refused outside "http://$CONTAINER:23/"
	ping_is answered host "$CONTAINER6"
}
