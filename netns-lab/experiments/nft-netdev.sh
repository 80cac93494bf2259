# shellcheck shell=bash
TITLE="nftables on the device itself (netdev) denies tcp: what tcpdump sees, and how one looks at what is dropped"

# By hand, `log group` sends what is dropped to nflog, where tcpdump reads it. policyctl capture has it from the program.
experiment() {
	if by_hand; then nft_denies_tcp; else deny "$VETH" tcp; fi

	say "the container sends: tc and nftables come behind the taps, XDP before them"
	look_start
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	look_stop "$CONTAINER > $OUTSIDE" "$(if by_hand; then echo "SYN yes, answer no"; else echo "SYN no, answer no"; fi)"

	say "the host sends: both are before the taps"
	look_start
	tcp_is lost host "$CONTAINER" 80
	look_stop "$DOCKER0 > $CONTAINER" "SYN no, answer no"

	if by_hand; then
		must_in host nft list table netdev lab
		check "both counters have $PROBES packets" 2 "$(grep -c "counter packets $PROBES " <<<"$SAW")"
		must_in host nft delete table netdev lab
	else
		check "the counters of drops" "from $PROBES, to $PROBES" "$(drops "$VETH")"
		undeny "$VETH"
	fi
	tcp_is answered host "$CONTAINER" 80
}

nft_denies_tcp() {
	local hook
	must_in host nft add table netdev lab
	for hook in ingress egress; do
		must_in host nft add chain netdev lab $hook "{ type filter hook $hook device \"$VETH\" priority 0; }"
		must_in host nft add rule netdev lab $hook meta l4proto tcp counter log group $QUEUE drop
	done
}

look_start() {
	capture_start host "$VETH" tcp
	if by_hand; then
		say "host# tcpdump -n -i nflog:$QUEUE -w dropped.pcap &"
		spawn host nflog tcpdump -n -U --immediate-mode -i "nflog:$QUEUE" -w -
		NFLOG_PID=$SPAWNED
		wait_until 5 grep -q 'listening on' "$LAB_STATE/nflog.err"
	else
		record_start "$VETH"
	fi
}

look_stop() { # "SOURCE > DESTINATION" TCPDUMP-ON-THE-VETH
	capture_stop "$VETH"
	check "tcpdump on $VETH" "$2" "$(tcp_captured)"
	if ! by_hand; then
		was_recorded "$VETH:$(direction_of "$1") $1: drop by rule 1 (deny tcp)"
		return
	fi
	wait_until 5 nflog_has_all
	end "$NFLOG_PID" INT
	check "nflog has every probe" "$PROBES packets" "$(nflog_count)"
	# Of egress it begins with the Ethernet header, which no reader expects.
	[ "$(direction_of "$1")" = to ] || check "tshark reads them" $PROBES "$(nflog_has "$1")"
}

direction_of() { # "SOURCE > DESTINATION"
	if [[ $1 = "$CONTAINER "* ]]; then echo from; else echo to; fi
}

# tcpdump writes what comes from the netdev family, and cannot read it; tshark can.
nflog_has() { # "SOURCE > DESTINATION"
	tshark -nr "$LAB_STATE/nflog.out" -T fields -e ip.src -e ip.dst 2>/dev/null | sed 's/\t/ > /' | grep -cx "$1"
}

nflog_count() {
	tcpdump --count -r "$LAB_STATE/nflog.out" 2>/dev/null
}

# The kernel gathers them for up to a second.
nflog_has_all() {
	[ "$(nflog_count)" = "$PROBES packets" ]
}
