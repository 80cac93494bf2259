#!/bin/bash
# Checksums that the sender places (CAP_NET_RAW alone). The hooks judge one packet, and later the kernel makes another one
# of it, by two bytes that it writes where the sender said: where a device without checksum offload sends it, where the
# host fragments it, towards a veth whose tx checksums are off. BPF_PROG_TEST_RUN cannot make such packets, so this is a
# test with real ones.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 ethtool curl
new_rooms
new_netns world
new_veth up0 world 1
must in_host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
must ip -n container route add default via 198.18.0.1
must ip -n container -6 route add default via 2001:db8::1
must ip -n world route add default via 198.18.1.1
must ip -n world -6 route add default via 2001:db8:1::1

place() {
	/usr/bin/python3 "$(dirname "$0")/placed_checksums.py" "$@" 2>&1
}

mac() { # DEVICE
	ip -n host -j link show dev "$1" | jq -r '.[0].address'
}

# What gets through of the three frames: from the container to the world, or from there to the container.
from() { # [SIZE]
	place forged container "$(mac veth0)" world 1 0 "${1:-40}" | one_line
}

to() {
	place forged world "$(mac up0)" container 0 1 40 | one_line
}

offload() { # DEVICE on|off: does it write checksums itself?
	must in_host ethtool -K "$1" tx "$2"
}

uplink_mtu() {
	must ip -n host link set up0 mtu "$1"
}

not_fragmented() {
	in_host cat /proc/net/snmp | awk '/^Ip:/ { fails = $19 } END { print fails }' # FragFails
}

ALL="udp4 yes lite-udp yes lite-syn yes" NONE="udp4 no lite-udp no lite-syn no"
# Routers do not fragment IPv6.
ONE="udp4 yes lite-udp no lite-syn no"

say "without a policy"
check "from the container, to a device that takes checksums: nothing is rewritten" "$NONE" "$(from)"
offload up0 off
check "from the container, to one that does not: all arrive as what they were not" "$ALL" "$(from)"
offload up0 on
uplink_mtu 1300
refused=$(not_fragmented)
if [ "$(from 1400)" = "$ONE" ]; then
	pass "from the container, into fragments: the IPv4 one does"
else # seen with Debian's 6.1.192 and 6.12.117
	check "from the container, into fragments: this kernel refuses to fragment the IPv4 one" $((refused + 1)) \
		"$(not_fragmented)"
fi
uplink_mtu 1500
offload veth0 off
check "to the container, whose veth has no tx checksums: all do" "$ALL" "$(to)"

# What `stats` counted for the reason, in a direction.
unknown() { # from|to
	in_host "$POLICYCTL" stats veth0 --json | jq ".[0].$1.unknown[\"checksum-place\"].packets"
}

HOW=("--mode generic" "--mode native" "--hook tc") # what judges from: XDP with a guard behind it, or clsact alone
for how in "${HOW[@]}"; do
	say "$how"
	offload up0 off
	# shellcheck disable=SC2086
	does attach veth0 --deny udp/8080 --deny tcp/8080 $how
	remember
	monitor told veth0
	check "from the container: none arrives" "$NONE" "$(from)"
	check "  they are counted by their reason" 3 "$(unknown from)"
	check "to the container: none arrives" "$NONE" "$(to)"
	check "  they are counted by their reason" 3 "$(unknown to)"
	offload up0 on
	uplink_mtu 1300
	check "from the container, into fragments: none arrives" "$NONE" "$(from 1400)"
	uplink_mtu 1500
	monitor_end told
	for direction in from to; do
		check_match "monitor tells of them, $direction the container" \
			" $direction +DROP rule 1: deny udp dport 8080 \(checksum-place\)" "$(<"$WORK/told")"
	done
	does detach veth0
done

say "honest checksums"
serve world 80
serve container 80
vxlan() { # NETNS NUMBER PEER
	must ip -n "$1" link add vx0 type vxlan id 7 dstport 4789 local "198.18.$2.2" remote "198.18.$3.2"
	must ip -n "$1" addr add "198.18.7.$((2 + $2))/24" dev vx0
	must ip -n "$1" link set vx0 up
}
vxlan container 0 1
vxlan world 1 0
bulk() { # NETNS ADDRESS: a megabyte that is segmented late
	inside "$1" /usr/bin/python3 -c '
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=5)
connection.request("GET", "/", headers={"X": "x" * 60000})
assert connection.getresponse().status in (204, 431)' "$2"
}
datagrams() { # NETNS ADDRESS: one UDP send that is segmented late
	inside "$1" /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(17, 103, 1000) # UDP_SEGMENT
s.sendto(bytes(20000), (sys.argv[1], 9))' "$2"
}
talk() { # NETNS PEER-NUMBER
	check_true "  IPv4" fetch "$1" "198.18.$2.2:80"
	check_true "  IPv6" fetch "$1" "[2001:db8:$2::2]:80"
	check_true "  GSO" bulk "$1" "198.18.$2.2"
	check_true "  UDP GSO" datagrams "$1" "198.18.$2.2"
	check_true "  inside of a VXLAN" fetch "$1" "198.18.7.$((2 + $2)):80"
	check_true "  ping" pings "$1" "198.18.$2.2"
}
for offloads in on off; do
	offload up0 $offloads
	offload veth0 $offloads
	for how in "${HOW[@]}"; do
		# shellcheck disable=SC2086
		does attach veth0 --deny udp/8080 --deny tcp/8080 $how
		remember
		say "from the container, $how, tx checksums $offloads"
		talk container 1
		say "to the container, $how, tx checksums $offloads"
		talk world 0
		must place honest container "$(mac veth0)" 1 0
		must place honest world "$(mac up0)" 0 1
		check "no place is wrong, $how" "0 0" "$(unknown from) $(unknown to)"
		check "nothing is dropped" 0 "$(in_host "$POLICYCTL" stats veth0 --json | jq '[.[0]["from", "to"].dropped.packets] | add')"
		does detach veth0
	done
done
finish
