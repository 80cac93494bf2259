#!/bin/bash
# The policy that people want: a container opens tcp 443, asks one resolver, and gets the answers; `established` lets
# them through. By the daemon, to neighbours, to the host and through published ports, of both families, with the hook
# that the daemon chose. What belongs to no connection does not pass, in neither direction.
. "$(dirname "$0")/lib.sh"
need /usr/bin/python3 curl ss
docker_sandbox "$@"
docker_up --userland-proxy=true
network6 side 64
new_netns outside
new_veth outside0 outside 9
must ip -n outside route add default via 198.18.9.1
must ip -n outside -6 route add default via 2001:db8:9::1
ROOMS=/run/rooms
mkdir "$ROOMS"

cat >"$POLICIES/client.policy" <<'POLICY'
default deny
allow from tcp dport 443
allow from udp dport 53 peer { 198.18.64.1, 2001:db8:64::1 }
allow to established
allow from established
POLICY
cat >"$POLICIES/server.policy" <<'POLICY'
default deny
allow to tcp dport 443
allow to established
allow from established
POLICY

container() { # NAME NUMBER [DOCKER-OPTION...]: for inside it is ../rooms/NAME
	must d run -d --name "$1" --net side --ip "198.18.64.$2" --ip6 "2001:db8:64::$2" "${@:3}" image \
		/bin/busybox sleep 1000
	ln -sfn "/proc/$(pid_of "$1")/ns/net" "$ROOMS/$1"
}
daemon_start
container client 10 --label policyctl.policy=client -p 8080:80
container admin 11 --label policyctl.policy=client --cap-add NET_ADMIN -p 8081:80
container server 12 --label policyctl.policy=server -p 8443:443 -p 8099:99
container neighbour 13 # without a policy
for name in client admin server; do
	check_true "$name: its policy is in force" wait_until 10 in_force $name
done
must wait_until 10 settled client
for name in client admin neighbour; do serve "../rooms/$name" 80; done
for name in server neighbour; do serve "../rooms/$name" 443; done
serve ../rooms/server 99
serve outside 443
serve outside 80

# Sends each datagram back.
for room in host outside; do
	spawn $room /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 53))
while True:
    data, peer = s.recvfrom(2000)
    s.sendto(data, peer)'
done
asks() { # NAME ADDRESS: is a datagram of the container to its port 53 answered?
	inside "../rooms/$1" /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.3)
s.sendto(b"?", (sys.argv[1], 53))
sys.exit(s.recv(100) != b"?")' "$2" 2>/dev/null
}
must wait_until 10 asks neighbour 198.18.64.1
must wait_until 10 asks neighbour 198.18.9.2
gets() { # NETNS ADDRESS:PORT
	fetch "$1" "$2"
}
gets_not() {
	! fetch "$1" "$2" 0.3
}

say "a published port, and the server behind it"
check_true "from outside" gets outside 198.18.9.1:8443
check_true "  IPv6, by docker's proxy" gets outside "[2001:db8:9::1]:8443"
check_true "from the host" gets host 198.18.64.1:8443
check_true "from a neighbour, to the address of the host" gets ../rooms/neighbour 198.18.9.1:8443
check_true "its other published port is closed" gets_not outside 198.18.9.1:8099
check_true "and it opens nothing itself" gets_not ../rooms/server 198.18.9.2:443

dropped() { # NAME from|to
	in_host "$POLICYCTL" stats "$(veths_of "$1")" --json |
		jq "[.[0].counters[] | select(.verdict == \"deny\") | .$2.packets] | add"
}
mac_in() { inside "../rooms/$1" ip -j link show dev eth0 | jq -r '.[0].address'; }
# Five packets of each family that belong to no connection: a SYN, an ACK, an RST, a datagram, an ICMP error about one.
strays() { # FROM TO: names, and the last bytes of their addresses
	inside "../rooms/${1%:*}" "$TESTS/cli/stray_frames.py" eth0 "$(mac_in "${1%:*}")" "$(mac_in "${2%:*}")" \
		"198.18.64.${1#*:}" "198.18.64.${2#*:}" "2001:db8:64::${1#*:}" "2001:db8:64::${2#*:}"
}

for client in client:10 admin:11; do
	number=${client#*:} name=${client%:*}
	room=../rooms/$name
	say "$name, judged by $(listed "$name" '.hook + " " + (.xdp.mode // "")' | tr -d '"')"
	for address in 198.18.64.12 "[2001:db8:64::12]" 198.18.64.13 "[2001:db8:64::13]" 198.18.9.2 198.18.9.1:8443; do
		case $address in
		*:8443) check_true "a published port of another container is not 443" gets_not "$room" "$address" ;;
		*) check_true "it opens $address:443" gets "$room" "$address:443" ;;
		esac
	done
	check_true "  but no other port" gets_not "$room" 198.18.64.13:80
	check_true "  of IPv6 neither" gets_not "$room" "[2001:db8:64::13]:80"
	check_true "its resolver answers" asks "$name" 198.18.64.1
	check_true "  by IPv6" asks "$name" 2001:db8:64::1
	check_false "another does not" asks "$name" 198.18.9.2
	check_true "its published port is closed" gets_not outside "198.18.9.1:80$((number + 70))"
	check_true "  for a neighbour" gets_not ../rooms/neighbour "198.18.64.$number:80"
	check_true "  by IPv6" gets_not ../rooms/neighbour "[2001:db8:64::$number]:80"
	before=$(dropped "$name" to)
	received="$(received_by "$name" tcp) $(received_by "$name" udp) $(received_by "$name" icmp)"
	strays neighbour:13 "$client"
	check "SYN, ACK, RST, datagram and ICMP error out of nowhere are dropped: to it" 10 \
		$(($(dropped "$name" to) - before))
	check "  its kernel sees none" "$received" \
		"$(received_by "$name" tcp) $(received_by "$name" udp) $(received_by "$name" icmp)"
	before=$(dropped "$name" from)
	received="$(received_by neighbour tcp) $(received_by neighbour udp) $(received_by neighbour icmp)"
	strays "$client" neighbour:13
	check "  from it" 10 $(($(dropped "$name" from) - before))
	check "  the neighbour's kernel sees none" "$received" \
		"$(received_by neighbour tcp) $(received_by neighbour udp) $(received_by neighbour icmp)"
done
check "nothing went wrong" "" "$(log '.level == "error"')"
finish
