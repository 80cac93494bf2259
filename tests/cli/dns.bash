# shellcheck shell=bash
# Shared by the scripts about DNS names: a container and its neighbour on a bridge of the host, and outside resolvers
# (dnsmasq, unbound) and what their names stand for: each address of 198.18.9.0/24, 198.19.0.0/16 and 2001:db8:a::/64
# there has TCP port 443.

BEHIND=198.18.9.2 # the resolver

dns_rooms() {
	local room number
	new_netns host container neighbour
	must ip -n host link add br0 type bridge
	must ip -n host addr add 198.18.0.1/24 dev br0
	must ip -n host addr add 2001:db8::1/64 dev br0 nodad
	must ip -n host link set br0 up
	for room in container:2 neighbour:3; do
		number=${room#*:}
		room=${room%:*}
		must ip -n host link add "veth$number" type veth peer name eth0 netns "$room"
		must ip -n host link set "veth$number" master br0 up
		must ip -n "$room" addr add "198.18.0.$number/24" dev eth0
		must ip -n "$room" addr add "2001:db8::$number/64" dev eth0 nodad
		must ip -n "$room" link set eth0 up
		must ip -n "$room" route add default via 198.18.0.1
		must ip -n "$room" -6 route add default via 2001:db8::1
	done
	dns_outside
	must wait_until 5 inside container ping -qc1 -W0.2 $BEHIND
	must wait_until 5 inside container ping -qc1 -W0.2 2001:db8:9::13
}

# The room outside, behind ext0 of the host.
dns_outside() {
	local number
	new_netns outside
	must ip -n host link add ext0 type veth peer name eth0 netns outside
	must ip -n host addr add 198.18.9.1/24 dev ext0
	must ip -n host addr add 2001:db8:9::1/64 dev ext0 nodad
	must ip -n outside addr add $BEHIND/24 dev eth0
	must ip -n outside addr add 2001:db8:9::2/64 dev eth0 nodad
	must ip -n host link set ext0 up
	must ip -n outside link set eth0 up
	must ip -n outside route add default via 198.18.9.1
	must ip -n outside -6 route add default via 2001:db8:9::1
	must in_host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	# Every address is here.
	must ip -n outside route add local 198.19.0.0/16 dev lo
	must ip -n host route add 198.19.0.0/16 via $BEHIND
	must ip -n outside -6 route add local 2001:db8:a::/64 dev lo
	must ip -n host -6 route add 2001:db8:a::/64 via 2001:db8:9::2
	for number in 3 5 $(seq 10 99); do
		must ip -n outside addr add "198.18.9.$number/32" dev lo
		must ip -n host route add "198.18.9.$number" via $BEHIND
	done
	for number in 13 14; do
		must ip -n outside addr add 2001:db8:9::$number/128 dev lo
		must ip -n host -6 route add 2001:db8:9::$number via 2001:db8:9::2
	done
}

# A server that says "ok".
dns_serve() {
	spawn outside /usr/bin/python3 -c '
import socket
s = socket.create_server(("::", 443), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)
while True:
    peer = s.accept()[0]
    peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
    peer.close()'
	must wait_until 5 listens outside 443
}

# dnsmasq at ADDRESS with these options. $RESOLVERS_IN: another room than outside. $CACHE: names that it remembers.
dns_resolver() { # ADDRESS OPTION...
	spawn "${RESOLVERS_IN:-outside}" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
		--bind-interfaces --listen-address="$1" --except-interface=lo --cache-size="${CACHE:-10000}" --local-ttl="${TTL:-300}" \
		--max-cache-ttl=3600 --dns-forward-max=1000 --log-facility=/dev/null "${@:2}"
}

# unbound at ADDRESS, which resolves the names of a zone file of everything, with whatever it has to say: 4,096 bytes by
# UDP. unbound_says changes it.
dns_unbound() { # ADDRESS FILE
	UNBOUND=$WORK/unbound-$1
	cat >"$UNBOUND" <<-END
		server:
		    interface: $1
		    access-control: 0.0.0.0/0 allow
		    do-daemonize: no
		    chroot: ""
		    username: ""
		    directory: "$WORK"
		    pidfile: ""
		    use-syslog: no
		    module-config: "iterator"
		    local-zone: "test." nodefault
		    edns-buffer-size: 4096
		    max-udp-size: 4096
		    rrset-roundrobin: no
		remote-control:
		    control-enable: yes
		    control-interface: $UNBOUND.socket
		auth-zone:
		    name: "."
		    zonefile: "$2"
		    for-downstream: no
		    fallback-enabled: no
	END
	spawn "${RESOLVERS_IN:-outside}" unbound -c "$UNBOUND" 2>"$UNBOUND.log"
	must wait_until 10 listens_udp "${RESOLVERS_IN:-outside}" "$1" 53
}

listens_udp() { # NETNS ADDRESS PORT
	inside "$1" ss -Hlun "src $2 sport = $3" | grep -q .
}

unbound_says() { # COMMAND...
	must unbound-control -c "$UNBOUND" "$@"
}

# What unbound is to say.
dns_zone() {
	cat <<-'END'
		$ORIGIN .
		$TTL 300
		@ SOA ns.test. root.test. 1 3600 600 86400 300
		@ NS ns.test.
		ns.test. A 198.18.9.5
		www.example.org. CNAME a.cdn2.test.
		a.cdn2.test. CNAME b.cdn2.test.
		b.cdn2.test. CNAME c.cdn2.test.
		c.cdn2.test. A 198.18.9.51
		*.star.example.org. A 198.18.9.52
		six.example.org. AAAA 2001:db8:9::14
		moved.example.org. A 198.18.9.53
		musl.example.org. A 198.18.9.55
		curl.example.org. A 198.18.9.56
		tcp.example.org. A 198.18.9.57
		other.example.org. A 198.18.9.58
		api.example.org. A 198.18.9.50
		api.example.org.evil.test. A 198.18.9.59
	END
	for i in $(seq 60); do
		[ "$i" -gt 40 ] || echo "many.example.org. A 198.19.50.$i"
		echo "large.example.org. AAAA 2001:db8:a::$i"
	done
}
# shellcheck disable=SC2034 # for policies
DNS_ZONE_NAMES="api.example.org, www.example.org, many.example.org, large.example.org, six.example.org,
	*.star.example.org, moved.example.org, musl.example.org, curl.example.org, tcp.example.org"

# A client with another libc than this machine's: $MUSL_CLIENT, or nothing.
dns_musl_client() {
	MUSL_CLIENT=
	! command -v musl-gcc >/dev/null || ! musl-gcc -static -o "$WORK/client" "$TESTS/cli/dns_client.c" ||
		MUSL_CLIENT=$WORK/client
}

# In the container, with the resolver of the container.
in_client() { in_container "$@"; }

# Can the container connect to NAME-OR-ADDRESS port 443, with its first packet?
reaches() { # NAME-OR-ADDRESS
	in_client /usr/bin/python3 -c '
import socket, sys
for f, t, p, _, a in socket.getaddrinfo(sys.argv[1], 443, type=socket.SOCK_STREAM)[:1]:
    s = socket.socket(f, t, p)
    s.settimeout(0.9)  # the second SYN comes after one second
    s.connect(a)
    sys.exit(not s.recv(100).endswith(b"ok"))' "$1" 2>/dev/null
}
not_reached() { ! reaches "$1"; }

# What dns_zone() has: the container reaches the names of the set, and no others.
dns_check_names() {
	check_false "not its address, before anybody has asked" reaches 198.18.9.50
	check_true "a name" reaches api.example.org
	check_true "its address then" reaches 198.18.9.50
	check_true "through three CNAMEs" reaches www.example.org
	check_true "40 addresses" reaches many.example.org
	check_true "the last of them" reaches 198.19.50.40
	check_true "a star" reaches a.b.star.example.org
	check_true "IPv6 alone" reaches six.example.org
	check "curl" ok "$(in_client curl -s -m 2 http://curl.example.org:443/)"
	[ -z "$MUSL_CLIENT" ] || check "a client with musl" ok "$(in_client "$MUSL_CLIENT" musl.example.org)"
	check "dig over TCP" 198.18.9.57 "$(in_client dig +tcp +short +tries=1 tcp.example.org)"
	check_true "what it was told" reaches 198.18.9.57
	check_false "its neighbour in the zone" reaches other.example.org
	check_false "a name that ends in another" reaches api.example.org.evil.test
	check_false "an address that no name has" reaches 198.18.9.62
}

# The second half of an answer is in a fragment, which could be made up.
dns_check_fragments() { # ADDRESS of unbound
	local large
	# 1,480 bytes of the datagram are in the first one: behind 8 of UDP, 12 of the header and 23 of the question that
	# is 51 records of 28 bytes, and a part of the next.
	mapfile -t large < <(in_client dig +notcp +ignore +bufsize=4096 +short +tries=1 "@$1" large.example.org aaaa)
	check "an answer in two fragments came, of 60 addresses" 60 ${#large[@]}
	check_true "the first is reached" reaches "${large[0]-}"
	check_true "the last that is whole in the first fragment" reaches "${large[50]-}"
	check_false "the one that is cut in two is not learnt" reaches "${large[51]-}"
	check_false "nor the last of the second fragment" reaches "${large[59]-}"
}

# An address that the name had an hour before: its time ends in some seconds. The kernel's clock decides.
dns_check_moved() {
	local live=("$POLICYCTL_BUILD/live_members" "$PINS"/net-*)
	check_true "a name has an address" reaches moved.example.org
	unbound_says local_data moved.example.org. 300 IN A 198.18.9.54
	must in_host "${live[@]}" learn "$(in_host "${live[@]}" list | awk '$2 == 1 { print $1 }')" 198.18.9.53 5
	check_true "it is reached as long as its time is not over" reaches 198.18.9.53
	check_true "then it is not any more" wait_until 20 not_reached 198.18.9.53
	check_true "but the name's new one is" reaches moved.example.org
	check_false "and the old one stays out" reaches 198.18.9.53
	unbound_says local_data_remove moved.example.org.
	unbound_says flush moved.example.org.
	check_true "until an answer has it again" reaches moved.example.org
	check_true "it is the same" reaches 198.18.9.53
}

# Has the set an address? show says so.
member() { # ADDRESS
	in_host "$POLICYCTL" show veth2 | grep -qw -- "$1"
}
