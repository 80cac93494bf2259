#!/bin/bash
# Live sets: a member that comes or goes decides over the next packet, for all attachments that name the same set. What
# is not known of a set is in no set that is allowed and in every one that is denied. A running connection outlives its
# member. The last policy that names a set takes it along.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3 jq tshark
new_rooms
new_netns second
new_veth veth1 second 1
LIVE_MEMBERS=$POLICYCTL_BUILD/live_members

live() { # ARGUMENTS...: of live_members
	"$LIVE_MEMBERS" "$PINS"/net-* "$@"
}

number_of() { # KIND: enum pctl_live_kind
	live list | awk -v kind="$1" '$2 == kind { print $1 }'
}

how() { # NUMBER: flags, members, left out
	live list | awk -v number="$1" '$1 == number { print $3, $4, $5 }'
}

DENIED=4:tcp/80@198.19.7.7
OTHER=4:tcp/80@198.19.7.8
SIX=6:tcp/80@2001:db8:7::7

arrive() { # from|to CLASS...: how many of two of each, at veth0
	"sent_$1" 2 "${@:2}" 2>&1 | awk '{ print $2 }' | one_line
}

cd "$WORK" || exit 1
echo 'deny tcp peer @host' >deny.policy
printf '%s\n' 'default to deny' 'deny from tcp peer @host' 'allow to tcp peer @host' >both.policy
before=$(snapshot)

say "@host"
does attach veth0 --policy deny.policy
remember
HOST=$(number_of 6)
check "one set" 1 "$(live list | wc -l)"
members=$(live members "$HOST" | cut -d' ' -f1)
for address in 127.0.0.1 198.18.0.1 198.18.1.1 2001:db8::1; do
	check_match "$address is in it" "(^|[[:space:]])$address([[:space:]]|$)" "$members"
done
check "the host is denied" "0 0" "$(arrive from 4:tcp/80@198.18.0.1 6:tcp/80@2001:db8::1)"
check "others are not" "2 2 2" "$(arrive from $DENIED $OTHER $SIX)"

say "a member comes and goes"
must live add "$HOST" 198.19.7.7
must live add "$HOST" 2001:db8:7::7
for direction in from to; do
	check "what comes is denied by the next packet ($direction)" "0 2 0" "$(arrive $direction $DENIED $OTHER $SIX)"
done
policyctl explain veth0 from tcp 198.19.7.7:80
check_match "explain says which set" "@host has the peer" "$OUT"
check_match "the verdict is the program's" "verdict +drop" "$OUT"
policyctl explain veth0 from tcp 198.19.7.8:80 --json
check "of another peer there is nothing to say" "[]" "$(jq -c .live_sets <<<"$OUT")"
check "programs and evaluator agree" true "$(jq .agree <<<"$OUT")"
policyctl show veth0
check_match "show has the members" "#   198.19.7.7" "$OUT"
policyctl show veth0 --json
check "so has show --json" "true" \
	"$(jq '.live_sets[0].members | any(.address == "198.19.7.7" and .seconds_left == null)' <<<"$OUT")"
must live remove "$HOST" 198.19.7.7
check "what goes passes by the next packet" "2 2 0" "$(arrive from $DENIED $OTHER $SIX)"

say "shared"
does attach veth1 --policy both.policy
remember
check "two attachments, one set" 1 "$(live list | wc -l)"
check "filled anew by the second: as the host has it" "2 2 2" "$(arrive from $DENIED $OTHER $SIX)"
must live add "$HOST" 198.19.7.7
check "the first sees the new member" "0 2" "$(arrive from $DENIED $OTHER)"
IFACE=veth1
second() { # from|to CLASS...
	local ends=(/run/netns/second eth0 /run/netns/host veth1)
	[ "$1" = from ] || ends=(/run/netns/host veth1 /run/netns/second eth0)
	"$CLI_PROBE" send "${ends[@]}" 2 "${@:2}" 2>&1 | awk '{ print $2 }' | one_line
}
check "the second too, it denies (from)" "0 2" "$(second from $DENIED $OTHER)"
check "… and allows (to)" "2 0" "$(second to $DENIED $OTHER)"
IFACE=veth0

