#!/bin/bash
# `mirror`: copies of what passes and of what is denied, by each hook, into another network namespace, a tap and a bridge.
# The packets themselves are not disturbed, whatever becomes of the copies; a target that goes away is missed, and found
# again. Copies do not come back to where they are from.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 tcpdump ethtool
HERE=$(dirname "$0")
MAC=02:00:00:00:00:99
HOOKS=("--mode generic" "--mode native" "--hook tc")
# With a MAC and without: each of the ways to make a copy, by each of the programs.
CASES=("--mode generic|" "--mode generic| mac $MAC" "--mode native|" "--hook tc| mac $MAC")

new_rooms
new_netns watcher
# Nobody speaks there unasked, so that each packet is one of the test.
for name in host container watcher; do
	must inside $name sysctl -qw net.ipv6.conf.{all,default}.disable_ipv6=1
done
mac_of() { # NETNS IFACE
	ip -n "$1" -j link show dev "$2" | jq -r '.[0].address'
}
must ip -n host neigh replace 198.18.0.2 lladdr "$(mac_of container eth0)" dev veth0 nud permanent
must ip -n container neigh replace 198.18.0.1 lladdr "$(mac_of host veth0)" dev eth0 nud permanent

# A veth whose other end is eth0 of `watcher`.
new_target() { # IFACE
	must ip -n host link add "$1" type veth peer name eth0 netns watcher
	must ip -n host link set "$1" up
	must ip -n watcher link set eth0 up promisc on
	must wait_until 5 carries "$1"
}
new_target ids0

policy() { # IFACE ARGUMENTS... <POLICY: attaches or applies
	local command=apply iface=$1
	in_host "$POLICYCTL" list --json | jq -e ".[] | select(.interface == \"$iface\")" >/dev/null || command=attach
	does $command "$iface" --policy /dev/stdin "${@:2}"
}

# --- what is copied -------------------------------------------------------------------------------------

# Captures what an interface of NETNS sends and receives.
watch() { # NETNS IFACE NAME
	spawn "$1" tcpdump -i "$2" -nUs0 --immediate-mode -w "$WORK/$3.pcap" 2>"$WORK/$3.tcpdump"
	WATCHER=$!
	must wait_until 10 grep -q "listening on" "$WORK/$3.tcpdump"
}

seen() { # NAME [FILTER...]: how many
	tcpdump -r "$WORK/$1.pcap" -n "${@:2}" 2>/dev/null | wc -l
}

saw() { # COUNT NAME [FILTER...]
	[ "$(seen "${@:2}")" -ge "$1" ]
}

# All bytes of each packet, without its addresses; with `whole`, with them.
bytes_of() { # NAME [whole]
	tcpdump -r "$WORK/$1.pcap" -tnxx icmp 2>/dev/null | grep 0x00 |
		if [ -n "${2:-}" ]; then cat; else sed '/0x0000/s/: .*\( 0800 45\)/:\1/'; fi
}

copies() { # copied|failed [IFACE]
	in_host "$POLICYCTL" stats "${2:-veth0}" --json | jq "[.[0].mirrors[] | .from, .to | .$1.packets] | add"
}

