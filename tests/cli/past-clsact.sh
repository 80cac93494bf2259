#!/bin/bash
# What the container's root with CAP_NET_ADMIN gets past, by the hook that judges what it sends. An ifb marks its packets
# so that clsact does not see them (skb->tc_skip_classify), and nft's fwd marks them so that generic XDP does not. So
# `--hook tc` is for containers without CAP_NET_ADMIN; of generic XDP both marks together are a known limit; native XDP
# sees everything. Without CAP_NET_ADMIN none of it can be set up. tests/cli/redirected.sh has what no hook lets through.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 nft ethtool setpriv
new_rooms
HOST=198.18.9.1
must ip -n host addr add "$HOST/32" dev veth0
MAC=$(ip -n host -j link show dev veth0 | jq -r '.[0].address')
ip -n container link add ifb7 type ifb 2>/dev/null || skip "this kernel has no ifb"
must ip -n container link set ifb7 up
must in_container ethtool -K ifb7 tx-udp-segmentation off

ip -n container link add link eth0 name above type macvlan mode bridge 2>/dev/null || skip "this kernel has no macvlan"
must ip -n container link set above up

arrived() { # PORT: how many of 5 × 3 datagrams sent to HOST arrive; one to the port 9, which nothing denies, ends them
	/usr/bin/python3 - "$1" "$HOST" <<'END'
import ctypes, os, socket, sys
port, host = int(sys.argv[1]), sys.argv[2]
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
sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 200)
for _ in range(5):
    sender.sendto(b"x" * 600, (host, port)) # one GSO packet of three datagrams
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

# Each as a command, so that it can be tried without CAP_NET_ADMIN as well. Only the GSO packet goes through the ifb: its
# segments, which are shorter, leave with the mark. ifb makes nft skip them on the device that they came from, so for both
# marks that is a macvlan, and nft sees them on eth0 behind it.
to_ifb() { # DEVICE COMMAND…
	local device=$1
	shift
	in_container "$@" tc qdisc add dev "$device" clsact &&
		in_container "$@" tc filter add dev "$device" egress protocol ip u32 match u8 17 0xff at 9 \
			match u16 0x0200 0x0200 at 2 action mirred egress redirect dev ifb7
}

fwd() { # LENGTH COMMAND…: datagrams of this length
	local length=$1
	shift
	in_container "$@" nft -f - <<-END
		table netdev around {
			chain out {
				type filter hook egress device eth0 priority 0;
				meta mark 0x77 accept
				ip daddr $HOST udp length $length meta mark set 0x77 fwd to "eth0"
			}
		}
	END
}

route_by() { # DEVICE
	must ip -n container neigh replace "$HOST" lladdr "$MAC" dev "$1"
	must ip -n container route replace "$HOST/32" dev "$1" src 198.18.0.2
}

ifb_on() {
	to_ifb eth0 "$@"
}

ifb_off() {
	must in_container tc qdisc del dev eth0 clsact
}

fwd_on() {
	fwd "> 512" "$@"
}

fwd_off() {
	must in_container nft delete table netdev around
}

ifb_and_fwd_on() {
	route_by above
	to_ifb above "$@" && fwd "< 512" "$@"
}

ifb_and_fwd_off() {
	fwd_off
	must in_container tc qdisc del dev above clsact
	route_by eth0
}

# A queue that the other end does not have, which a classifier of a root qdisc can choose: veth then leaves out NAPI, and
# native XDP with it.
queue() { # COMMAND…
	in_container "$@" tc qdisc add dev eth0 root handle 1: htb default 1 &&
		in_container "$@" tc class add dev eth0 parent 1: classid 1:1 htb rate 1gbit &&
		must "$CLI_PROBE" program queue /sys/fs/bpf/way &&
		in_container "$@" tc filter add dev eth0 parent 1: bpf object-pinned /sys/fs/bpf/way &&
		must rm /sys/fs/bpf/way
}

ifb_and_queue_on() {
	route_by above
	to_ifb above "$@" && queue "$@"
}

ifb_and_queue_off() {
	must in_container tc qdisc del dev eth0 root
	must in_container tc qdisc del dev above clsact
	route_by eth0
}

route_by eth0
without_the_capability() {
	"$1" setpriv --bounding-set -net_admin --inh-caps -net_admin 2>"$WORK/error"
}

# way                  datagrams of 15 that are denied and arrive
while read -r way tc generic native; do
	say "${way//_/ } in the container"
	without_the_capability "${way}_on"
	check "without CAP_NET_ADMIN it cannot be set up" "not permitted" \
		"$(grep -oE -m 1 'not permitted' "$WORK/error")"
	must "${way}_on"
	check "without a policy all arrive" 15 "$(arrived 5353)"
	for by in "--hook=tc $tc" "--mode=generic $generic" "--mode=native $native"; do
		does attach veth0 --deny from:udp/5353 "${by% *}"
		remember
		check "$way, ${by% *}: denied and arrived" "${by#* }" "$(arrived 5353)"
		does detach veth0
	done
	"${way}_off"
done <<'END'
ifb          15  0  0
fwd           0  0  0
ifb_and_fwd  15 15  0
ifb_and_queue 15  0 15
END
finish
