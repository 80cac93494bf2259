#!/bin/bash
# Root in the container, with CAP_NET_ADMIN and CAP_NET_RAW, tries to get around the policy: denied traffic stays
# denied. Without a policy Linux accepts the same frames, so the test can fail.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 ethtool
/usr/bin/python3 -c 'import scapy' 2>/dev/null || skip "python3-scapy is missing"
new_rooms
HERE=$(dirname "$0")
must ip -n host link set veth0 mtu 9000
must ip -n container link set eth0 mtu 9000

# --- frames ---

throw() { # from|to
	local ends=(container eth0 host veth0)
	[ "$1" = from ] || ends=(host veth0 container eth0)
	/usr/bin/python3 "$HERE/hostile.py" "${ends[@]}" >"$WORK/ways" 2>"$WORK/error" ||
		fail "throwing frames, $1 the container" "$(<"$WORK/error")"
}

ways() { # JQ-CONDITION: the names
	jq -r "to_entries[] | select($1) | .key" "$WORK/ways"
}

say "frames without a policy: what Linux accepts"
for direction in from to; do
	throw $direction
	check "$direction the container: all that Linux accepts arrives" "" "$(ways '.value.accepted == true and (.value.arrived | not)')"
	check_true "  that is more than 100 ways" test "$(ways .value.arrived | wc -l)" -gt 100
done

denied() { # WHAT ATTACH-ARGUMENTS...
	local what=$1 direction not=""
	shift
	does attach veth0 "$@"
	remember
	for direction in from to; do
		throw $direction
		# Root on the host gets around tc: a known limit, which the container cannot use.
		[ $direction = from ] || not="QDISC_BYPASS"
		check "$what: of $(ways true | wc -l) ways $direction the container none gets through" "" \
			"$(ways '.value.arrived' | grep -v "${not:-^$}")"
		check_true "  that was more than 140 ways" test "$(ways true | wc -l)" -gt 140
	done
	does detach veth0
}

say "frames with a policy"
denied "ports denied, clsact alone" --deny udp/7000 --deny tcp/7001 --deny udplite/7000 --hook tc
denied "all denied, clsact alone" --allow udp/7009 --default deny --hook tc
for mode in generic native; do
	denied "ports denied, $mode mode" --deny udp/7000 --deny tcp/7001 --deny udplite/7000 --mode $mode
	denied "protocols denied, $mode mode" --allow udp/7009 --deny udp --deny tcp --deny udplite --mode $mode
	denied "all denied, $mode mode" --allow udp/7009 --default deny --mode $mode
done

say "a policy on other ports: only what is beyond the parser is dropped with it"
BEYOND='(3|4|10) priority tags|(9|20) (destination options|routing)|reversed|middle fragment first'
for mode in generic native; do
	does attach veth0 --deny udp/7005 --deny tcp/7005 --deny udplite/7005 --mode $mode
	remember
	for direction in from to; do
		throw $direction
		check "$mode mode: all else arrives, $direction the container" "" \
			"$(ways '.value.accepted == true and (.value.arrived | not)' | grep -vE "$BEYOND")"
		check "  what is beyond it does not" "" "$(ways .value.arrived | grep -E "$BEYOND")"
	done
	does detach veth0
done

# --- what can be set ---

dropped_from() {
	in_host "$POLICYCTL" stats veth0 --json | jq '.[0].from.dropped.packets'
}

still() { # WHAT
	local before
	policyctl list --json
	check "$1: both programs are in place" true "$(jq '.[0].enforcing' <<<"$OUT")"
	if [ "$how" = "hook tc" ]; then # which a packet socket is in front of
		before=$(dropped_from)
		sent_from 2 4:tcp/80 6:tcp/80 4:udp/53 6:udp/53 >"$WORK/out"
		check "  TCP denied, UDP not (from the container)" 4 $(($(dropped_from) - before))
	else
		check_arrives "  TCP denied, UDP not" from 2 "4:tcp/80 0" "6:tcp/80 0" "4:udp/53 2" "6:udp/53 2"
	fi
	check_arrives "  TCP denied, UDP not" to 2 "4:tcp/80 0" "6:tcp/80 0" "4:udp/53 2" "6:udp/53 2"
}

try() { # COMMAND...: in the container, with a /sys of its own as containers have; it may refuse
	if ip netns exec container "$@" >"$WORK/out" 2>&1; then
		say "container: $*"
	else
		say "container: $* ($(tail -n1 "$WORK/out"))"
	fi
}

up_again() {
	must wait_until 5 carries veth0
}

say "what the container's root can set"
for how in "mode generic" "mode native" "hook tc"; do
	does attach veth0 --deny tcp "--${how% *}" "${how#* }"
	remember
	try ip link set eth0 down
	try ip link set eth0 up
	up_again
	still "eth0 down and up, $how"
	for mtu in 1280 68 9000 65535 1500; do try ip link set eth0 mtu $mtu; done
	still "other MTUs, $how"
	try ip link set eth0 address 02:00:00:00:00:99
	try ip addr flush dev eth0
	try ip addr add 198.18.0.77/24 dev eth0
	try ip link set eth0 txqueuelen 1
	try ip link set eth0 promisc on
	try ip link set eth0 multicast off
	still "other addresses, $how"
	for feature in tso gso gro rx tx sg rxvlan txvlan tx-udp-segmentation rx-gro-list; do
		try ethtool -K eth0 $feature off
		try ethtool -K eth0 $feature on
	done
	try ethtool -L eth0 rx 2 tx 2
	still "offloads and queues, $how"
	try tc qdisc add dev eth0 clsact
	try tc filter add dev eth0 egress prio 1 bpf da obj "$POLICY_OBJECT" sec tc
	try tc qdisc replace dev eth0 root pfifo limit 100
	still "tc on its own end, $how"
	for own in xdpgeneric xdpdrv; do
		try ip link set dev eth0 $own obj "$POLICY_OBJECT" sec xdp
		still "XDP on its own end ($own), $how"
		try ip link set dev eth0 $own off
	done
	try ip link add link eth0 name own0 type macvlan mode bridge
	try ip link set own0 up
	still "a macvlan on it, $how"
	try ip link del own0
	try ip link set eth0 down
	try ip link set eth0 name renamed
	try ip link set renamed name eth0
	try ip link set eth0 up
	up_again
	still "renamed and back, $how"
	try "$POLICYCTL" detach --all
	still "policyctl detach --all in the container, $how"
	try tc qdisc del dev eth0 clsact
	try tc qdisc del dev eth0 root
	try ip link set eth0 address 02:00:00:00:00:01
	try ip link set eth0 mtu 9000
	try ethtool -L eth0 rx 1 tx 1 # with more than the host's end has, native mode is refused
	does detach veth0
done
finish