for each in "${CASES[@]}"; do
	how=${each%|*} mac=${each#*|}
	# shellcheck disable=SC2086 # words
	policy veth0 $how <<<"default allow mirror ids0$mac"
	remember
	watch watcher eth0 copies
	copies=$WATCHER
	watch host veth0 originals
	check "$how$mac: a ping loses nothing" "5 received" \
		"$(in_container ping -c5 -i0.01 -W2 198.18.0.1 | grep -o '[0-9]* received')"
	must wait_until 5 saw 10 copies icmp
	must wait_until 5 saw 10 originals icmp
	stop $copies
	stop "$WATCHER"
	check "$how$mac: each request is copied once" 5 "$(seen copies "icmp[0] == 8")"
	check "$how$mac: and each reply" 5 "$(seen copies "icmp[0] == 0")"
	check_same "$how$mac: the copies are the same bytes" "$(bytes_of originals)" "$(bytes_of copies)"
	if [ -n "$mac" ]; then
		check "$how: the copies have the MAC" "$(seen copies)" "$(seen copies ether dst $MAC)"
		check "$how: the packets themselves have not" 0 "$(seen originals ether dst $MAC)"
	else
		check_same "$how: with their MAC addresses" "$(bytes_of originals whole)" "$(bytes_of copies whole)"
	fi
	check "$how$mac: no copy has failed" 0 "$(copies failed)"
	does detach veth0
done

# Behind somebody else's XDP in generic mode, which takes frames in pieces, frames reach clsact without their Ethernet
# header (skb_is_bare()).
must "$CLI_PROBE" program xdp-frags /sys/fs/bpf/handed
must in_host ip link set dev veth0 xdpgeneric pinned /sys/fs/bpf/handed
must rm /sys/fs/bpf/handed
for mac in "" " mac $MAC"; do
	policy veth0 --hook tc <<<"default allow mirror ids0$mac"
	watch watcher eth0 copies
	copies=$WATCHER
	watch host veth0 originals
	check "behind another XDP$mac: a ping loses nothing" "5 received" \
		"$(in_container ping -c5 -i0.01 -W2 198.18.0.1 | grep -o '[0-9]* received')"
	must wait_until 5 saw 10 copies icmp
	must wait_until 5 saw 10 originals icmp
	stop $copies
	stop "$WATCHER"
	check_same "behind another XDP$mac: the copies are the same bytes" "$(bytes_of originals)" "$(bytes_of copies)"
	does detach veth0
done
must in_host ip link set dev veth0 xdpgeneric off

# --- what is denied, and frames of other kinds ----------------------------------------------------------

arrivals() { # SENDER FRAMES...: those whose copies arrive
	/usr/bin/python3 "$HERE/arrivals.py" "$1" watcher "${@:2}" 2>&1
}

FRAMES=(tcp=80 tcp=81 tcp6=80 "vlan=10 tcp=80" "vlan=10 vlan=11 tcp=80" ethertype=0x88cc fragment=7 later=7 later=8
	"place=60 tcp=80")
ALL=$(printf '%s\n' "${FRAMES[@]}")

for each in "${CASES[@]}"; do
	how=${each%|*} mac=${each#*|}
	# shellcheck disable=SC2086 # words
	policy veth0 $how <<<"deny any mirror ids0$mac
deny arp mirror ids0$mac
default deny mirror ids0$mac"
	remember
	check_same "$how$mac: what the container sends and is denied is copied" "$ALL" "$(arrivals container "${FRAMES[@]}")"
	check "$how$mac: each is counted as dropped once, and as copied" "$((${#FRAMES[@]} + 1)) 0 $((${#FRAMES[@]} + 1))" \
		"$(in_host "$POLICYCTL" stats veth0 --json |
			jq -r '.[0] | "\(.from.dropped.packets) \(.from.passed.packets) \(.mirrors[0].from.copied.packets)"')"
	does detach veth0
done

# A tag is in the metadata of a packet where the interface takes it off.
tags() { # NAME: of the frames that have one
	tcpdump -r "$WORK/$1.pcap" -en vlan 2>/dev/null | grep -oE 'vlan [0-9]+' | one_line
}
policy veth0 --hook tc <<<"default deny mirror ids0"
for offload in on off; do
	must in_host ethtool -K veth0 rx-vlan-offload $offload tx-vlan-offload $offload
	must in_host ethtool -K ids0 tx-vlan-offload $offload
	watch watcher eth0 tags
	arrivals container "vlan=10 tcp=80" "vlan=11 vlan=12 tcp=80" >"$WORK/arrived"
	must wait_until 5 saw 2 tags vlan
	stop "$WATCHER"
	check "VLAN offloads $offload: copies have their tags" "vlan 10 vlan 11 vlan 12" "$(tags tags)"
done
does detach veth0

for how in "${HOOKS[@]}"; do
	# shellcheck disable=SC2086 # words
	policy veth0 $how <<<"reject tcp dport 81 mirror ids0
deny to udp mirror ids0"
	watch watcher eth0 copies
	check "$how: what is rejected is answered at once, and copied" "7 refused" \
		"$(in_container curl -s --max-time 5 http://198.18.0.1:81/; echo "$? refused")"
	in_host /usr/bin/python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"denied", ("198.18.0.2", 9))'
	must wait_until 5 saw 1 copies udp
	stop "$WATCHER"
	check "$how: a SYN and a datagram are copied, once, and no answer" "1 1 2" \
		"$(seen copies "tcp[tcpflags] == tcp-syn and dst port 81") $(seen copies udp and dst port 9) $(copies copied)"
	does detach veth0
