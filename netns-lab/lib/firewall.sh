# shellcheck shell=bash
# The way of the field notes: iptables lines on the host. Packets to or from the container pass FORWARD, those of the
# host itself OUTPUT and INPUT. IPv6 needs each line again.

# firewall 4|6|46 in|out RULE...: `in` is towards the containers.
firewall() {
	local tables=() chains=(FORWARD OUTPUT) device=(-o docker0) table chain
	[[ $1 != *4* ]] || tables+=(iptables)
	[[ $1 != *6* ]] || tables+=(ip6tables)
	[ "$2" = in ] || chains=(FORWARD INPUT) device=(-i docker0)
	for table in "${tables[@]}"; do
		for chain in "${chains[@]}"; do
			must_in host "$table" -w -A "$chain" "${device[@]}" "${@:3}"
		done
	done
}

# What the implicit rules of `default deny` pass. ARP does not pass iptables.
firewall_neighbours() { # in|out
	local type
	for type in neighbour-solicitation neighbour-advertisement; do
		firewall 6 "$1" -p icmpv6 --icmpv6-type $type -j ACCEPT
	done
}

# Forgets the neighbours, so that the following attempts need neighbour discovery.
neighbours_forgotten() {
	must_in host ip neigh flush dev docker0
	must_in host ip -6 neigh flush dev docker0
	must_in httpserver ip neigh flush dev eth0
	must_in httpserver ip -6 neigh flush dev eth0
}

firewall_off() {
	local table
	for table in iptables ip6tables; do
		run_in host $table -w -F
	done
	run_in host nft delete table netdev lab 2>/dev/null
}

firewall_state() {
	local table
	for table in iptables ip6tables; do
		run_in host $table -w -S 2>/dev/null | sed "s/^/$table /"
	done
	run_in host nft list tables netdev
}

# policy LINE...: attaches a policy, the other way.
policy() {
	POLICY=$LAB_STATE/web.policy
	printf '%s\n' "$@" >"$POLICY"
	enforce attach
}

policy_becomes() { # LINE...
	printf '%s\n' "$@" >"$POLICY"
	enforce apply
}

# Takes both off again.
enforce_no_more() {
	if by_hand; then
		say "host# iptables -F; ip6tables -F"
		firewall_off
	else
		undeny "$VETH"
	fi
}
