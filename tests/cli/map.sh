#!/bin/bash
# map and unused: who may reach whom by the policies of two networks, who did by the connections, as DOT, Mermaid, SVG
# and JSON; each edge is what real packets do. And rules that decided nothing.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl dot /usr/bin/python3
new_netns host web app db
for bridge in "front 0" "back 1"; do
	read -r name number <<<"$bridge"
	must ip -n host link add "$name" type bridge
	must ip -n host addr add "198.18.$number.1/24" dev "$name"
	must ip -n host link set "$name" up
done
join() { # IFACE NETNS BRIDGE ADDRESS GATEWAY
	must ip -n host link add "$1" type veth peer name eth0 netns "$2"
	must ip -n "$2" addr add "$4/24" dev eth0
	must ip -n "$2" link set eth0 up
	must ip -n "$2" route add default via "$5"
	must ip -n host link set "$1" master "$3" up
	must wait_until 5 carries "$1"
}
join vweb web front 198.18.0.2 198.18.0.1
join vapp app front 198.18.0.3 198.18.0.1
join vdb db back 198.18.1.4 198.18.1.1
must inside host sysctl -qw net.ipv4.ip_forward=1

say "policies"
cat >"$WORK/web.policy" <<'POLICY'
default deny
set office { 203.0.113.0/24 }
allow to established
allow from established
allow to tcp dport { 80, 443 } peer @office
allow from tcp dport 8080 peer 198.18.0.3
allow from udp dport 53
allow from tcp dport 9100 peer @host
POLICY
cat >"$WORK/app.policy" <<'POLICY'
default to deny
allow to established
allow from established
allow to tcp dport 8000-8100 peer 198.18.0.2
POLICY
for name in web app; do
	does attach v$name --policy "$WORK/$name.policy"
done
does attach vdb --allow to:tcp/5432 --default to:deny --audit
remember

map() { # [FILTER of jq]
	in_host "$POLICYCTL" map --json 2>/dev/null | jq -c "$1"
}
# The ports that may pass from one node to the other.
may() { # FROM TO
	map ".nodes as \$n | [.edges[] | select(.kind == \"may\" and \$n[.from].name == \"$1\" and \$n[.to].name == \"$2\")
		| .flows[] | [.protocol, .ports, .sender_rule, .receiver_rule]]"
}

say "who may reach whom"
check "the web server reaches the application where both allow it" '[["tcp",[8080,8080],4,3]]' "$(may vweb vapp)"
check "the application does not reach the web server" '[]' "$(may vapp vweb)"
check "the office reaches the web server" '[["tcp",[80,80],null,3],["tcp",[443,443],null,3]]' "$(may @office vweb)"
check "the web server asks any resolver" '[["udp",[53,53],5,null]]' "$(may vweb elsewhere)"
check "the application reaches everything else" '["icmp","tcp","udp"]' \
	"$(may vapp elsewhere | jq -c '[.[][0]] | unique')"
check "the web server reaches the host, by a live set" '[["tcp",[9100,9100],6,null]]' "$(may vweb 'this host')"
check "stances" '{"vapp":"one way denies by default","vdb":"audit: nothing is enforced","vweb":"deny by default"}' \
	"$(map '[.nodes[] | select(.kind == "attachment") | {(.name): .stance}] | add' | jq -cS .)"
check "networks" '["back","front","front"]' "$(map '[.nodes[].network | strings] | sort')"

say "as packets have it"
serve app 8080
serve app 8101
serve web 80
check_true "8080 of the application" fetch web 198.18.0.3:8080
check_false "8101" fetch web 198.18.0.3:8101 1
check_false "the web server of the application" fetch app 198.18.0.2:80 1

say "who did"
in_host "$POLICYCTL" map --connections --json >"$WORK/map.json" 2>"$WORK/map.err"
check "with --connections" '[["vweb","vapp","tcp",[8080,8080],1]]' \
	"$(jq -c '.nodes as $n | [.edges[] | select(.kind == "did") | . as $e | .flows[]
		| [$n[$e.from].name, $n[$e.to].name, .protocol, .ports, .connections]]' "$WORK/map.json")"
check_match "and of whom nothing is known" 'of 1 attachments no connections are known' "$(<"$WORK/map.err")"

say "formats"
for format in dot mermaid svg json; do
	does map --connections --format $format
	check_match "$format: has the edge" 'tcp.*8080|"tcp"' "$OUT"
done
does map -o "$WORK/map.svg" --connections
check_true "an SVG by its ending" grep -q '<svg' "$WORK/map.svg"
does map -o "$WORK/map.dot" --connections
check_true "Graphviz takes the graph" dot -Tcanon -o /dev/null "$WORK/map.dot"
policyctl map -o "$WORK/map.png"
check "another ending is bad usage" 2 "$STATUS"
policyctl map --format png
check "another format, too" 2 "$STATUS"
mkdir "$WORK/empty"
in_host env PATH="$WORK/empty" "$POLICYCTL" map --format svg >"$WORK/out" 2>"$WORK/err"
check "without Graphviz SVG fails" 1 $?
check_match "and says what is missing" 'Graphviz.*not installed; --format dot' "$(<"$WORK/err")"
[ -z "${RUN:-}" ] || cp "$WORK"/map.{svg,dot} "$RUN"

say "unused"
policyctl unused vweb
check "some rules decided nothing" 3 "$STATUS"
check_match "which" 'allow to tcp dport \{ 80, 443 \} peer @office +# id 3, counts since' "$OUT"
check_no_match "those that decided are not among them" 'id 4,' "$OUT"
policyctl unused vweb --since 7d
check "too young for that" 0 "$STATUS"
check_match "and says so" 'vweb: too young to say, with nothing decided so far: 3' "$OUT"
check "--json" '[[3,5,6],[],3]' "$(in_host "$POLICYCTL" unused vweb --json | jq -c '.[0] | [[.unused[].id], [.too_young[].id], .used]')"
since() { in_host "$POLICYCTL" unused vweb --json | jq -c '.[0].unused[] | select(.id == 3).counts_since'; }
before=$(since)
must sleep 1.1
does allow vweb from:udp/123
check "a change elsewhere leaves a rule its time" "$before" "$(since)"
check_true "a new rule is younger" test \
	"$(in_host "$POLICYCTL" unused vweb --json | jq '[.[0].unused[] | select(.text | test("123")).counts_since][0]')" -gt "$before"
policyctl unused vdb --since soon
check "bad usage" 2 "$STATUS"
policyctl unused nowhere
check "no such attachment" 4 "$STATUS"
does detach --all
policyctl map
check_match "nothing is attached" 'the map is empty' "$ERR"
finish
