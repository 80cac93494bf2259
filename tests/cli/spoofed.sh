#!/bin/bash
# `deny from spoofed`: what the container sends with its own addresses passes, what claims to be another's does not, in
# the frame, in IP, in ARP and in neighbour discovery; and where its own addresses come from.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 curl jq
new_rooms

frames() { # honest|spoofed
	/usr/bin/python3 "$(dirname "$0")/spoofed_frames.py" "$1" 2>&1 | one_line
}

HONEST=$(frames honest) SPOOFED=$(frames spoofed)
check "without a policy all honest frames arrive" 18 "$(wc -w <<<"$HONEST")"
check "  and all spoofed ones" 24 "$(wc -w <<<"$SPOOFED")"
MAC=$(ip -n container -j link show dev eth0 | jq -r '.[0].address')
LOCAL=$(ip -n container -6 -j addr show dev eth0 scope link | jq -r '.[].addr_info[] | select(.local).local')

talks() {
	in_container ip neigh flush dev eth0
	in_host ip neigh flush dev veth0
	check_true "the container is reached by IPv4" pings host 198.18.0.2
	check_true "  and by IPv6" pings host 2001:db8::2
	in_container ip neigh flush dev eth0
	check_true "it reaches the host by IPv4" fetch container 198.18.0.1:80
	check_true "  and by IPv6" fetch container "[2001:db8::1]:80"
}

serve host 80
for how in "mode generic" "mode native" "hook tc"; do
	say "$how"
	does attach veth0 --deny from:spoofed "--${how% *}" "${how#* }"
	check "all honest frames arrive" "$HONEST" "$(frames honest)"
	SEEN=$(frames spoofed)
	# A packet socket is asked before clsact.
	[ "$how" = "hook tc" ] || check "no spoofed one does" "" "$SEEN"
	check "  and the rule counted them all" 24 \
		"$(in_host "$POLICYCTL" stats veth0 --json | jq '.[0].counters[0].from.packets')"
	talks
	does detach veth0
done

say "what is told of it"
does attach veth0 --deny from:spoofed
does show veth0
check_match "show prints the rule" "^deny from any spoofed +# id 1" "$OUT"
check_match "  and the container's own addresses" "^# own: $MAC, 198.18.0.2, 2001:db8::2, $LOCAL$" "$OUT"
does show veth0 --json
check "  in JSON too" "[\"$MAC\",[\"198.18.0.2\",\"2001:db8::2\",\"$LOCAL\"]]" \
	"$(jq -c '.own | [.mac, .addresses]' <<<"$OUT")"
does explain veth0 from tcp 198.18.0.1:80
check_match "explain: a packet has the container's own addresses" "passes" "$OUT"
does explain veth0 from spoofed tcp 198.18.0.1:80
check_match "  unless it says otherwise" "spoofed +its source MAC is not the container's" "$OUT"
check_match "  programs and evaluator agree" "which agrees" "$OUT"
does explain veth0 from icmpv6 type neighbour-advertisement
check_match "  an advertisement of its own address passes" "passes" "$OUT"
does explain veth0 from arp
check_match "  so does ARP" "passes" "$OUT"
does doctor veth0
monitor told veth0
frames spoofed >"$WORK/none"
monitor_end told
check_match "monitor names the rule" "from +DROP rule 1: deny from any spoofed" "$(<"$WORK/told")"

say "addresses that come later"
must ip -n container addr add 198.18.0.7/24 dev eth0
check "an address that the container adds is not its own" 1 "$(
	in_container ping -qc1 -W1 -I 198.18.0.7 198.18.0.1 >/dev/null
	echo $?
)"
does deny veth0 to:tcp/99
does show veth0
check_match "another rule does not change that" "^# own: $MAC, 198.18.0.2, 2001:db8::2, " "$OUT"
printf 'deny to tcp dport 99\ndeny from spoofed\n' >"$WORK/same.policy"
does apply veth0 --policy "$WORK/same.policy"
check_match "apply asks for the addresses anew" "the container's own addresses" "$OUT"
does show veth0
check_match "  and show prints them" "^# own: $MAC, 198.18.0.2, 198.18.0.7, 2001:db8::2, " "$OUT"
check_true "  it is the container's own then" in_container ping -qc1 -W2 -I 198.18.0.7 198.18.0.1
must ip -n container addr del 198.18.0.7/24 dev eth0
does detach veth0

say "own"
cat >"$WORK/router.policy" <<-EOF
	own { 198.18.0.0/30, 2001:db8::2 }
	deny from spoofed log
EOF
does attach veth0 --policy "$WORK/router.policy"
does show veth0
check_match "own is in the policy that show prints" "^own \{ 198.18.0.0/30, 2001:db8::2 \}$" "$OUT"
check_match "  and what follows from it" "^# own: $MAC, 198.18.0.0/30, 2001:db8::2, $LOCAL$" "$OUT"
check "what own names may be claimed" "ipv4 ipv4-vlan ipv4-later-fragment arp-gateway arp-probe-of-another" \
	"$(frames spoofed)"
printf '%s\n' "$OUT" >"$WORK/shown.policy"
does apply veth0 --policy "$WORK/shown.policy"
check_match "what show prints is the same policy" "nothing to change" "$OUT"
does detach veth0

say "where nothing is known"
must ip -n host link add bare type veth peer name bare1 netns container
must inside container sysctl -qw net.ipv6.conf.bare1.disable_ipv6=1
remember
policyctl attach bare --deny from:spoofed
check "a veth whose other end has no address: refused" 1 "$STATUS"
check_match "  and told what to do" "no address yet: name the container's in the policy, own" "$ERR"
must ip -n host link add br0 type bridge
remember
policyctl attach br0 --deny from:spoofed --hook tc
check "a device that is no veth: refused" 1 "$STATUS"
check_match "  and told why" "which is known of veths alone" "$ERR"
does attach bare --policy "$WORK/router.policy"
does detach bare
finish
