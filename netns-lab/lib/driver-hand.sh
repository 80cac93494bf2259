# shellcheck shell=bash
# By hand: ip and tc on policy.bpf.o, bpftool for its maps. ip and tc each load the object and make maps of their own.
# The maps start empty, and empty maps pass everything.

RULE_SLOT=8 # where our rule counts (PCTL_SLOT_RULES of kern/abi.h); 0 is what passes

declare -A PROTOCOL_NUMBER=([icmp]=1 [tcp]=6 [udp]=17 [icmpv6]=58)

hand_map() { # PROGRAM-ID NAME
	local id
	for id in $(map_ids "$1"); do
		bpftool map show id "$id"
	done | sed -n "s/^\([0-9]*\): .* name $2 .*/\1/p"
}

# hand_rule PROGRAM-ID from|to PROTOCOL [PORT]: writes a deny rule into the right map.
hand_rule() {
	local direction=0 number=${PROTOCOL_NUMBER[$3]} map key
	[ "$2" = from ] || direction=1
	if [ $# -gt 3 ]; then
		map=$(hand_map "$1" port_rules)
		key=("$direction" "$number" $(($4 / 256)) $(($4 % 256)))
	else
		map=$(hand_map "$1" proto_rules)
		key=("$direction" "$number")
	fi
	must_in host bpftool map update id "$map" key "${key[@]}" value $RULE_SLOT 0 0 2
}

hand_xdp_on() { # DEVICE
	local keyword=xdpgeneric
	[ "$MODE" != native ] || keyword=xdpdrv
	must_in host ip link set dev "$1" $keyword obj policy.bpf.o sec xdp
}

hand_tc_on() { # DEVICE
	must_in host tc qdisc add dev "$1" clsact
	must_in host tc filter add dev "$1" egress bpf da obj policy.bpf.o sec tc
}

hand_on() { # DEVICE from|to
	if [ "$2" = from ]; then hand_xdp_on "$1"; else hand_tc_on "$1"; fi
}

hand_program() { # DEVICE from|to
	if [ "$2" = from ]; then xdp_id "$1"; else tc_id "$1"; fi
}

hand_deny() { # DEVICE SPEC
	local spec=${2#*:} directions=(from to) protocols direction protocol program
	[ "$spec" = "$2" ] || directions=("${2%%:*}")
	protocols=("${spec%/*}")
	[ "$spec" != any ] || protocols=("${!PROTOCOL_NUMBER[@]}")
	for direction in "${directions[@]}"; do
		hand_on "$1" "$direction"
		program=$(hand_program "$1" "$direction")
		for protocol in "${protocols[@]}"; do
			if [[ $spec = */* ]]; then
				hand_rule "$program" "$direction" "$protocol" "${spec#*/}"
			else
				hand_rule "$program" "$direction" "$protocol"
			fi
		done
	done
}

hand_xdp_off() { # DEVICE
	local keyword=xdpgeneric
	[ "$MODE" != native ] || keyword=xdpdrv
	must_in host ip link set dev "$1" $keyword off
}

hand_xdp_off_tc_stays() {
	hand_xdp_off "$1"
}

hand_tc_off() { # DEVICE
	must_in host tc filter delete dev "$1" egress
}

hand_undeny() { # DEVICE
	[ -z "$(xdp_id "$1")" ] || hand_xdp_off "$1"
	[ -z "$(tc_id "$1")" ] || hand_tc_off "$1"
	! run_in host tc qdisc show dev "$1" | grep -q clsact ||
		must_in host tc qdisc del dev "$1" clsact
}

hand_count() { # DROP|PASS DEVICE from|to
	local direction=0 slot=$RULE_SLOT program map number
	[ "$3" = from ] || direction=1
	[ "$1" = DROP ] || slot=0
	program=$(hand_program "$2" "$3")
	[ -n "$program" ] || {
		echo 0
		return
	}
	map=$(hand_map "$program" rule_stats)
	number=$((slot * 2 + direction)) # 16 counters to an element
	bpftool -j map lookup id "$map" key $((number / 16)) 0 0 0 |
		jq "[.formatted.values[].value.counters[$((number % 16))].packets] | add"
}

hand_undeny_all() {
	local device
	firewall_off
	for device in $(devices); do
		hand_undeny "$device" >/dev/null
	done
}
