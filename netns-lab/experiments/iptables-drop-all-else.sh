# shellcheck shell=bash
TITLE="as iptables lines and as a policy: the web server and its answers, drop all else"

experiment() {
	local direction
	if by_hand; then
		firewall 46 in -p tcp --dport 80 -j ACCEPT
		firewall 46 out -p tcp --sport 80 -j ACCEPT
		for direction in in out; do
			firewall_neighbours $direction
			firewall 46 $direction -j DROP
		done
	else
		policy "default deny" "allow to tcp dport 80" "allow from tcp sport 80"
	fi
	neighbours_forgotten

	fetch_is 200 host "http://$HOST/"
	fetch_is 200 outside "http://$CONTAINER/"
	fetch_is 200 outside "http://[$CONTAINER6]/"
	say "and nothing else, in no direction"
	fetch_is timeout outside "http://$CONTAINER:81/"
	udp_is lost host "$CONTAINER" 80
	ping_is lost host "$CONTAINER6"
	fetch_is timeout httpserver "http://$OUTSIDE:$TCP_PORT/"
	ping_is lost httpserver "$DOCKER0_6"

	enforce_no_more
	fetch_is refused outside "http://$CONTAINER:81/"
	ping_is answered httpserver "$DOCKER0_6"
}
