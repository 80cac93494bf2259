#!/bin/bash
# A packet that skipped the guard (an ifb marks its packets so) comes back to the container through the host. There it
# is rewritten to a denied port and redirected out again. XDP does not see it, and its old stamp must not be valid.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3 nft ethtool
new_rooms
THERE=198.18.0.50 # the host sends what is for it back to the container
ip -n container link add ifb7 type ifb 2>/dev/null || skip "this kernel has no ifb"
must in_host sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.veth0.send_redirects=0 \
	net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.veth0.rp_filter=0
must ip -n host route add $THERE/32 via 198.18.0.2 dev veth0
must ip -n container route add $THERE/32 via 198.18.0.1 dev eth0
must ip -n container link set ifb7 up
must in_container ethtool -K ifb7 tx-udp-segmentation off
HOST_MAC=$(ip -n host -j link show dev veth0 | jq -r '.[0].address')
OWN_MAC=$(ip -n container -j link show dev eth0 | jq -r '.[0].address')
# Only the GSO packet of 817 bytes goes through the ifb; its three segments leave one by one.
must in_container tc qdisc add dev eth0 clsact
must in_container tc filter add dev eth0 egress protocol ip u32 match u8 17 0xff at 9 match u16 0x0200 0x0200 at 2 \
	action mirred egress redirect dev ifb7
# The last segment, 17 bytes, is the one whose stamp was the last.
must in_container nft -f - <<END
table netdev again {
	chain in {
		type filter hook ingress device eth0 priority 0;
		udp dport 1000 udp length 25 ether saddr set $OWN_MAC ether daddr set $HOST_MAC ip saddr set 198.18.0.2 ip daddr set 198.18.0.1 udp dport set 53 udp checksum set 0 fwd to "eth0";
	}
}
END

arrived() { # how many of 5 arrive at port 53, when one to port 9 that nothing touches has
	/usr/bin/python3 - <<'END'
import ctypes, os, socket, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}) # a packet is behind the one that was sent before it
UDP_SEGMENT, CLONE_NEWNET = 103, 0x40000000
def enter(name):
    if ctypes.CDLL(None).setns(os.open("/run/netns/" + name, os.O_RDONLY), CLONE_NEWNET):
        sys.exit("setns failed")
def bound(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("198.18.0.1", port))
    return s
enter("host")
asked, marker = bound(53), bound(9)
marker.settimeout(5)
enter("container")
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
big = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
big.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 400)
for _ in range(5):
    big.sendto(b"x" * 817, ("198.18.0.50", 1000))
    sender.sendto(b"x", ("198.18.0.1", 9))
    marker.recv(9)
asked.settimeout(0.5) # the ifb works on its own time
count = 0
try:
    while count < 5 and asked.recv(2000):
        count += 1
except socket.timeout:
    pass
print(count)
END
}

check "without a policy all come by again and arrive" 5 "$(arrived)"
for mode in generic native; do
	does attach veth0 --deny from:udp/53 --mode $mode
	remember
	check "$mode mode: none arrives at the denied port" 0 "$(arrived)"
	policyctl stats veth0 --json
	check "  all are counted" 5 "$(jq '.[0].counters[0].from.packets' <<<"$OUT")"
	does detach veth0
done
must in_container tc qdisc del dev eth0 clsact
finish
