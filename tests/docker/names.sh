#!/bin/bash
# All kinds of DNS names in containers, on the default bridge and through docker's own resolver on a user-defined network:
# what is allowed is reached, and what is not is not, whatever is asked or made up. The resolvers are dnsmasq on the
# host, unbound on another machine, whom dnsmasq asks, and one in another container. (Where lookups travel: resolver.sh.)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../cli/dns.bash"
. "$(dirname "$0")/client.bash"
docker_sandbox "$@"
need dnsmasq unbound dig curl
RESOLVER=198.18.1.1 # the address of docker0
UNBOUND_AT=198.18.9.5
NOBODY=198.18.9.4 # a resolver that is named, and does not answer
docker_up --ipv6 --fixed-cidr-v6 2001:db8:1::/64
network6 front 64
dns_outside
must in_host sysctl -qw net.ipv6.conf.all.forwarding=1
dns_serve
dns_musl_client

dns_zone >"$WORK/zone"
dns_unbound $UNBOUND_AT "$WORK/zone"
dns_resolver 198.18.9.3 --host-record=api.example.org,198.18.9.22 # nobody names it
CACHE=0 RESOLVERS_IN=host dns_resolver $RESOLVER --server=$UNBOUND_AT
must wait_until 5 listens_udp host $RESOLVER 53

cat >"$POLICIES/names.policy" <<END
resolver { $RESOLVER, $UNBOUND_AT, $NOBODY }
set api dns { $DNS_ZONE_NAMES }
allow from udp dport 53
allow from tcp dport 53
allow from tcp dport 443 peer @api
allow to established
default from reject
default to deny
END

client() { # NAME POLICY [DOCKER-OPTION...]
	must d run -d --name "$1" --label policyctl.policy="$2" "${@:3}" image /bin/busybox sleep 1000
	must wait_until 10 in_force "$1"
	be_client "$1"
}
# With the sets that it was the last one to name: the next command frees them.
gone() { # NAME...
	must d rm --force "$@"
	must wait_until 10 no_sets
}
no_sets() {
	policyctl list
	[ -z "$(find "$PINS" -name live)" ]
}
# It asks $NOBODY with one id; who is in network namespace PID-OR-NAME answers, with another one or the same.
forge() { # in_docker|inside WHO IFACE MAC TO ADDRESS [ID]
	local port=$((4000 + RANDOM % 1000))
	in_client "$TESTS/cli/dns_ask.py" "$NOBODY" "$port" 77 api.example.org ask
	"$1" "$2" "$TESTS/cli/dns_forge.py" "$3" "$4" "$NOBODY" "$5" "$port" "${7:-77}" api.example.org "$6"
	reaches "$6"
}
mac_in() { # eth0 of a container
	in_docker "$1" ip -j link show dev eth0 | jq -r '.[0].address'
}

daemon_start
for where in bridge front; do
	for server in $RESOLVER $UNBOUND_AT; do
		say "network $where, by $server"
		[ "$server" = $RESOLVER ] || gone "on-$where"
		client "on-$where" names --net $where --dns "$server"
		dns_check_names
	done
	dns_check_fragments $UNBOUND_AT
	dns_check_moved
	check "another resolver answers" 198.18.9.22 "$(in_client dig +short +tries=1 @198.18.9.3 api.example.org)"
	check_false "and is not believed" reaches 198.18.9.22
	say "network $where, answers that are made up"
	must d run -d --name neighbour --net $where image /bin/busybox sleep 1000
	address=$(address_of "on-$where" $where)
	bridge=$(ip -n host -j link show dev "$(veths_of "on-$where")" | jq -r '.[0].master')
	check_false "by a neighbour" forge in_docker neighbour eth0 "$(mac_in "on-$where")" "$address" 198.18.9.80
	check_false "by way of the host" forge in_docker neighbour eth0 \
		"$(ip -n host -j link show dev "$bridge" | jq -r '.[0].address')" "$address" 198.18.9.81
	outside=$(ip -n host -j link show dev ext0 | jq -r '.[0].address')
	check_false "to a question that nobody asked" forge inside outside eth0 "$outside" 198.18.9.1 198.18.9.82 78
	check_true "the same to one that was, from where the resolver is" \
		forge inside outside eth0 "$outside" 198.18.9.1 198.18.9.83
	gone neighbour "on-$where"

	say "network $where, a resolver in another container of it"
	must d run -d --name resolver --net $where image /bin/busybox sleep 1000
	near=$(address_of resolver $where)
	must ip netns attach near "$(pid_of resolver)"
	RESOLVERS_IN=near dns_resolver "$near" --host-record=near.example.org,198.18.9.75
	printf '%s\n' "resolver { $near }" 'set near dns { near.example.org }' 'allow from udp dport 53' \
		'allow from tcp dport 443 peer @near' 'allow to established' 'default from reject' 'default to deny' \
		>"$POLICIES/near.policy"
	client "on-$where" near --net $where --dns "$near"
	check_false "the address alone is not allowed" reaches 198.18.9.75
	check_true "it is believed" reaches near.example.org
	must ip netns del near
	gone resolver "on-$where"
done

daemon_stop
in_host "$POLICYCTL" detach --all # the next command frees the sets that nothing names any more
finish
