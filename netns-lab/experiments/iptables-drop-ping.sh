# shellcheck shell=bash
TITLE="as iptables lines and as a policy: drop ping"

experiment() {
	if by_hand; then
		firewall 4 in -p icmp --icmp-type echo-request -j DROP
		firewall 6 in -p icmpv6 --icmpv6-type echo-request -j DROP
	else
		policy "deny to icmp type echo-request" "deny to icmpv6 type echo-request"
	fi

	ping_is lost outside "$CONTAINER"
	ping_is lost outside "$CONTAINER6"
	ping_is lost host "$CONTAINER"
	ping_is lost host "$CONTAINER6"
	say "the container's own pings, and all else"
	ping_is answered httpserver "$OUTSIDE"
	ping_is answered httpserver "$OUTSIDE6"
	fetch_is 200 outside "http://$CONTAINER/"
	fetch_is 200 host "http://[$CONTAINER6]/"
	udp_is answered host "$CONTAINER" 53

	enforce_no_more
	ping_is answered outside "$CONTAINER"
	ping_is answered host "$CONTAINER6"
}