say "what is not known"
must live some "$HOST" 198.19.7.7
check "not all are known" "0 1 0" "$(how "$HOST")"
check "then every other is denied (from)" "0 0" "$(second from $DENIED $OTHER)"
check "… and not allowed (to)" "2 0" "$(second to $DENIED $OTHER)"
policyctl explain veth1 to tcp 198.19.7.8:1000 dport 80
check_match "explain says so" "it is not known whether @host has the peer" "$OUT"
policyctl show veth1
check_match "show says so" "UNKNOWN for all others" "$OUT"
policyctl doctor veth1 --json
check "doctor warns" warning "$(jq -r '.. | objects | select(.check? == "live-sets") | .level' <<<"$OUT" | sort -u)"
must live many "$HOST" 5000
check "more than there is room for: incomplete, and how many are left out" "3 4096 904" "$(how "$HOST")"
check "what does not fit in is denied (from)" "0" "$(second from $OTHER)"
check "… and not allowed (to)" "0" "$(second to $OTHER)"
check_false "one more is refused" live add "$HOST" 198.19.7.7
policyctl stats veth0 --prometheus
for metric in "members 4096" "members_limit 4096" "left_out 905" "incomplete 1" "complete 0"; do
	check_match "metrics: $metric" "policyctl_live_set_${metric% *}\{[^}]*set=\"host\"\} ${metric#* }" "$OUT"
done
policyctl show veth1
check_match "show tells the first of them, and how many more" "and 4,?064 more" "$OUT"
must live fill "$HOST" 198.19.7.7
check "filled anew: complete" "1 1 0" "$(how "$HOST")"
check "then others pass (from)" "0 2" "$(second from $DENIED $OTHER)"

say "monitor and capture show what an address is known by"
TOLD=4:tcp/80@198.19.7.7
names() { # FILE: of each line, what stands behind the ends of the packet
	sed -nE 's/.* \| IP6? (.*): (Flags|UDP).*/\1/p' "$1"
}
saw() { # FILE COUNT
	[ "$(grep -c ' | ' "$1")" -ge "$2" ]
}
monitor told
monitor objects --json
spawn host "$POLICYCTL" capture -w told.pcapng 2>capture.err
capture=$!
must wait_until 10 grep -q watching capture.err
arrive from $TOLD >/dev/null
"$CLI_PROBE" send /run/netns/second eth0 /run/netns/host veth1 1 4:tcp/80@198.19.7.7 6:tcp/80 >/dev/null
"$CLI_PROBE" send /run/netns/host veth1 /run/netns/second eth0 1 4:tcp/80 >/dev/null
must wait_until 5 saw told 5
monitor_end told
monitor_end objects
kill -INT $capture
wait $capture
check_same "a set without names by its own name, behind the peer, and no other address" \
	"198.18.0.2.40000 > 198.19.7.7.80 (@host)
198.18.0.2.40000 > 198.19.7.7.80 (@host)
198.18.1.2.40000 > 198.19.7.7.80 (@host)
2001:db8:1::1.80 > 2001:db8:1::2.40000
198.18.1.1.40000 > 198.18.1.2.80" "$(names told)"
check "as JSON: a field of its own, where there is something to say" \
	'3 {"name":"host","membership":"inside","address":"198.19.7.7","learnt_by":null}' \
	"$(jq -c 'select(.live_sets) | .live_sets[] | {name, membership, address: .member.address, learnt_by: .member.name}' \
		objects | sort | uniq -c | sed 's/^ *//')"
check "in a capture, in the comment" "3 drop by rule 1 (deny tcp peer @host), peer @host" \
	"$(tshark -nr told.pcapng -T fields -e frame.comment 2>/dev/null | grep 'peer.*,' |
		sed 's/deny from/deny/' | uniq -c | sed 's/^ *//')"

