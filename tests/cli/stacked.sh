#!/bin/bash
# Devices above others (bridge, macvlan): the kernel lets nobody change XDP below a device that has a program.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
STACKED_ORDER=$POLICYCTL_BUILD/stacked_order
[ -x "$STACKED_ORDER" ] || skip "$STACKED_ORDER is not built"
new_rooms
new_netns second
new_veth veth1 second 1
must ip -n host link add br0 type bridge
must ip -n host link set br0 up
must ip -n host link set veth0 master br0
must ip -n host link set veth1 master br0

still() { snapshot | sed -E 's/[a-z_]+timer +[0-9.]+//g'; } # bridges show their timers

refused() { # REGEX ARGUMENTS...
	local before
	before=$(still)
	policyctl "${@:2}"
	check "policyctl ${*:2}: exit status 1" 1 "$STATUS"
	check_match "  and why" "$1" "$ERR"
	check_same "  and nothing was touched" "$before" "$(still)"
}

say "a bridge"
refused '^policyctl: br0: a bridge: with an XDP program on it, .* \(veth0, veth1\): attach to the ports \(nothing was changed\)$' \
	attach br0 --deny tcp
refused '^policyctl: br0: a bridge: ' attach br0 --deny tcp --mode native
for port in veth0 veth1; do
	does attach $port --deny tcp
	remember
done
must ip -n host link add br1 type bridge
refused '^policyctl: br1: a bridge: .*\(none now\): attach to the ports' attach br1 --deny tcp
must ip -n host link del br1

say "somebody else's program on the bridge"
foreign_xdp br0 xdpgeneric
id=$(xdp_id br0)
named="br0 is above it and has an XDP program \(id $id, name somebody\): the kernel allows no change of XDP below that"
refused "^policyctl: veth0: $named; take it off first \(the policy in force stays\)$" apply veth0 --deny udp
refused "^policyctl: veth0: $named" deny veth0 udp
refused "^policyctl: veth0: $named" detach veth0
refused "^policyctl: veth[01]: $named" detach --all
policyctl list
check "and what was attached stays as it was" "0: enforcing enforcing" "$STATUS: $(awk 'NR > 1 { print $3 }' <<<"$OUT" | one_line)"
policyctl doctor --json
check_match "doctor finds it" "^3: br0 is above it and has an XDP program" "$STATUS: $(jq -r 'first(.[] | select(.check == "stacked")).what' <<<"$OUT")"
must in_host ip link set dev veth1 nomaster
does apply veth1 --deny udp
remember
must in_host ip link set dev veth1 master br0
must in_host ip link set dev br0 xdpgeneric off
does apply veth0 --deny udp
remember
does detach veth0
foreign_xdp br0 xdpgeneric
refused "^policyctl: veth0: ${named/id $id/id $(xdp_id br0)}" attach veth0 --deny tcp
must in_host ip link set dev br0 xdpgeneric off
does detach veth1

say "a macvlan"
must ip -n host link set veth0 nomaster
must ip -n host link add mv0 link veth0 type macvlan mode bridge
does attach veth0 --deny tcp
remember
refused "^policyctl: mv0: it is above veth0, which has an XDP program \(id $(xdp_id veth0)\)" attach mv0 --deny tcp
does detach veth0
does attach mv0 --deny tcp
remember
refused '^policyctl: veth0: mv0 is above it and has an XDP program' attach veth0 --deny tcp
does detach mv0
must ip -n host link del mv0

say "detach --all begins above"
# Both can have a program only where an earlier version attached the upper one: the order is looked at alone.
must ip -n host link set veth0 master br0
must ip -n host link add mv0 link br0 type macvlan mode bridge
order() { in_host "$STACKED_ORDER" "$@"; }
check "a macvlan, its bridge, the ports" "lo mv0 br0 veth0 veth1" "$(order lo veth0 veth1 br0 mv0)"
check "whatever the order before" "mv0 lo br0 veth1 veth0" "$(order veth1 mv0 lo br0 veth0)"
check "what is not above one another stays as it was" "veth1 lo veth0" "$(order veth1 lo veth0)"
must ip -n host link del mv0
for port in veth1 veth0; do
	does attach $port --deny tcp
	remember
done
does detach --all
check "and all of them are detached" "veth0: detached veth1: detached" "$(one_line <<<"$OUT")"
finish
