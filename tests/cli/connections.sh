#!/bin/bash
# policyctl connections: the table as people read it, its JSON and its filters, and --cut, which really cuts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/transfers.bash"
sandbox "$@"
need ncat
new_rooms
must ip -n container addr add 198.18.0.3/24 dev eth0 # not its first

cat >"$WORK/policy" <<'END'
default deny
allow from { tcp, udp } dport 7000
allow to tcp dport 7001
allow from icmp type echo-request
allow from icmpv6 type echo-request
allow to established
allow from established
END

say "what a policy without the word says"
does attach veth0 --deny udp/99
policyctl connections veth0
check "no table, and why" "0::policyctl: veth0: no rule of its policy says \`established\`, so connections are not known" \
	"$STATUS:$OUT:$ERR"
policyctl connections veth0 --json
check "in JSON an empty array" "[]" "$(jq -c . <<<"$OUT")"
policyctl show veth0 --json
check "show: null" null "$(jq -c .connections <<<"$OUT")"
check_no_match "no metrics" policyctl_connections "$(in_host "$POLICYCTL" stats --prometheus)"
does detach veth0

say "TCP, UDP and echoes, opened by the container and by a peer"
does attach veth0 --policy "$WORK/policy"
remember
serve_transfers host 7000
serve_transfers container 7001
transfer out container 198.18.0.1 7000 dun
transfer in host 2001:db8:0::2 7001 du
must pings container 198.18.0.1
must pings container 2001:db8:0::1
mark_transfers out
mark_transfers in
check_go_on "transfers that the container opened" out 3
check_go_on "transfers that a peer opened" in 2

listed() { # [protocol, direction, state, rule] of each, sorted
	policyctl connections veth0 --json
	jq -c '[.[] | [.protocol, .family, .direction, .state, .decided_by.text]] | sort | .[]' <<<"$OUT"
}
check_same "each is there, with the rule that let it begin" \
	'["icmp","ipv4","from","established","allow from icmp type echo-request"]
["icmpv6","ipv6","from","established","allow from icmpv6 type echo-request"]
["tcp","ipv4","from","established","allow from { tcp, udp } dport 7000"]
["tcp","ipv4","from","established","allow from { tcp, udp } dport 7000"]
["tcp","ipv6","to","established","allow to tcp dport 7001"]
["tcp","ipv6","to","established","allow to tcp dport 7001"]
["udp","ipv4","from","answered","allow from { tcp, udp } dport 7000"]' "$(listed)"
port=$(jq -r 'keys[] | select(startswith("d")) | .[1:]' "$WORK/out")
policyctl connections veth0 sport "$port" --json
check "both ends" '["198.18.0.2",'"$port"',"198.18.0.1",7000]' \
	"$(jq -c '.[0] | [.local.address, .local.port, .remote.address, .remote.port]' <<<"$OUT")"
check "packets both ways, young, not silent, not adopted" true \
	"$(jq '.[0] | .packets.from > 0 and .packets.to > 0 and .age_seconds < 60 and .idle_seconds < 5 and
		.adopted == false and .expires_in_seconds > 21000' <<<"$OUT")"
policyctl connections veth0 sport "$port"
check_match "as a line of a table" \
	"^tcp +198\.18\.0\.2:$port -> 198\.18\.0\.1:7000 established +[0-9]+s +[0-9]s +[0-9]+ +[0-9]+ rule 1: allow from" "$OUT"
check_match "with a head" '^PROTO +CONTAINER +PEER +STATE +AGE +IDLE +FROM +TO +LET BEGIN BY$' "$OUT"
policyctl connections veth0 to
check_match "<- the peer opened it" '^tcp +\[2001:db8::2\]:7001 +<- \[2001:db8::1\]:' "$OUT"
policyctl connections veth0 icmp
check_match "an echo has an id" '^icmp id [0-9]+ 198\.18\.0\.2 +-> 198\.18\.0\.1 +established' "$OUT"
check_no_match "no colour in a pipe" $'\e' "$OUT"

