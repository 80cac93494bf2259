# shellcheck shell=bash
# Copies of a container's traffic, watched in a third namespace, where they arrive at watch0. On the host
# they go to $COPIES, the other end of that veth, or to a bridge with that end as its port.

COPIES=copies0
WATCHER=198.18.2.2
ECHOES='icmp[icmptype] == icmp-echo or icmp[icmptype] == icmp-echoreply'

# The address is for the marker that ends a capture.
watcher_up() {
	add_namespace "$WATCHER_NS" || {
		fail "the watcher's namespace comes up"
		exit 1
	}
	watcher_device
}

watcher_device() {
	must_in host ip link add copies0 type veth peer name watch0 netns "$WATCHER_NS"
	must_in host ip link set copies0 up
	run_in watcher ip link set watch0 up && run_in watcher ip addr add $WATCHER/24 dev watch0 &&
		run_in host ip addr add 198.18.2.1/24 dev copies0
	WATCHER_MAC=$(run_in watcher ip -j link show dev watch0 | jq -r '.[0].address')
}

# From now on copies go to a bridge; the watcher is behind a port of it.
watcher_behind_bridge() {
	COPIES=copies1
	must_in host ip link add copies1 type bridge
	must_in host ip link set copies1 up
	must_in host ip link set copies0 master copies1
	run_in host ip addr flush dev copies0
	run_in host ip addr add 198.18.2.1/24 dev copies1
	wait_until 5 answers host $WATCHER
}

index_of() { # DEVICE
	run_in host ip -j link show dev "$1" | jq '.[0].ifindex'
}

# copy_program DEVICE [MAC]: compiles lib/copy.bpf.c, with the device that gets the copies.
copy_program() {
	local mac=${2-}
	set -- -O2 -g -target bpf "-DTARGET=$(index_of "$1")" ${mac:+"-DMAC=0x${mac//:/,0x}"}
	say "host# clang $* -c copy.bpf.c -o copy.bpf.o"
	clang "$@" -I"/usr/include/$(uname -m)-linux-gnu" -c "$LAB_DIR/lib/copy.bpf.c" -o "$LAB_STATE/copy.bpf.o" 2>&1 && return
	fail "copy.bpf.c compiles"
	exit 1
}

# How often the captured lines have it.
captured_number() { # WHAT
	grep -c -- "$1" <<<"$CAPTURED"
}

watcher_saw() { # LINES
	[ "$(grep -c ICMP "$LAB_STATE/capture-watch0.out")" -ge "$1" ]
}

# echoes_copied REQUESTS REPLIES COMMAND...: what the watcher sees meanwhile.
echoes_copied() {
	local expected="$1 requests, $2 replies"
	capture_start watcher watch0 "$ECHOES" -e
	"${@:3}"
	wait_until 5 watcher_saw $(($1 + $2))
	capture_stop watch0 $WATCHER
	check "the watcher's tcpdump sees" "$expected" \
		"$(captured_number 'echo request') requests, $(captured_number 'echo reply') replies"
}

# By hand, the ways to copy what passes DEVICE in both directions. Each is taken off by copying_off.
copying_by_mirred() { # DEVICE
	local direction
	must_in host tc qdisc add dev "$1" clsact
	for direction in ingress egress; do
		must_in host tc filter add dev "$1" $direction protocol all u32 match u32 0 0 \
			action mirred egress mirror dev "$COPIES"
	done
}

copying_by_clone() { # DEVICE [MAC]
	local direction
	copy_program "$COPIES" "${2-}"
	must_in host tc qdisc add dev "$1" clsact
	for direction in ingress egress; do
		must_in host tc filter add dev "$1" $direction bpf da obj "$LAB_STATE/copy.bpf.o" sec clone
	done
}

copying_off() { # DEVICE
	must_in host tc qdisc del dev "$1" clsact
}

copying_by_nft() { # DEVICE
	local hook
	must_in host nft add table netdev lab
	for hook in ingress egress; do
		must_in host nft add chain netdev lab $hook "{ type filter hook $hook device \"$1\" priority 0; }"
		must_in host nft add rule netdev lab $hook dup to "\"$COPIES\""
	done
}
