# shellcheck shell=bash
TITLE="a capture is replayed onto the bridge and onto the veth: the container sees what the rules let pass"
DRIVERS=policyctl

experiment() {
	local file=$LAB_STATE/mixed.pcap device
	say "mixed.pcap: 100 packets from 198.18.1.9 and 2001:db8:1::9 to the container, in a random order"
	/usr/bin/python3 "$LAB_DIR/lib/replay.py" make "$file" "$(mac_of httpserver eth0)" "$CONTAINER" "$CONTAINER6" | quote
	POLICY=$LAB_STATE/replay.policy
	printf '%s\n' >"$POLICY" "deny to tcp dport 23" "allow to tcp dport 80" "deny to udp dport 53" \
		"allow to udp dport 5000" "deny to icmp type echo-request" "deny to gre"
	enforce attach
	for device in docker0 "$VETH"; do
		say "onto $device"
		replay "$device" "$file"
	done
	rm -f "$file" "$POLICY"
	undeny "$VETH"
}

mac_of() { # ROOM DEVICE
	run_in "$1" ip -j link show dev "$2" | jq -r '.[0].address'
}

# The rules pass and drop what they should, and the container sees the passed packets and nothing else.
replay() { # DEVICE FILE
	local counted
	capture_start httpserver eth0 "src host 198.18.1.9 or src host 2001:db8:1::9"
	record_start "$VETH"
	say "host# replay.py play mixed.pcap $HOST_NS $1"
	check "all were sent" "100 packets sent" \
		"$(run_in host /usr/bin/python3 "$LAB_DIR/lib/replay.py" play "$2" "$HOST_NS" "$1")"
	wait_until 5 has_arrived 40 # the marker of another CPU may be ahead of them
	capture_stop eth0
	record_stop
	check "the container sees what was allowed" "20 tcp/80, 15 udp/5000, 5 udp6/5000, 40 in all" "$(arrived)"
	check_same "policyctl capture has the other 60" \
		"20 $VETH:to 198.18.1.9 > $CONTAINER: drop by rule 1 (deny to tcp dport 23)
15 $VETH:to 198.18.1.9 > $CONTAINER: drop by rule 3 (deny to udp dport 53)
10 $VETH:to 198.18.1.9 > $CONTAINER: drop by rule 5 (deny to icmp type echo-request)
10 $VETH:to 198.18.1.9 > $CONTAINER: drop by rule 6 (deny to gre)
5 $VETH:to 2001:db8:1::9 > $CONTAINER6: drop by rule 1 (deny to tcp dport 23)" "$(recorded)"
	must_in host policyctl stats "$VETH"
	counted=$(counted_since to)
	check_same "the counters agree" "10 by deny to gre
10 by deny to icmp type echo-request
15 by deny to udp dport 53
20 by allow to tcp dport 80
20 by allow to udp dport 5000
25 by deny to tcp dport 23" "$(sort <<<"$counted")"
}

has_arrived() { # COUNT
	[ "$(grep -c '9\.40000 >' "$LAB_STATE/capture-eth0.out")" -ge "$1" ]
}

arrived() {
	local udp udp6
	udp=$(grep -c 'IP .*\.5000: UDP' <<<"$CAPTURED")
	udp6=$(grep -c 'IP6 .*\.5000: UDP' <<<"$CAPTURED")
	echo "$(grep -c 'IP .*\.80: Flags' <<<"$CAPTURED") tcp/80, $udp udp/5000, $udp6 udp6/5000," \
		"$(wc -l <<<"$CAPTURED") in all"
}
