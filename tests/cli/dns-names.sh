#!/bin/bash
# Names in place of addresses, with real resolvers (dnsmasq, unbound) and real clients: what is allowed works with its
# first packet, and what is not allowed does not, whatever is asked or made up.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.bash"
sandbox "$@"
need /usr/bin/python3 python3 curl jq ping dnsmasq unbound dig
dns_rooms
dns_serve

{
	for i in $(seq 40); do
		echo "198.19.40.$i many.example.com"
	done
	for i in $(seq 1000); do
		echo "198.19.$((100 + i / 250)).$((i % 250 + 1)) n$i.pypi.org"
	done
} >"$WORK/hosts"
dns_resolver $BEHIND --addn-hosts="$WORK/hosts" --local=/example.com/ --local=/cdn.test/ --local=/pypi.org/ \
	--host-record=api.example.com,198.18.9.10 \
	--cname=www.example.com,a.cdn.test --cname=a.cdn.test,b.cdn.test --cname=b.cdn.test,c.cdn.test \
	--host-record=c.cdn.test,198.18.9.11 --address=/wild.pypi.org/198.18.9.12 \
	--host-record=six.example.com,2001:db8:9::13 --address=/evil.test/198.18.9.21 \
	--host-record=other.example.com,198.18.9.24 --host-record=musl.example.com,198.18.9.25 \
	--host-record=curl.example.com,198.18.9.26 --host-record=tcp.example.com,198.18.9.27
dns_resolver 198.18.9.3 --host-record=api.example.com,198.18.9.22
UNBOUND_AT=198.18.9.5
dns_zone >"$WORK/zone"
dns_unbound $UNBOUND_AT "$WORK/zone"
touch "$WORK/resolv.conf"
must mount --bind "$WORK/resolv.conf" /etc/resolv.conf
resolves_at() { # ADDRESS
	printf 'nameserver %s\noptions timeout:2 attempts:1\n' "$1" >/etc/resolv.conf
}
resolves_at $BEHIND
must wait_until 5 inside container dig +short +tries=1 +time=1 @$BEHIND api.example.com
must wait_until 5 inside container dig +short +tries=1 +time=1 @198.18.9.3 api.example.com

cat >"$WORK/names.policy" <<POLICY
default from deny
resolver { 198.18.9.2, 198.18.9.4, 198.18.9.5, 198.18.0.3 }
set api dns { api.example.com, www.example.com, many.example.com, six.example.com, musl.example.com,
	curl.example.com, tcp.example.com, *.pypi.org, near.example.com, $DNS_ZONE_NAMES }
allow from udp dport 53 peer { 198.18.9.0/24, 198.18.0.3 }
allow from tcp dport 53 peer { 198.18.9.0/24, 198.18.0.3 }
allow from tcp dport 443 peer @api
POLICY
does attach veth2 --policy "$WORK/names.policy"

check_false "not its address, before anybody has asked" reaches 198.18.9.10
check_true "a name" reaches api.example.com
check_true "its address then" reaches 198.18.9.10
check_true "through three CNAMEs" reaches www.example.com
check_true "40 addresses" reaches many.example.com
check_true "the last of them" reaches 198.19.40.40
check_true "a star" reaches a.b.wild.pypi.org
check_true "IPv6 alone" reaches six.example.com
check "curl" ok "$(in_container curl -s -m 2 http://curl.example.com:443/)"
check "dig over TCP" 198.18.9.27 "$(in_container dig +tcp +short +tries=1 tcp.example.com)"
check_true "what it was told" reaches 198.18.9.27
dns_musl_client
[ -z "$MUSL_CLIENT" ] || check "a client with musl" ok "$(in_container "$MUSL_CLIENT" musl.example.com)"

check_false "its neighbour in the zone" reaches other.example.com
check_false "a name that ends in another" reaches api.example.com.evil.test
check_false "an address that no name has" reaches 198.18.9.30
check "another resolver answers" 198.18.9.22 "$(in_container dig +short +tries=1 @198.18.9.3 api.example.com)"
check_false "and is not believed" reaches 198.18.9.22

# The container asks a resolver that does not answer; the answer is made up.
forge() { # NETNS ADDRESS MAC [ask|not PORT RESOLVER]
	local answer=$1 address=$2 port=${5:-4444} from=${6:-198.18.9.4}
	in_container "$(dirname "$0")/dns_ask.py" "$from" "$port" 77 api.example.com "${4:-ask}"
	inside "$answer" "$(dirname "$0")/dns_forge.py" eth0 "$3" "$from" 198.18.0.2 "$port" 77 api.example.com \
		"$address"
	reaches "$address"
}
CONTAINER_MAC=$(ip -n container -j link show dev eth0 | jq -r '.[0].address')
HOST_MAC=$(ip -n host -j link show dev ext0 | jq -r '.[0].address')
check_false "an answer that a neighbour made up" forge neighbour 198.18.9.31 "$CONTAINER_MAC"
check_false "by way of the host" forge neighbour 198.18.9.32 "$(ip -n host -j link show dev br0 | jq -r '.[0].address')"
check_false "an answer to a question that nobody asked" forge outside 198.18.9.33 "$HOST_MAC" not 4455
check_true "the same from where the resolver is, to one that was" forge outside 198.18.9.34 "$HOST_MAC"


