# shellcheck shell=bash
TITLE="Open vSwitch in place of the bridge, and its mirror: ns1 pings ns2, ns3 watches; which hook it passes by"

cannot_run() {
	needs ovs-vsctl ovs-vswitchd ovsdb-server ovsdb-tool ovs-appctl
}

experiment() {
	local other=$SECOND_VETH_NAME
	watcher_up
	if ! add_container second "$other" "$SECOND" "$SECOND6" || ! wait_until 5 answers second "$CONTAINER"; then
		fail "a second container comes up"
		exit 1
	fi
	ovs_up
	trap 'run_in host ip link set "$VETH" master docker0' EXIT
	must_in host ip link set "$VETH" nomaster
	must_in host ip link set "$other" nomaster
	ovs_vsctl add-br sw0 -- set bridge sw0 datapath_type=netdev -- add-port sw0 "$VETH" -- add-port sw0 "$other"
	if by_hand; then
		mirror_of_ovs
	else
		hooks_and_packet_sockets
		mirror_beside_it
	fi
	ovs_down
}

mirror_of_ovs() {
	ovs_vsctl add-port sw0 copies0
	ovs_vsctl -- --id=@from get port "$VETH" -- --id=@to get port copies0 \
		-- --id=@new create mirror name=copies select-src-port=@from select-dst-port=@from output-port=@to \
		-- set bridge sw0 mirrors=@new
	echoes_copied 2 2 ping_is answered httpserver "$SECOND"
}

# Ours does not need the switch: the watcher's device is no port of it.
mirror_beside_it() {
	policy "allow icmp mirror $COPIES"
	echoes_copied 2 2 ping_is answered httpserver "$SECOND"
	say "what is denied and copied is left to tc"
	policy_becomes "deny from icmp mirror $COPIES"
	echoes_copied 2 0 ping_is answered httpserver "$SECOND"
	dropped_is "$VETH" from 2
	undeny "$VETH"
}

read_in_front() { # what doctor says of packet sockets
	run_in host policyctl doctor "$VETH" --json |
		jq -r '.[] | select(.check == "packet-socket") | "\(.level): \(.what)"'
}

# In user space it reads and writes its ports by packet sockets. They have a frame before tc ingress does, as tcpdump
# has, and after XDP.
hooks_and_packet_sockets() {
	ping_is answered httpserver "$SECOND"
	say "denied at tc: counted, and yet answered"
	must_in host policyctl attach "$VETH" --deny from:icmp --hook tc
	note_programs "$VETH"
	ping_is answered httpserver "$SECOND"
	dropped_is "$VETH" from 2
	check "doctor: who reads in front of tc" "note: 1 packet socket reads every frame of $VETH in front of tc" \
		"$(read_in_front)"
	undeny "$VETH"
	say "denied at XDP, as is the default"
	deny "$VETH" from:icmp
	check "doctor: nobody does so in front of XDP" "" "$(read_in_front)"
	ping_is lost httpserver "$SECOND"
	dropped_is "$VETH" from 2
	undeny "$VETH"
	say "what the container receives passes tc egress"
	deny "$VETH" to:icmp
	ping_is lost httpserver "$SECOND"
	dropped_is "$VETH" to 2
	undeny "$VETH"
}
