# shellcheck shell=bash
# Shared by the scripts about DNS names: a container and its neighbour on a bridge of the host, and outside resolvers
# (dnsmasq, unbound) and what their names stand for: each address of 198.18.9.0/24, 198.19.0.0/16 and 2001:db8:a::/64
# there has TCP port 443.

BEHIND=198.18.9.2 # the resolver

dns_rooms() {
	local room number
	new_netns host container neighbour outside
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
	must wait_until 5 inside container ping -qc1 -W0.2 $BEHIND
	must wait_until 5 inside container ping -qc1 -W0.2 2001:db8:9::13
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

# dnsmasq at ADDRESS with these options. $RESOLVERS_IN: another room than outside.
dns_resolver() { # ADDRESS OPTION...
	spawn "${RESOLVERS_IN:-outside}" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
		--bind-interfaces --listen-address="$1" --except-interface=lo --cache-size=10000 --local-ttl="${TTL:-300}" \
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

# Can the container connect to NAME-OR-ADDRESS port 443, with its first packet?
reaches() { # NAME-OR-ADDRESS
	in_container /usr/bin/python3 -c '
import socket, sys
for f, t, p, _, a in socket.getaddrinfo(sys.argv[1], 443, type=socket.SOCK_STREAM)[:1]:
    s = socket.socket(f, t, p)
    s.settimeout(0.9)  # the second SYN comes after one second
    s.connect(a)
    sys.exit(not s.recv(100).endswith(b"ok"))' "$1" 2>/dev/null
}

# Has the set an address? show says so.
member() { # ADDRESS
	in_host "$POLICYCTL" show veth2 | grep -qw -- "$1"
}
