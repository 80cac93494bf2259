# shellcheck shell=bash
TITLE="as iptables lines and as a policy: allow one source"

experiment() {
	if by_hand; then
		firewall 4 in -s "$OUTSIDE" -j ACCEPT
		firewall 6 in -s "$OUTSIDE6" -j ACCEPT
		firewall_neighbours in
		firewall 46 in -j DROP
	else
		policy "default to deny" "allow to any peer { $OUTSIDE, $OUTSIDE6 }"
	fi

	ping_is answered outside "$CONTAINER" "$OUTSIDE"
	ping_is answered outside "$CONTAINER6" "$OUTSIDE6"
	fetch_is 200 outside "http://$CONTAINER/"
	say "another address of the same machine, and the host"
	ping_is lost outside "$CONTAINER" "${OUTSIDE_MORE[0]}"
	ping_is lost outside "$CONTAINER6" "${OUTSIDE6_MORE[0]}"
	ping_is lost host "$CONTAINER"
	say "what that one source answers comes in too"
	fetch_is 200 httpserver "http://$OUTSIDE:$TCP_PORT/"
	ping_is answered httpserver "$OUTSIDE6"
	ping_is lost httpserver "${OUTSIDE_MORE[0]}"

	enforce_no_more
	ping_is answered outside "$CONTAINER" "${OUTSIDE_MORE[0]}"
	ping_is answered host "$CONTAINER"
}
