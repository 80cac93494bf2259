#!/bin/bash
# Frames that are neither IP nor ARP: `allow ethertype 0x88cc` passes LLDP, tagged or not, and nothing else of its kind.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3
. "$(dirname "$0")/bridged.bash"

LLDP=ethertype=0x88cc RARP=ethertype=0x8035
FRAMES=("$LLDP" "$RARP" "vlan=10 $LLDP" "vlan=10 vlan=20 $LLDP" ethertype=0x002e tcp=80 arp)

say "without a policy"
check "from the container: all arrive" "$(printf '%s\n' "${FRAMES[@]}")" "$(from "${FRAMES[@]}")"
check "to the container: all arrive" "$(printf '%s\n' "${FRAMES[@]}")" "$(to "${FRAMES[@]}")"

for mode in generic native; do
	say "$mode mode"
	does attach veth0 --default deny --allow any --allow arp --mode $mode
	remember
	kept=$(printf '%s\n' tcp=80 arp)
	check "\`allow any\` and \`allow arp\` are not for them (from)" "$kept" "$(from "${FRAMES[@]}")"
	check "\`allow any\` and \`allow arp\` are not for them (to)" "$kept" "$(to "${FRAMES[@]}")"
	does allow veth0 ethertype/0x88cc
	kept=$(printf '%s\n' "$LLDP" "vlan=10 $LLDP" "vlan=10 vlan=20 $LLDP" tcp=80 arp)
	check "LLDP passes (from)" "$kept" "$(from "${FRAMES[@]}")"
	check "LLDP passes (to)" "$kept" "$(to "${FRAMES[@]}")"
	check "its packets are counted by their rule" 6 "$(in_host "$POLICYCTL" stats veth0 --json |
		jq '[.[0].counters[] | select(.text == "allow ethertype 0x88cc") | .from.packets, .to.packets] | add')"
	check "  and nothing of them was unknown" "7 7" "$(in_host "$POLICYCTL" stats veth0 --json |
		jq -r '.[0] | "\(.from.unknown.ethertype.packets) \(.to.unknown.ethertype.packets)"')"
	check "a checksum in it changes nothing, one in its ethertype may" "place=22 $LLDP" \
		"$(from "place=22 $LLDP" "place=20 vlan=1 vlan=2 $LLDP")"
	does explain veth0 from vlan 10 ethertype 0x88cc
	check_match "explain tells the rule" "by +rule 3 .*: allow ethertype 0x88cc" "$OUT"
	does explain veth0 to ethertype 0x8035
	check_match "explain tells why not" "rule 3 does not match, its ethertype is 0x8035" "$OUT"
	does detach veth0
done
finish
