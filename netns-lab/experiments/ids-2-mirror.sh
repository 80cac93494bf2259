# shellcheck shell=bash
TITLE="a copy of a container's traffic to a third namespace: ns1 pings ns2, ns3 watches, over a veth and over a bridge"
DRIVERS="hand policyctl docker"

experiment() {
	watcher_up
	if by_hand; then
		copied_by_hand
	else
		copied_by_policy
	fi
}

copied_by_hand() {
	say "by an action of tc"
	copying_by_mirred "$VETH"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	copying_off "$VETH"

	say "by nftables"
	copying_by_nft "$VETH"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	must_in host nft delete table netdev lab

	say "by a program that clones: the watcher's address on the copies, and the original as it was"
	copying_by_clone "$VETH" "$WATCHER_MAC"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	sent_to_the_watcher 4
	copying_off "$VETH"

	say "over a bridge"
	watcher_behind_bridge
	copying_by_clone "$VETH"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	sent_to_the_watcher 0
	copying_off "$VETH"
}

copied_by_policy() {
	policy "allow icmp mirror $COPIES"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	sent_to_the_watcher 0

	say "the watcher's address on the copies"
	policy_becomes "allow icmp mirror $COPIES mac $WATCHER_MAC"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	sent_to_the_watcher 4

	say "what is denied"
	policy_becomes "deny from icmp mirror $COPIES"
	echoes_copied 2 0 ping_is lost httpserver "$OUTSIDE"

	say "the device is deleted, and made anew"
	policy_becomes "allow icmp mirror $COPIES"
	must_in host ip link del dev "$COPIES"
	ping_is answered httpserver "$OUTSIDE"
	watcher_device
	must_in host policyctl show "$VETH"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"

	say "over a bridge"
	watcher_behind_bridge
	policy_becomes "allow icmp mirror $COPIES"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"

	say "what would go round in circles is refused"
	refused_because "$VETH" "it is the interface itself"
	refused_because docker0 "it is the bridge that the interface is a port of"
	undeny "$VETH"
}

sent_to_the_watcher() { # NUMBER
	check "so many are sent to the watcher's address" "$1" "$(captured_number "> $WATCHER_MAC,")"
}

refused_because() { # TARGET WHY
	echo "allow icmp mirror $1" >"$POLICY"
	do_in host policyctl apply "$VETH" --policy "$POLICY"
	check "the exit status" 1 "$STATUS"
	check_match "a copy to $1 is refused" "mirror $1: $2" "$SAW"
}