done

# --- streams --------------------------------------------------------------------------------------------

SIZE=20000000
head -c $SIZE /dev/urandom >"$WORK/sent"

# Sends a file through a TCP connection, and prints what became of it.
stream() { # FROM TO ADDRESS
	spawn "$2" /usr/bin/python3 -c 'import socket, sys
with socket.create_server(("0.0.0.0", 5001)) as s, open(sys.argv[1], "wb") as out:
    connection = s.accept()[0]
    while data := connection.recv(1 << 20):
        out.write(data)' "$WORK/received"
	local receiver=$!
	must wait_until 10 listens "$2" 5001
	inside "$1" /usr/bin/python3 -c 'import socket, sys
with socket.create_connection((sys.argv[2], 5001)) as s, open(sys.argv[1], "rb") as data:
    s.sendfile(data)' "$WORK/sent" "$3" || echo "not sent"
	wait $receiver
	cmp "$WORK/sent" "$WORK/received" && echo whole
}

received() { # by the watcher: bytes
	ip -n watcher -s -j link show dev eth0 | jq '.[0].stats64.rx.bytes'
}

copied_bytes() {
	in_host "$POLICYCTL" stats veth0 --json | jq '[.[0].mirrors[] | .from, .to | .copied.bytes] | add'
}

for each in "${CASES[@]}"; do
	how=${each%|*} mac=${each#*|}
	before=$(received)
	# shellcheck disable=SC2086 # words
	policy veth0 $how <<<"default allow mirror ids0$mac"
	check "$how$mac: a stream from the container arrives" whole "$(stream container host 198.18.0.1)"
	check "$how$mac: a stream to the container arrives" whole "$(stream host container 198.18.0.2)"
	check "$how$mac: the watcher gets the bytes that were copied" "$(copied_bytes)" "$(($(received) - before))"
	check_true "$how$mac: nearly all were: $(copied_bytes)" test "$(copied_bytes)" -gt $((SIZE * 19 / 10))
	does detach veth0
done
# --- what a container can make of it: SECURITY.md ---------------------------------------------------------

# The end that watches has an address. The container gives a denied packet this address and its MAC.
must ip -n watcher addr add 198.18.9.3/24 dev eth0
watcher_mac=$(mac_of watcher eth0)
must ip -n container route add 198.18.9.0/24 via 198.18.0.1
must ip -n container route add 198.18.9.3/32 dev eth0
must ip -n container neigh replace 198.18.9.3 lladdr "$watcher_mac" dev eth0 nud permanent

reaches() { # POLICY: does a datagram reach a socket of the watcher?
	does attach veth0 --policy /dev/stdin <<<"$1" >/dev/null
	spawn watcher /usr/bin/python3 -c 'import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.bind(("0.0.0.0", 9))
    s.settimeout(1)
    try:
        print(s.recv(100).decode())
    except TimeoutError:
        print("nothing")' >"$WORK/reached"
	local reader=$!
	must wait_until 10 bash -c "[ -n \"\$(ip netns exec watcher ss -Hlun 'sport = 9')\" ]"
	in_container /usr/bin/python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"it", ("198.18.9.3", 9))'
	wait $reader
	does detach veth0 >/dev/null
	cat "$WORK/reached"
}
check "a denied packet reaches a watcher that has an address" it "$(reaches "deny from udp mirror ids0")"
check "not one with a MAC that is not its own" nothing "$(reaches "deny from udp mirror ids0 mac $MAC")"
must ip -n watcher addr flush dev eth0
check "nor one without an address" nothing "$(reaches "deny from udp mirror ids0")"
finish
