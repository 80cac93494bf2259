# shellcheck shell=bash
TITLE="as iptables lines and as a policy: allow only tcp 22 in"

experiment() {
	if by_hand; then
		firewall 46 in -p tcp --dport 22 -j ACCEPT
		firewall_neighbours in
		firewall 46 in -j DROP
	else
		policy "default to deny" "allow to tcp dport 22"
	fi
	neighbours_forgotten

	fetch_is refused outside "http://$CONTAINER:22/"
	fetch_is refused host "http://$CONTAINER:22/"
	fetch_is refused outside "http://[$CONTAINER6]:22/"
	fetch_is refused host "http://[$CONTAINER6]:22/"
	say "and nothing else"
	fetch_is timeout outside "http://$CONTAINER:23/"
	fetch_is timeout host "http://[$CONTAINER6]/"
	udp_is lost outside "$CONTAINER" 22
	ping_is lost host "$CONTAINER6"
	say "nor the answers to what the container asks"
	tcp_is lost httpserver "$OUTSIDE" 22

	enforce_no_more
	fetch_is refused outside "http://$CONTAINER:23/"
	ping_is answered host "$CONTAINER6"
}
