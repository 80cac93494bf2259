#!/bin/bash
# Sets of DNS names, and where a container's lookups travel: on the default bridge, and through docker's own resolver on
# a user-defined network, with a server named for the container and without. The resolver is dnsmasq on the host.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
need dnsmasq
RESOLVER=198.18.1.1 # the address of docker0
API=198.18.100.1
OTHER=198.18.100.2
LATE=198.18.100.3 # of a name that no container asks for on its veth
STARTS=${STARTS:-10}
echo "nameserver 127.0.0.1" >"$WORK/resolv.conf" # as a host with a resolver of its own has it
mount --bind "$WORK/resolv.conf" /etc/resolv.conf || skip "may not replace /etc/resolv.conf here"
docker_up
network front 198.18.64.1/24
for address in $API $OTHER $LATE; do
	must ip -n host addr add "$address/32" dev lo
done
serve host 80

answers_at() { # ADDRESS
	inside host ss -Hlun "src $1 sport = 53" | grep -q .
}
resolver() { # ADDRESS
	spawn host dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --bind-interfaces \
		--listen-address="$1" --user=root --pid-file= --address=/api.example.test/$API \
		--address=/other.example.test/$OTHER --address=/many.example.test/$API \
		--address=/late.many.example.test/$LATE
	must wait_until 5 answers_at "$1"
}
resolver $RESOLVER
resolver 127.0.0.1

cat >"$POLICIES/names.policy" <<END
resolver { $RESOLVER }
set api dns { api.example.test, *.many.example.test }
allow from udp dport 53 peer $RESOLVER dns @api
allow from tcp dport 80 peer @api
allow to established
default from reject
default to deny
END

client() { # NAME [DOCKER-OPTION...]
	must d run -d --name "$1" --label policyctl.policy=names "${@:2}" image /bin/busybox sleep 1000
	must wait_until 10 in_force "$1"
}
asks() { # NAME DNS-NAME
	timeout 5 "$DOCKER" -H "unix://$DOCKER_SOCKET" exec "$1" /bin/busybox nslookup -type=a "$2" 2>/dev/null | grep -q "Address.*198.18.100"
}
reaches() { in_docker "$1" curl -so /dev/null --max-time 0.9 "http://$2/"; } # NAME ADDRESS
fresh() { # NAME FIRST: asks for names that nobody asked for, and goes there at once; how often it failed
	local lost=0
	for ((i = $2; i < $2 + STARTS; i++)); do
		asks "$1" "n$i.many.example.test" && reaches "$1" $API || lost=$((lost + 1))
	done
	echo $lost
}
answers_told() { # NAME [SOCKET]: what doctor says of it
	policyctl doctor --json --docker-socket "${2:-$DOCKER_SOCKET}"
	jq -r --arg veth "$(veths_of "$1")" '.. | objects | select(.check? == "name-answers" and .subject? == $veth) | .what' <<<"$OUT"
}

daemon_start
for where in bridge front; do
	say "network $where, with --dns"
	client "on-$where" --net $where --dns $RESOLVER
	check "doctor is content, before a question" "" "$(answers_told "on-$where")"
	check_false "the address alone is not allowed" reaches "on-$where" $API
	check_true "an allowed name is answered" asks "on-$where" api.example.test
	check_true "and its address may be reached" reaches "on-$where" $API
	check_false "another name is not" asks "on-$where" other.example.test
	check_false "nor its address" reaches "on-$where" $OTHER
	check "of $STARTS names in a row not reached" 0 "$(fresh "on-$where" 0)"
	must d rm --force "on-$where"
done

say "network front, without --dns: dockerd asks 127.0.0.1 from the host's namespace"
client past --net front
check_true "the name is answered past the veth" asks past late.many.example.test
check_false "nothing is learnt: its address is not allowed" reaches past $LATE
check_true "and \`dns\` holds nothing back" asks past other.example.test
VERSION=$(d version --format '{{.Server.Version}}')
check_match "doctor says so, and of which docker" "docker ${VERSION%%+*}[^ ]*, unless its daemon.json has .dns., asks the next one from the host's namespace" \
	"$(answers_told past)"
check_match "without an engine it says what it does not know" "unless --dns was given or its daemon.json has .dns." \
	"$(answers_told past "$WORK/nobody.sock")"
must d rm --force past

say "another server than the policy names"
for where in bridge front; do
	client elsewhere --net $where --dns 198.18.64.1
	check_match "doctor says so ($where)" "asks 198.18.64.1, which the policy's .resolver. does not name" \
		"$(answers_told elsewhere)"
	must d rm --force elsewhere
done
client both --net front --dns 198.18.64.1 --dns $RESOLVER
check "one of two is named: content" "" "$(answers_told both)"
must d rm --force both

say "the server is named for all containers: the engine does not tell"
must docker_restart --dns $RESOLVER
client general --net front
check_match "before a question doctor cannot know" 'unless its daemon.json has .dns.' "$(answers_told general)"
check_true "a name is answered, on the veth" asks general api.example.test
check_true "and learnt" reaches general $API
check "then doctor has seen it" "" "$(answers_told general)"
must d rm --force general
daemon_stop
in_host "$POLICYCTL" detach --all # the next command frees the sets that nothing names any more
finish
