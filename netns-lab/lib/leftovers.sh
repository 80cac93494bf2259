# shellcheck shell=bash
# The last assertion of each run: everything that the run made is gone.

# Notes every program that an experiment attached, and its maps, by id. The kernel uses no id twice, so other programs
# on this machine do not matter.
note_programs() { # DEVICE
	local program
	for program in $(xdp_id "$1") $(tc_id "$1"); do
		echo "prog $program" >>"$RUN_DIR/ids"
		map_ids "$program" | sed 's/^/map /' >>"$RUN_DIR/ids"
	done
}

living_ids() {
	local kind id
	sort -u "$RUN_DIR/ids" | while read -r kind id; do
		! bpftool "$kind" show id "$id" >/dev/null 2>&1 || echo "$kind $id"
	done
}

no_living_ids() {
	[ -z "$(living_ids)" ]
}

# Where policyctl pins, which need not be /sys/fs/bpf of this mount namespace: its doctor knows.
pin_root() {
	[ -z "${POLICYCTL_BPFFS-}" ] || { echo "$POLICYCTL_BPFFS" && return; }
	run_in host policyctl doctor --json | jq -r '.[] | select(.check == "bpffs").what' |
		sed -nE 's,^[^/]*((/proc/[0-9]+/root)?/sys/fs/bpf).*,\1/policyctl,p'
}

# The pins of policyctl for the host's namespace: below net-COOKIE, by the kernel's cookie of the namespace.
pins() {
	local root cookie
	cookie=$(<"$LAB_STATE/cookie")
	root=$(pin_root)
	if [ -z "$root" ]; then
		echo "policyctl doctor does not say where it pins"
	elif [ -d "$root/net-$cookie" ]; then
		find "$root/net-$cookie"
	fi
}

pins_or_nothing() {
	local pins
	pins=$(pins)
	echo "${pins:-nothing}"
}

# Before the host's namespace is deleted: policyctl removes its pins; if it fails, this does.
leave_no_pins() {
	local left
	[ -e "$LAB_STATE/cookie" ] && [ -n "$(pins)" ] || return 0
	run_in host policyctl detach --all >/dev/null
	left=$(pins | head -n 1)
	[ -d "$left" ] || return 0
	rm -r "$left"
	rmdir --ignore-fail-on-non-empty "${left%/*}"
}

# iproute2 makes directories on bpffs (tc/globals, the links ip and xdp to it) when it loads an object. They are removed
# if they were not there before and have no pins.
note_iproute2() {
	[ -e /sys/fs/bpf/tc ] || : >"$RUN_DIR/iproute2"
}

leave_no_iproute2() {
	[ -e "$RUN_DIR/iproute2" ] && rmdir /sys/fs/bpf/tc/globals /sys/fs/bpf/tc 2>/dev/null || return 0
	rm -f /sys/fs/bpf/ip /sys/fs/bpf/xdp
}

devices() {
	run_in host ip -br link show | sed 's/[@ ].*//'
}

# The state of the host: XDP, qdiscs and filters of its devices, its firewall.
host_state() {
	local device
	for device in $(devices); do
		echo "$device: $(run_in host ip link show dev "$device" | grep -o 'prog/.*')"
		run_in host tc qdisc show dev "$device"
		run_in host tc filter show dev "$device" egress
		run_in host tc filter show dev "$device" ingress
	done
	firewall_state
}

leftovers() {
	local pid start name namespace
	while read -r pid start name; do
		! is_alive "$pid" "$start" || echo "process $pid ($name)"
	done <"$RUN_DIR/pids"
	while read -r namespace; do
		[ ! -e "/run/netns/$namespace" ] || echo "namespace $namespace"
	done <"$RUN_DIR/namespaces"
	wait_until 5 no_living_ids || living_ids
	[ ! -e "$RUN_DIR/cgroup" ] || dockerd_left "$DOCKER_STATE" "$(<"$RUN_DIR/cgroup")"
	[ ! -e "$LAB_STATE" ] || [ -n "$LAB_STAYS" ] || echo "$LAB_STATE"
}

nothing_left() {
	local left
	left=$(leftovers)
	check "nothing is left behind: process, namespace, program, map, pin" nothing "${left:-nothing}"
}
