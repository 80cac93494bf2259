# shellcheck shell=bash
TITLE="XDP redirect, as in the notes: it takes the packets away; sent to two devices at once, it copies"
DRIVERS=hand

experiment() {
	local other=$SECOND_VETH_NAME
	watcher_up
	if ! add_container second "$other" "$SECOND" "$SECOND6" || ! wait_until 5 all_know_each_other; then
		fail "a second container comes up"
		exit 1
	fi
	copy_program "$COPIES"

	say "one device: the watcher has the packet, and nobody else"
	must_in host ip link set dev "$VETH" xdpgeneric obj "$LAB_STATE/copy.bpf.o" sec redirect
	echoes_copied 2 0 ping_is lost httpserver "$SECOND"
	must_in host ip link set dev "$VETH" xdpgeneric off

	say "two devices: the other container and the watcher; the bridge between them is passed by"
	redirect_to "$VETH" "$other" "$COPIES"
	redirect_to "$other" "$VETH" "$COPIES"
	capture_start host docker0 "$ECHOES"
	echoes_copied 2 2 ping_is answered httpserver "$SECOND"
	nothing_captured docker0 "$SECOND"
	must_in host ip link set dev "$VETH" xdpgeneric off
	must_in host ip link set dev "$other" xdpgeneric off
}

# ARP goes where everything goes: the host would not find the second container any more.
all_know_each_other() {
	answers second "$CONTAINER" && answers host "$SECOND"
}

redirect_to() { # DEVICE TARGET...
	local target map index key=0
	must_in host ip link set dev "$1" xdpgeneric obj "$LAB_STATE/copy.bpf.o" sec broadcast
	map=$(hand_map "$(xdp_id "$1")" ports)
	for target in "${@:2}"; do
		index=$(index_of "$target")
		must_in host bpftool map update id "$map" key $key 0 0 0 value $((index % 256)) $((index / 256)) 0 0
		key=$((key + 1))
	done
}
