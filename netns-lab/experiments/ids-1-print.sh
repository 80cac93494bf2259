# shellcheck shell=bash
TITLE="every frame's source, destination and protocol, printed as it passes or is dropped"

# By hand, iptables asks a program about every packet (NFQUEUE); with policyctl it is `monitor --all`.
experiment() {
	by_hand || deny "$VETH" from:udp/53
	capture_start httpserver eth0 "host $CONTAINER or host $CONTAINER6" -q
	if by_hand; then queue_start 53; else monitor_start "$VETH" --all; fi
	ping_is answered httpserver "$OUTSIDE"
	ping_is answered host "$CONTAINER6"
	fetch_is 200 host "http://$CONTAINER/"
	udp_is lost httpserver "$OUTSIDE" 53
	udp_is answered httpserver "$OUTSIDE" 54
	capture_stop eth0
	if by_hand; then queue_stop; else monitor_stop; fi
	check_same "who sends what to whom: as the container's own tcpdump tells" \
		"$(in_short <<<"$CAPTURED")" "$(in_short <<<"$PRINTED")"
	if by_hand; then
		check "the ones dropped are told" $PROBES "$(grep -cx "drop $CONTAINER > $OUTSIDE" <<<"$DROPPED")"
	else
		told_by_the_rule
	fi
}

told_by_the_rule() {
	check "the ones dropped are told with their rule" $PROBES \
		"$(grep -cE " $VETH(\(.*\))? from DROP rule 1: deny from udp dport 53 \| IP $CONTAINER.53 > $OUTSIDE.53: UDP" \
			<<<"$PRINTED")"
	dropped_is "$VETH" from $PROBES
	undeny "$VETH"
}

# Source, destination and protocol of each of the container's frames, in words common to both. Neighbour discovery can
# come at any time, and the answer to the marker after tcpdump has ended; both are left out.
in_short() {
	grep -F -e " $CONTAINER" -e " $CONTAINER6" | sed -E "/neighbor|multicast|ARP|port $MARKER_PORT unreachable/d; s/^.*(IP6? )/\\1/; s/: (tcp|Flags).*/: TCP/; s/,.*//" | sort
}
