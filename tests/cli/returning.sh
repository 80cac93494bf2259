#!/bin/bash
# A packet that XDP passed comes back to the container through the host, by the same CPU or another one. There it is
# rewritten to a denied port and redirected out again, so that generic XDP does not see it. It skipped the guard the
# first time (an ifb marks its packets so). Nothing of its first way out may help it on the second.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 nft ethtool taskset
new_rooms
new_netns bounce
new_veth veth2 bounce 2
THERE=198.18.0.50 BACK=198.18.0.51 # the host sends BACK to the container, and THERE to it or to `bounce`
ip -n container link add ifb7 type ifb 2>/dev/null || skip "this kernel has no ifb"
must in_host sysctl -qw net.ipv4.ip_forward=1
for device in all veth0 veth2; do
	must in_host sysctl -qw net.ipv4.conf.$device.rp_filter=0 net.ipv4.conf.$device.send_redirects=0
done
must ip -n host route add $BACK/32 via 198.18.0.2 dev veth0
must ip -n container route add $THERE/32 via 198.18.0.1 dev eth0
must ip -n container link set ifb7 up
must in_container ethtool -K ifb7 tx-udp-segmentation off
# Only the GSO packet of 817 bytes goes through the ifb; its three segments leave one by one.
must in_container tc qdisc add dev eth0 clsact
must in_container tc filter add dev eth0 egress protocol ip u32 match u8 17 0xff at 9 match u16 0x0200 0x0200 at 2 \
	action mirred egress redirect dev ifb7

mac() { # NETNS DEVICE
	ip -n "$1" -j link show dev "$2" | jq -r '.[0].address'
}

again() { # NETNS FIELDS…: what comes to port 1000 there goes out again, with these fields set
	must inside "$1" nft -f - <<-END
		table netdev again {
			chain in {
				type filter hook ingress device eth0 priority 0;
				udp dport 1000 ${*:2} fwd to "eth0";
			}
		}
	END
}

# The last segment has 17 bytes.
again container udp length 25 ether saddr set "$(mac container eth0)" ether daddr set "$(mac host veth0)" \
	ip saddr set 198.18.0.2 ip daddr set 198.18.0.1 udp dport set 53 udp checksum set 0
again bounce ether saddr set "$(mac bounce eth0)" ether daddr set "$(mac host veth2)" ip daddr set $BACK

arrived() { # how many of 5 arrive at port 53
	taskset -c 0 /usr/bin/python3 - <<'END'
import ctypes, os, socket, sys
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
asked.settimeout(0.5) # the ifb and other CPUs work on their own time
count = 0
for _ in range(5):
    big.sendto(b"x" * 817, ("198.18.0.50", 1000))
    try:
        count += bool(asked.recv(2000))
    except socket.timeout:
        pass
    # Only now does XDP see another packet on this CPU.
    sender.sendto(b"x", ("198.18.0.1", 9))
    marker.recv(9)
print(count)
END
}

none_arrives() { # WAY
	check "$1: without a policy all come by again and arrive" 5 "$(arrived)"
	for mode in generic native; do
		does attach veth0 --deny from:udp/53 --mode $mode
		remember
		check "$1, $mode mode: none arrives at the denied port" 0 "$(arrived)"
		policyctl stats veth0 --json
		check "  all are counted" 5 "$(jq '.[0].counters[0].from.packets' <<<"$OUT")"
		does detach veth0
	done
}

say "straight back, by the same CPU"
must ip -n host route add $THERE/32 dev veth0 via 198.18.0.2
none_arrives "straight back"

say "by way of another container, whose CPU is another one"
if [ "$(nproc)" = 1 ]; then
	say "there is only one CPU here"
else
	rps() { # NETNS CPU-MASK: which CPU takes what comes to eth0
		must ip netns exec "$1" sh -c "echo $2 >/sys/class/net/eth0/queues/rx-0/rps_cpus"
	}
	must ip -n host route replace $THERE/32 via 198.18.2.2 dev veth2
	rps bounce 2
	rps container 1
	none_arrives "another CPU"
fi
must in_container tc qdisc del dev eth0 clsact
finish
