# shellcheck shell=bash
TITLE="both: attach XDP and tc, deny tcp"

experiment() {
	deny "$VETH" tcp
	must_in host tc qdisc show dev "$VETH"
	check_match "tc qdisc shows clsact" 'qdisc clsact ffff: parent ffff:fff1' "$SAW"
	must_in host tc filter show dev "$VETH" egress
	check_match "tc filter shows our program on egress, direct-action" \
		'bpf chain 0 handle 0x1 .*direct-action .*name policyctl_tc' "$SAW"
	must_in host ip link show dev "$VETH"
	check_match "ip link shows xdp" 'prog/xdp id [0-9]+ name policyctl_xdp' "$SAW"
	undeny "$VETH"
}