say "gone with the last policy"
does detach veth1
check "one still has it" "1 1 0" "$(how "$HOST")"
does apply veth0 --deny udp
check "another policy: no set" "" "$(live list)"
check_false "nor its maps" test -e "$(echo "$PINS"/net-*)/live"
does apply veth0 --policy deny.policy
remember
HOST=$(number_of 6)
check "it comes back, filled" "0" "$(arrive from 4:tcp/80@198.18.0.1)"
does detach veth0
check_same "all is as before" "$before" "$(snapshot)"

say "running connections"
echo '
resolver { 198.18.0.1 }
set api dns { api.example.com }
default from deny
allow from tcp dport 443 peer @api
allow from icmpv6
allow to established' >api.policy
does attach veth0 --policy api.policy
remember
API=$(number_of 1)
check "its names are its definition" "api.example.com" "$(live list | cut -d' ' -f6-)"
spawn host /usr/bin/python3 -c '
import socketserver
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(100):
            self.request.sendall(data)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
Server(("", 443), Echo).serve_forever()'
must wait_until 10 listens host 443
connects() {
	in_container /usr/bin/python3 -c '
import socket
s = socket.create_connection(("198.18.0.1", 443), 0.7)
s.sendall(b"new")
s.recv(100)' 2>/dev/null
}
check_false "before an answer nothing passes" connects
monitor names
monitor objects --json
must live learn "$API" 198.18.0.1 60
check_true "then it does" connects
policyctl show veth0
check_match "show has the name and the time" "198.18.0.1 +api.example.com, [0-9]+ s left" "$OUT"
policyctl explain veth0 from tcp 198.18.0.1:443
sent_from 1 4:udp/53 6:udp/53 >/dev/null
check_match "so has explain" "@api has the peer: api.example.com, [0-9]+ s left" "$OUT"
mkfifo go
spawn container /usr/bin/python3 -c '
import socket
s = socket.create_connection(("198.18.0.1", 443), 5)
s.settimeout(5)
for line in open("go"):
    s.sendall(line.encode())
    print(s.recv(100).decode(), end="", flush=True)' >said 2>&1
exec 7>go
echo first >&7
must wait_until 5 grep -q first said
policyctl connections veth0
check_match "connections has the name" '198\.18\.0\.1:443 +api\.example\.com +established' "$OUT"
must live learn "$API" 198.18.0.1 -1
echo second >&7
check_true "the connection outlives its member" wait_until 5 grep -q second said
check_false "a new one is not allowed" connects
monitor_end names
monitor_end objects
check_same "monitor: the name by which it was learnt, as long as it is, and of no other address" \
	"198.18.0.2 > 198.18.0.1.53 (api.example.com)
2001:db8::2 > 2001:db8::1.53
198.18.0.2 > 198.18.0.1.443 (api.example.com, expired)" "$(names names | sed 's/\.[0-9]* >/ >/')"
check_same "as JSON" "api inside api.example.com false
api outside api.example.com true" \
	"$(jq -r 'select(.live_sets) | .live_sets[] | "\(.name) \(.membership) \(.member.name) \(.member.expired)"' objects)"
policyctl connections veth0 --json
check "connections: it has expired" "api api.example.com true" \
	"$(jq -r '.[].live_sets[] | "\(.name) \(.member.name) \(.member.expired)"' <<<"$OUT" | sort -u)"
policyctl show veth0
check_match "the member is there, and expired" "api.example.com, expired, stays for connections" "$OUT"
check_false "a packet of the connection has asked for it" grep -q ' 0$' <(live members "$API")
must live learn "$API" 198.19.7.7 -1
does list
check "the next command sweeps what expired and no connection uses" "198.18.0.1" \
	"$(live members "$API" | cut -d' ' -f1)"
exec 7>&-
policyctl stats veth0 --prometheus
check_match "metrics count the members" 'policyctl_live_set_members\{.*set="api"\} 1' "$OUT"
stop_all
does detach veth0
check_same "all is as before" "$before" "$(snapshot)"
finish