say "filters"
count() { # FILTER...
	policyctl connections veth0 "$@" --json
	jq length <<<"$OUT"
}
check "all" 7 "$(count)"
check "protocol" 4 "$(count tcp)"
check "several" 5 "$(count '{ tcp, udp }')"
check "direction" 2 "$(count to)"
check "port of either end" 3 "$(count port 7000)"
check "dport is that of the opener's packet" 2 "$(count tcp dport 7001)"
check "peer" 4 "$(count peer 198.18.0.1)"
check "host" 3 "$(count host 2001:db8::/32)"
check "state" 1 "$(count state answered)"
check "rule" 2 "$(count rule 2)"
check "several words" 1 "$(count 'udp port 7000' state answered)"
check "nothing fits" 0 "$(count tcp dport 9)"
policyctl connections veth0 state half
check "a state that there is not" "2:policyctl connections: FILTER: behind \`state\` stands opened, answered, established or \
closing (see policyctl connections --help)" "$STATUS:$ERR"
policyctl connections veth0 tcp dport nonsense
check "a filter that is none" 2 "$STATUS"
check_match "is shown with a caret" '\^' "$ERR"
policyctl connections veth0 verdict drop
check "verdicts are of packets" 2 "$STATUS"
policyctl connections veth9
check "another interface" 4 "$STATUS"

say "explain"
explained() { # WORDS...: verdict, established, the port of the container's end of the connection, agreement
	policyctl explain veth0 "$@" --json
	jq -c '[.verdict, .established, .connection.local.port, .agree]' <<<"$OUT"
}
check "the first packet of a connection whose ends are known" '["deny","no",'"$port"',true]' \
	"$(explained to tcp 198.18.0.1:7000 dport "$port")"
check "a packet of it" '["allow","yes",'"$port"',true]' "$(explained to tcp 198.18.0.1:7000 dport "$port" established)"
check "the other way too" '["allow","yes",'"$port"',true]' \
	"$(explained from tcp 198.18.0.1:7000 sport "$port" established)"
check "of none" '["deny","no",null,true]' "$(explained to tcp 198.18.0.1:7000 dport 9)"
policyctl explain veth0 to tcp 198.18.0.1:7000 dport "$port"
check_match "in words" \
	'^connection +one with these ends is known: established, opened by the container, [0-9]+s old, silent for [0-9]s$' "$OUT"
policyctl explain veth0 from tcp 198.18.0.1:7000 --json
check "the answer to what may begin passes" allow "$(jq -r .answer.verdict <<<"$OUT")"
policyctl explain --policy "$WORK/policy" to tcp 22 established
check_match "of a policy in a file" '^verdict +passes' "$OUT"

say "how full it is"
policyctl show veth0
check_match "show has a line" '^#   connections     6 of 2,048, half open 1 of 256; [0-9,]+ kB$' "$OUT"
policyctl show veth0 --json
check "and JSON" '[6,1,2048,256,true,7]' \
	"$(jq -c '.connections | [.confirmed, .half_open, .confirmed_limit, .half_open_limit, .memory_bytes > 0, .opened_total]' <<<"$OUT")"
metrics=$(in_host "$POLICYCTL" stats --prometheus | grep ^policyctl_connections)
check_match "metrics" '^policyctl_connections\{interface="veth0"\} 6$' "$metrics"
check_match "opened" '^policyctl_connections_opened_total\{interface="veth0"\} 7$' "$metrics"
check_match "refused" '^policyctl_connections_refused_total\{interface="veth0"\} 0$' "$metrics"

say "--cut"
policyctl connections veth0 --cut
check "without a filter it is refused" 2 "$STATUS"
policyctl connections veth0 tcp --cut --all
check "with both too" 2 "$STATUS"
policyctl connections veth0 --all
check "--all is for --cut" 2 "$STATUS"
check "nothing was cut" 7 "$(count)"
does connections veth0 --cut tcp sport "$port"
check "it says how many" "policyctl: veth0: 1 connection cut" "$ERR"
check_match "and which" "198\.18\.0\.2:$port" "$OUT"
check "it is not in the table" 0 "$(count sport "$port")"
mark_transfers in
must wait_until 20 all_went_on in 2
mark_transfers out # what was on its way is reported by now
mark_transfers in
must wait_until 20 all_went_on in 2 1280
check "the others go on" 2 "$(gone_on in)"
check "the one that was cut has received nothing more" 0 \
	"$(jq -n --arg key "d$port" '[inputs] | .[0][$key][1] - .[1][$key][1]' "$WORK/out" "$WORK/out.mark")"
does connections veth0 to --cut --json
check "by direction, as JSON" 2 "$(jq length <<<"$OUT")"
check_stand "what a peer opened stands too" in out 2
does connections veth0 --cut --all
check "all" 0 "$(count tcp)"

say "what is closed is told"
transfer more container 198.18.0.1 7000 d 41000
check "open" 1 "$(count sport 41000 state established)"
stop "$TRANSFER"
is_closing() { [ "$(count sport 41000 state closing)" = 1 ]; }
wait_until 10 is_closing
check "closing" 1 "$(count sport 41000 state closing)"

does detach veth0
finish