say "unbound"
resolves_at $UNBOUND_AT
dns_check_names
dns_check_fragments $UNBOUND_AT
dns_check_moved

say "a resolver on the container's own bridge"
check_false "what came through the host in its name is not believed" forge outside 198.18.9.61 "$HOST_MAC" ask 4466 198.18.0.3
RESOLVERS_IN=neighbour dns_resolver 198.18.0.3 --host-record=near.example.com,198.18.9.60
must wait_until 5 inside container dig +short +tries=1 +time=1 @198.18.0.3 near.example.com
check_true "its own answer is" reaches 198.18.9.60
resolves_at $BEHIND

say "what was learnt, and what was not"
reply_other() { # the resolver at 198.18.9.4 answers with another question
	in_container "$(dirname "$0")/dns_ask.py" 198.18.9.4 4466 77 api.example.com ask
	inside outside "$(dirname "$0")/dns_forge.py" eth0 "$HOST_MAC" 198.18.9.4 198.18.0.2 4466 77 www.example.com \
		198.18.9.35
	reaches 198.18.9.35
}
before=$(in_host "$POLICYCTL" stats veth2 --json | jq -c '.[0].dns')
check_false "an answer to another question" reply_other
policyctl stats veth2 --json
after=$(jq -c '.[0].dns' <<<"$OUT")
check "one more question, and one more that is not learnt: it answers another" '[1,0,0,{"other":1,"elsewhere":0,"broken":0,"cut":0,"full":0}]' \
	"$(jq -nc --argjson a "$before" --argjson b "$after" '[$b.questions - $a.questions, $b.answers - $a.answers,
		$b.addresses - $a.addresses, ($b.not_learnt | with_entries(.value -= $a.not_learnt[.key]))]')"
check_true "what neighbours made up is counted" jq -e '.not_learnt.elsewhere >= 2' <<<"$after"
check_true "answers, and more addresses than these" jq -e '.answers >= 8 and .addresses > .answers' <<<"$after"
policyctl stats veth2
check_match "stats says so" "to +dns +$(jq .not_learnt.elsewhere <<<"$after") +- +not learnt: answers from where the resolver is not" "$OUT"
check_match "the questions are those of the container" "from +dns +$(jq .questions <<<"$after") +- +questions for its names" "$OUT"
policyctl stats --prometheus
python3 "$(dirname "$0")/exposition.py" <<<"$OUT" >"$WORK/samples" 2>"$WORK/wrong"
check "the format of metrics" "" "$(<"$WORK/wrong")"
check "metrics: the same" "$after" "$(jq -c '[.[] | select(.name | startswith("policyctl_dns_"))] |
	def of($name): .[] | select(.name == "policyctl_dns_" + $name) | .value;
	{questions: of("questions_total"), answers: of("answers_total"), addresses: of("addresses_total"),
	 not_learnt: (map(select(.labels.reason) | {(.labels.reason): .value}) | add)}' "$WORK/samples")"
check "and how full the set is" "4096 0 0 1" "$(jq -r '[.[] | select(.labels.set == "api")] |
	def of($name): .[] | select(.name == "policyctl_live_set_" + $name) | .value;
	"\(of("members_limit")) \(of("left_out")) \(of("incomplete")) \(of("complete"))"' "$WORK/samples")"

# While the container is busy.
spawn container /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    s.sendto(b"x" * 500, ("198.18.0.1", 9))'
check "1000 names, each for the first time" "0 lost" "$(in_container "$(dirname "$0")/dns_fresh.py" 1000)"
stop $!

# May ask for names of the set alone.
sed 's/^allow from \(...\) dport 53 peer .*/allow from \1 dport 53 peer 198.18.9.2 dns @api/' "$WORK/names.policy" \
	>"$WORK/asks.policy"
echo 'reject from udp dport 53' >>"$WORK/asks.policy"
does apply veth2 --policy "$WORK/asks.policy"
check "it may ask for a name of the set" 198.18.9.10 "$(in_container dig +short +tries=1 api.example.com)"
check "over TCP" 198.18.9.10 "$(in_container dig +tcp +short +tries=1 api.example.com)"
check_match "another is refused" 'status: REFUSED' "$(in_container dig +tries=1 +time=1 other.example.com)"
check "not another over TCP" "" \
	"$(in_container dig +tcp +short +tries=1 +time=1 other.example.com 2>/dev/null | grep -v '^;')"
check_true "a name" reaches www.example.com

stop_all
umount /etc/resolv.conf
does detach veth2
finish
