# shellcheck shell=bash
# The rooms of the benchmark, by the words of tests/cli/lib.sh:
#
#   container eth0 198.18.1.2 ── veth0, bridge br0 198.18.1.1 (host) uplink0 198.18.2.1 ── eth0 198.18.2.2 outside
#
# Traffic to addresses without a host, but with a route, ends without an answer.

bench_rooms() {
	local room
	new_netns host container outside
	must in_host sysctl -q -w net.ipv4.ip_forward=1
	for room in container outside; do
		must inside $room sysctl -q -w net.ipv4.ip_forward=0
	done
	must ip -n host link add br0 type bridge
	must ip -n host link add veth0 type veth peer name eth0 netns container
	must ip -n host link set veth0 master br0
	must ip -n host link add uplink0 type veth peer name eth0 netns outside
	must ip -n host addr add 198.18.1.1/24 dev br0
	must ip -n host addr add 198.18.2.1/24 dev uplink0
	must ip -n container addr add 198.18.1.2/24 dev eth0
	must ip -n outside addr add 198.18.2.2/24 dev eth0
	for room in br0 veth0 uplink0; do
		must ip -n host link set $room up
	done
	must ip -n container link set eth0 up
	must ip -n outside link set eth0 up
	must ip -n container route add default via 198.18.1.1
	must ip -n outside route add default via 198.18.2.1
	must wait_until 5 inside container ping -qc1 -W0.1 198.18.2.2
	bench_sinks
}

mac_of() { # NETNS
	ip -n "$1" -j link show eth0 | jq -r '.[0].address'
}

bench_sinks() {
	must ip -n host route add 198.18.3.0/24 via 198.18.2.2
	must ip -n host route add 198.19.0.0/16 via 198.18.2.2
	must ip -n host neigh replace 198.18.2.2 lladdr "$(mac_of outside)" dev uplink0 nud permanent
	must ip -n host neigh add 198.18.1.200 lladdr "$(mac_of container)" dev br0 nud permanent
}
