#!/bin/bash
# `established`: with each hook, what a container opens and what is opened to it works, with the ICMP errors about it;
# what belongs to no connection passes in neither direction. The table outlives a change of the policy and of the hook.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 curl jq ping
new_rooms
new_netns outside

must ip -n host link add ext0 mtu 1400 type veth peer name eth0 mtu 1400 netns outside
must ip -n host addr add 198.18.9.1/24 dev ext0
must ip -n host addr add 2001:db8:9::1/64 dev ext0 nodad
must ip -n outside addr add 198.18.9.2/24 dev eth0
must ip -n outside addr add 2001:db8:9::2/64 dev eth0 nodad
must ip -n host link set ext0 up
must ip -n outside link set eth0 up
must in_host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
for room in container:198.18.0.1:2001:db8::1 outside:198.18.9.1:2001:db8:9::1; do
	IFS=: read -r name gateway rest <<<"$room"
	must ip -n "$name" route add default via "$gateway"
	must ip -n "$name" -6 route add default via "$rest"
done
must wait_until 5 inside container ping -qc1 -W0.2 198.18.9.2
must wait_until 5 inside container ping -qc1 -W0.2 2001:db8:9::2

serve outside 443
serve outside 80
serve container 80
serve container 99

# Sends each datagram back.
for room in outside host; do
	spawn "$room" /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 53))
while True:
    data, peer = s.recvfrom(2000)
    s.sendto(data, peer)'
done

asks() { # ADDRESS: is a datagram from the container to its port 53 answered?
	in_container /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.5)
s.sendto(b"?", (sys.argv[1], 53))
sys.exit(s.recv(100) != b"?")' "$1" 2>/dev/null
}
must wait_until 5 asks 198.18.9.2
must wait_until 5 asks 198.18.0.1

cat >"$WORK/client.policy" <<'POLICY'
default deny
allow to tcp dport 80
allow from tcp dport 443-444
allow from udp dport 53 peer { 198.18.9.2, 2001:db8:9::2 }
allow from icmp type echo-request
allow from icmpv6 type echo-request
allow to established
allow from established
deny to icmp type destination-unreachable
deny to icmpv6 type packet-too-big
POLICY

MACS=("$(ip -n host -j link show dev veth0 | jq -r '.[0].address')"
	"$(ip -n container -j link show dev eth0 | jq -r '.[0].address')")
ADDRESSES=(198.18.9.2 198.18.0.2 2001:db8:9::2 2001:db8::2)

stray_to() {
	in_host "$(dirname "$0")/stray_frames.py" veth0 "${MACS[@]}" "${ADDRESSES[@]}"
}

stray_from() {
	in_container "$(dirname "$0")/stray_frames.py" eth0 "${MACS[1]}" "${MACS[0]}" \
		"${ADDRESSES[1]}" "${ADDRESSES[0]}" "${ADDRESSES[3]}" "${ADDRESSES[2]}"
}

dropped() { # from|to
	in_host "$POLICYCTL" stats veth0 --json |
		jq "[.[0].counters[] | select(.verdict == \"deny\") | .$1.packets] | add"
}

# The path MTU that the container's kernel knows.
learns_mtu() { # ADDRESS
	in_container ip route flush cache
	in_container ip -6 route flush cache
	in_container ping -qc1 -W1 -M "do" -s 1420 "$1" >/dev/null 2>&1
	in_container ip -j route get "$1" | jq -r '.[0].metrics[0].mtu // "none"'
}

works() {
	for outside in 198.18.9.2 "[2001:db8:9::2]"; do
		check_true "the container opens $outside:443" fetch container "$outside:443"
		check_false "  but no other port" fetch container "$outside:80" 0.3
	done
	for inside in 198.18.0.2 "[2001:db8::2]"; do
		check_true "its server at $inside:80 is reached" fetch outside "$inside:80"
		check_false "  but no other port" fetch outside "$inside:99" 0.3
	done
	check_true "its resolver answers" asks 198.18.9.2
	check_true "  by IPv6 too" asks 2001:db8:9::2
	check_false "  no other does" asks 198.18.0.1
	for outside in 198.18.9.2 2001:db8:9::2; do
		check_true "it pings $outside" pings container "$outside"
		check "  and learns its path MTU, although such errors are denied" 1400 "$(learns_mtu "$outside")"
	done
	check_false "nobody pings it" inside outside ping -qc1 -W0.2 198.18.0.2
	check_false "  by IPv6 neither" inside outside ping -qc1 -W0.2 2001:db8::2
	for direction in to from; do
		BEFORE=$(dropped "$direction")
		"stray_$direction"
		check "a SYN, an ACK, an RST, a datagram, an ICMP error out of nowhere are dropped: $direction" 10 \
			$(($(dropped "$direction") - BEFORE))
	done
}

for how in "mode generic" "mode native" "hook tc"; do
	say "$how"
	does attach veth0 --policy "$WORK/client.policy" "--${how% *}" "${how#* }"
	works
	[ "$how" = "hook tc" ] || does detach veth0
done

say "explain"
does explain veth0 to tcp 198.18.9.2:443
check_match "a packet out of nowhere is dropped" "not established: allow to any established" "$OUT"
does explain veth0 to tcp 198.18.9.2:443 established
check_match "one of a connection" "passes" "$OUT"
check_match "  by its rule" "allow to any established" "$OUT"
check_match "  programs and evaluator agree" "agrees" "$OUT"
does explain veth0 from tcp 198.18.9.2:443
check_match "what begins one has an answer that passes" "passes, by rule.*allow to any established" \
	"$(sed -n '/^answer/,$p' <<<"$OUT" | one_line)"

say "the table stays"
spawn outside /usr/bin/python3 -c '
import socket
s = socket.create_server(("198.18.9.2", 444))
peer, _ = s.accept()
while data := peer.recv(100):
    peer.sendall(data)'
must wait_until 5 listens outside 444
pins() { in_host ls "$PINS"/net-*/"$(ip -n host -j link show dev veth0 | jq '.[0].ifindex')"; }
coproc TALK { in_container /usr/bin/python3 -c '
import socket, sys
s = socket.create_connection(("198.18.9.2", 444), 5)
for line in sys.stdin:
    s.sendall(line.encode())
    print(s.recv(100).decode(), end="", flush=True)'; }
TALKER=$TALK_PID
talks() {
	LINE=
	echo "$1" >&"${TALK[1]}"
	read -r -t 5 LINE <&"${TALK[0]}"
	check "$1" "$1" "$LINE"
}
talks "a connection begins"
sed 's/^allow from tcp dport 443-444/deny from tcp dport 25\n&/' "$WORK/client.policy" >"$WORK/more.policy"
does apply veth0 --policy "$WORK/more.policy"
talks "it goes on under another policy"
does apply veth0 --hook xdp
talks "it goes on with another hook"
check_match "its table is pinned beside the policy" connections "$(pins | one_line)"
kill "$TALKER"
wait "$TALKER" 2>/dev/null
printf 'deny tcp dport 99\n' >"$WORK/none.policy"
does apply veth0 --policy "$WORK/none.policy"
check_no_match "a policy without the word has no table" connections "$(pins | one_line)"
does detach veth0
