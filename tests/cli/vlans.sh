#!/bin/bash
# Rules on VLANs, with real tags: in the frame, and in the metadata of a packet, where XDP does not see them.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3
. "$(dirname "$0")/bridged.bash"

# What the eth0 of a namespace sends gets the tag TPID:ID in the metadata, beside its own tags.
push() { # NETNS [TPID:ID]
	inside "$1" tc qdisc del dev eth0 clsact 2>/dev/null
	[ -z "${2:-}" ] || {
		must "$CLI_PROBE" program "tag:$2" /sys/fs/bpf/handed
		must inside "$1" tc qdisc add dev eth0 clsact
		must inside "$1" tc filter add dev eth0 egress bpf da object-pinned /sys/fs/bpf/handed
		must rm /sys/fs/bpf/handed
	}
}

FRAMES=(tcp=80 tcp=81 "vlan=0 tcp=80" "vlan=10 tcp=80" "vlan=11 tcp=80" "vlan=0 vlan=10 tcp=80" "vlan=0x88a8:10 vlan=11 tcp=80"
	"vlan=0x88a8:11 vlan=10 tcp=80" "vlan=10 tcp6=80" "vlan=10 arp" "vlan=10 ethertype=0x88cc" "vlan=11 ethertype=0x88cc"
	"vlan=10 fragment=7" "vlan=10 later=7" "vlan=11 later=7")

# What arrives of the frames, in both directions: those that match the expression, or those that do not.
judged() { # TEXT grep-options EXPRESSION
	local kept direction
	kept=$(printf '%s\n' "${FRAMES[@]}" | grep -E "${@:2}")
	for direction in from to; do
		check "$1 ($direction)" "$kept" "$($direction "${FRAMES[@]}")"
	done
}

say "without a policy"
judged "all arrive" ''
# Ids are looked for in the outermost tag that has one.
IN_10='^(vlan=0 )?vlan=(0x88a8:)?10 '
for mode in generic native; do
	say "$mode mode"
	does attach veth0 --mode $mode --policy /dev/stdin <<<"deny any vlan 10
deny arp vlan 10
deny ethertype 0x88cc vlan 10"
	remember
	judged "denied in VLAN 10, passed in others and outside of VLANs" -v "$IN_10"
	check "the packets are counted by their rule" "7 7" "$(in_host "$POLICYCTL" stats veth0 --json |
		jq -r '.[0].counters[0] | "\(.from.packets) \(.to.packets)"')"
	does apply veth0 --policy /dev/stdin <<<"default deny
allow any vlan 10
allow ethertype 0x88cc vlan 10"
	judged "allowed in VLAN 10 alone" "$IN_10|arp"
	does apply veth0 --policy /dev/stdin <<<"deny any vlan 1-4095
deny tcp dport 81"
	judged "denied: every VLAN, and a port" '^(vlan=0 )?tcp=80|arp$'
	does apply veth0 --policy /dev/stdin <<<"allow any vlan not 1-4095
allow arp
deny any"
	judged "allowed: what has no VLAN" '^(vlan=0 )?tcp|arp'
	say "$mode mode: a tag in the metadata"
	for direction in from to; do
		sender=container
		[ $direction = from ] || sender=world
		does apply veth0 --policy /dev/stdin <<<"deny any vlan 10
deny tcp dport 81"
		push $sender 0x8100:10
		check "it is the outermost: denied ($direction)" arp "$($direction tcp=80 "vlan=11 tcp=80" tcp=81 arp)"
		push $sender 0x8100:11
		check "another VLAN ($direction)" "$(printf '%s\n' tcp=80 "vlan=10 tcp=80" arp)" \
			"$($direction tcp=80 "vlan=10 tcp=80" tcp=81 arp)"
		does apply veth0 --policy /dev/stdin <<<"default deny
allow tcp vlan 11
allow any vlan not 1-4095"
		check "allowed in it alone ($direction)" "$(printf '%s\n' tcp=80 "vlan=10 tcp=80" arp)" \
			"$($direction tcp=80 "vlan=10 tcp=80" udp=80 arp)"
		push $sender
	done
	does detach veth0
done

say "explain"
does attach veth0 --mode generic --policy /dev/stdin <<<"deny from tcp dport 80 vlan 10
deny from udp"
does explain veth0 from vlan 10 tcp 80
check_match "the guard decides what XDP leaves to it" "xdp program [0-9]+ of veth0 \(leaves it to the guard\), guard .* agrees" "$OUT"
check_match "  by the rule" "by +rule 1 .*vlan 10" "$OUT"
does explain veth0 from vlan 11 tcp 80
check_match "why a rule does not match" "rule 1 does not match, its VLAN is 11" "$OUT"
does explain veth0 from tcp 80
check_match "  it has no VLAN" "rule 1 does not match, it has no VLAN" "$OUT"
does explain veth0 from vlan 10 udp 53
check_no_match "XDP decides what no rule on VLANs can decide" "leaves it" "$OUT"
does doctor veth0
does detach veth0
finish
