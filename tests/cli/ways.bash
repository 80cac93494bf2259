# shellcheck shell=bash
# Ways on which packets of the container's root leave it. NAME_on sets one up, with the command in its arguments in front
# of what it runs in the container (setpriv, to do without a capability); NAME_off takes it back.

HOST=198.18.9.1 # where the packets go
WITHOUT_NET_ADMIN=(setpriv --bounding-set -net_admin --inh-caps -net_admin)

new_ways() {
	must ip -n host addr add "$HOST/32" dev veth0
	MAC=$(ip -n host -j link show dev veth0 | jq -r '.[0].address')
	must ip -n container link add other type veth peer name otherpeer
	must ip -n container link set otherpeer address "$MAC"
	must ip -n container link set other up
	must ip -n container link set otherpeer up
	route_by eth0
}

# For ifb_on and the others with its name.
new_ifb() {
	ip -n container link add ifb7 type ifb 2>/dev/null || skip "this kernel has no ifb"
	must ip -n container link set ifb7 up
	must in_container ethtool -K ifb7 tx-udp-segmentation off
	ip -n container link add link eth0 name above type macvlan mode bridge 2>/dev/null ||
		skip "this kernel has no macvlan"
	must ip -n container link set above up
}

# How many datagrams to a port of HOST arrive: of 5, or of 5 × 3, each three in one GSO packet. One to the port 9, which
# nothing denies, ends them.
arrived() { # PORT [gso]
	/usr/bin/python3 - "$1" "$HOST" "${2:-}" <<'END'
import ctypes, os, socket, sys
port, host, gso = int(sys.argv[1]), sys.argv[2], sys.argv[3]
CLONE_NEWNET, UDP_SEGMENT = 0x40000000, 103
def enter(name):
    if ctypes.CDLL(None).setns(os.open("/run/netns/" + name, os.O_RDONLY), CLONE_NEWNET):
        sys.exit("setns failed")
def bound(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, port))
    return s
enter("host")
asked, marker = bound(port), bound(9)
enter("container")
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if gso:
    sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 200)
for _ in range(5):
    sender.sendto(b"x" * (600 if gso else 1), (host, port))
sender.sendto(b"x", (host, 9))
marker.settimeout(5)
marker.recv(9)
asked.setblocking(False)
count = 0
try:
    while asked.recv(999):
        count += 1
except BlockingIOError:
    pass
print(count)
END
}

route_by() { # DEVICE
	must ip -n container neigh replace "$HOST" lladdr "$MAC" dev "$1"
	must ip -n container route replace "$HOST/32" dev "$1" src 198.18.0.2
}

program() { # KIND
	must "$CLI_PROBE" program "$1" /sys/fs/bpf/way
}

plain_on() {
	:
}

plain_off() {
	:
}

mirred_on() { # [COMMAND…]
	route_by other
	in_container "$@" tc qdisc add dev other clsact &&
		in_container "$@" tc filter add dev other egress protocol all u32 match u32 0 0 \
			action mirred egress redirect dev eth0
}

mirred_off() {
	must in_container tc qdisc del dev other clsact
	route_by eth0
}

# nft sees the packet again, and lets it go then.
fwd() { # CONDITION COMMAND…
	local condition=$1
	shift
	in_container "$@" nft -f - <<-END
		table netdev around {
			chain out {
				type filter hook egress device eth0 priority 0;
				meta mark 0x77 accept
				ip daddr $HOST $condition meta mark set 0x77 fwd to "eth0"
			}
		}
	END
}

fwd_on() { # [COMMAND…]
	fwd "" "$@"
}

fwd_off() {
	must in_container nft delete table netdev around
}

# Into the other end of eth0, from a veth inside the container.
peer_on() { # [COMMAND…]
	route_by other
	in_container "$@" tc qdisc add dev otherpeer clsact &&
		program "peer:$(ip -n container -j link show dev eth0 | jq '.[0].ifindex')" &&
		in_container "$@" tc filter add dev otherpeer ingress bpf da object-pinned /sys/fs/bpf/way &&
		must rm /sys/fs/bpf/way
}

peer_off() {
	must in_container tc qdisc del dev otherpeer clsact
	route_by eth0
}

# A queue that the other end does not have, which a classifier of a root qdisc can choose: veth then leaves out NAPI, and
# native XDP with it.
queue_on() { # [COMMAND…]
	in_container "$@" tc qdisc add dev eth0 root handle 1: htb default 1 &&
		in_container "$@" tc class add dev eth0 parent 1: classid 1:1 htb rate 1gbit &&
		program queue &&
		in_container "$@" tc filter add dev eth0 parent 1: bpf object-pinned /sys/fs/bpf/way &&
		must rm /sys/fs/bpf/way
}

queue_off() {
	must in_container tc qdisc del dev eth0 root
}

# Only the GSO packet goes through the ifb: its segments, which are shorter, leave with the ifb's mark.
to_ifb() { # DEVICE COMMAND…
	local device=$1
	shift
	in_container "$@" tc qdisc add dev "$device" clsact &&
		in_container "$@" tc filter add dev "$device" egress protocol ip u32 match u8 17 0xff at 9 \
			match u16 0x0200 0x0200 at 2 action mirred egress redirect dev ifb7
}

ifb_on() { # [COMMAND…]
	to_ifb eth0 "$@"
}

ifb_off() {
	must in_container tc qdisc del dev eth0 clsact
}

# What has the ifb's mark nft skips on the device that it came from: so that is a macvlan, and nft sees it on eth0 behind
# it.
ifb_and_fwd_on() { # [COMMAND…]
	route_by above
	to_ifb above "$@" && fwd "udp length < 512" "$@"
}

ifb_and_fwd_off() {
	fwd_off
	must in_container tc qdisc del dev above clsact
	route_by eth0
}

ifb_and_queue_on() { # [COMMAND…]
	route_by above
	to_ifb above "$@" && queue_on "$@"
}

ifb_and_queue_off() {
	queue_off
	must in_container tc qdisc del dev above clsact
	route_by eth0
}
