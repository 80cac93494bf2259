# shellcheck shell=bash
TITLE="what changed: attach, look, detach, look"

experiment() {
	local id

	must_in host ip link show dev "$VETH"
	check "ip link shows no XDP program" "no xdp" "$(xdp_shown)"

	deny "$VETH" from:tcp
	id=$(xdp_id "$VETH")
	must_in host ip link show dev "$VETH"
	check_match "ip link shows xdp, generic, and the program's id" "xdpgeneric.*prog/xdp id $id " "${SAW//$'\n'/ }"
	explain_id "$id"

	undeny "$VETH"
	must_in host ip link show dev "$VETH"
	check "ip link shows no XDP program any more" "no xdp" "$(xdp_shown)"
}

# What is the number in `prog/xdp id 107`? The id of a loaded program, counted up since boot.
explain_id() {
	if by_hand; then
		must_in host bpftool prog show id "$1"
		check_match "bpftool explains the id: type, name, since when" \
			"^$1: xdp  name policyctl_xdp .*loaded_at [0-9]{4}-[0-9]{2}-[0-9]{2}" "${SAW//$'\n'/ }"
	else
		must_in host policyctl show "$VETH"
		check_match "policyctl show explains the id: hook, name, mode" \
			"from container  xdp program $1 policyctl_xdp, generic mode" "$SAW"
		check_match "policyctl show says since when" \
			'attached +[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}' "$SAW"
	fi
}
