# shellcheck shell=bash
TITLE="a copy of a container's traffic to a third namespace: ns1 pings ns2, ns3 watches, over a veth and over a bridge"
DRIVERS=hand

experiment() {
	watcher_up
	say "by an action of tc"
	copying_by_mirred "$VETH"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	copying_off "$VETH"

	say "by nftables"
	copying_by_nft "$VETH"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	must_in host nft delete table netdev lab

	say "by a program that clones: the watcher's address on the copies, and the original as it was"
	copying_by_clone "$VETH" "$watcher_mac"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	check "each is sent to the watcher's address" 4 "$(captured_number "> $watcher_mac,")"
	copying_off "$VETH"

	say "over a bridge"
	watcher_behind_bridge
	copying_by_clone "$VETH"
	echoes_copied 2 2 ping_is answered httpserver "$OUTSIDE"
	check "none is sent to the watcher's address" 0 "$(captured_number "> $watcher_mac,")"
	copying_off "$VETH"
}
