#!/bin/bash
# policyctl quarantine drops all but what is named, whatever is attached, without a gap. No other command changes it.
# release gives back exactly what was there before: a policy with its rules, ids and sets from files, or nothing.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
before=$(snapshot)

state() { policyctl list --json && jq -c '.[0] | [.state, .quarantine, .rules]' <<<"$OUT"; }

# The lines of the policy and the ids, without counts.
policy() { policyctl show veth0 && grep -v '^#' <<<"$OUT" | sed -E 's/ +# (id [0-9]+)?.*/ \1/'; }

nothing_passes() { # TEXT
	check_arrives "$1: nothing passes" from 3 "4:tcp/80 0" "4:udp/53 0" "6:tcp/22 0" "4:icmp/8 0" "4:proto/132 0"
	check_arrives "$1: nothing passes" to 3 "4:tcp/80 0" "4:udp/53 0" "6:tcp/22 0" "4:icmp/8 0" "4:proto/132 0"
}

refused() { # REGEX COMMAND...
	local text=$1
	shift
	policyctl "$@"
	check_match "$*: refused" "^1 policyctl: .*$text.*\((nothing was changed|it stays attached)\)$" "$STATUS $ERR"
}

say "an interface without a policy"
does quarantine veth0
remember
check_match "it says so" '^veth0: in quarantine: all is dropped$' "$OUT"
check "and nothing else" "" "$ERR"
nothing_passes "quarantine"
check "list --json has it" '["enforcing",true,0]' "$(state)"
policyctl list
check_match "list too" '^veth0 .* quarantine +generic' "$OUT"
policyctl show veth0
check_match "show: how it ends" '^#   QUARANTINE      since .*, until policyctl release veth0' "$OUT"
policyctl stats --prometheus
check_match "metrics have it" '^policyctl_quarantine\{interface="veth0"\} 1$' "$OUT"
policyctl doctor veth0
check_match "doctor notes it" 'note +quarantine +.*since ' "$OUT"
before_again=$(snapshot)
does quarantine veth0
check_same "again: nothing changes" "$before_again" "$(snapshot)"

say "nothing else changes it"
refused "in quarantine, which policyctl release veth0 ends" attach veth0 --default deny
refused "in quarantine, which policyctl release veth0 ends" attach veth0 --deny udp
refused "in quarantine, which policyctl release veth0 ends" apply veth0 --allow tcp
refused "in quarantine, which policyctl release veth0 ends" allow veth0 tcp
refused "in quarantine, which policyctl release veth0 ends" deny veth0 tcp
refused "in quarantine, which policyctl release veth0 ends" detach veth0
refused "in quarantine, which policyctl release veth0 ends" detach --all
policyctl diff veth0 --allow tcp
check "diff still compares" 3 "$STATUS"
check_same "all is as it was" "$before_again" "$(snapshot)"

say "what is named passes, and nothing else"
does quarantine veth0 --allow to:tcp/22 --allow icmp
check_match "how many rules" '^veth0: in quarantine: all is dropped but what 2 rules allow$' "$OUT"
check_match "it warns that answers to what is named are dropped" 'warning: .*answers' "$ERR"
check_arrives "named" to 3 "4:tcp/22 3" "4:icmp/8 3" "4:tcp/80 0" "4:udp/53 0"
check_arrives "named" from 3 "4:tcp/22 0" "4:icmp/8 3" "4:tcp/80 0" "4:udp/53 0"
cat >"$WORK/ssh.policy" <<'END'
default to allow
allow to   tcp dport 22 peer 198.18.0.1
allow from tcp sport 22 peer 198.18.0.1
END
serve container 22
serve container 80
does quarantine veth0 --policy "$WORK/ssh.policy" --json
check "--json: an array" '[["veth0",true,{"from":"deny","to":"deny"}]]' \
	"$(jq -c 'map([.interface, .quarantine, .defaults])' <<<"$OUT")"
check_true "a file can name a conversation" fetch host 198.18.0.2:22
check_false "its defaults do not count" fetch host 198.18.0.2:80 0.3
echo 'set feed file "feed.txt"
allow to any peer @feed' >"$WORK/feed.policy"
echo 198.18.0.0/24 >"$WORK/feed.txt"
policyctl quarantine veth0 --policy "$WORK/feed.policy"
check "a set from a file is refused" 2 "$STATUS"
check_match "  and it says why" "^policyctl: the set feed is from a file" "$ERR"
policyctl quarantine veth0 --allow tcpp
check_match "so is what is no SPEC" '^2 ' "$STATUS $ERR"
check_true "and the first one stays" fetch host 198.18.0.2:22

say "released: nothing was there before"
does release veth0
check "it says so" "veth0: released: nothing is attached any more" "$OUT"
check_same "the interface is as before" "$before" "$(snapshot)"
check_true "and the container is reached" fetch host 198.18.0.2:80
policyctl release veth0
check_match "not twice" '^4 policyctl: veth0: it is not in quarantine$' "$STATUS $ERR"
policyctl release veth7
check "no such interface" 4 "$STATUS"
policyctl release container:nobody
check "no such container" 4 "$STATUS"

say "a policy that was attached by hand"
seq -f '198.18.%g.0/24' 100 140 >"$WORK/large.txt"
cat >"$WORK/web.policy" <<END
default to deny
set large file "$WORK/large.txt"
allow to tcp dport 80
deny from udp dport 53
deny from any peer @large
END
does attach veth0 --policy "$WORK/web.policy"
remember
does deny veth0 to:sctp
does delete veth0 3
rules=$(policy)
check_match "the policy has ids that only it has" 'sctp 4|sctp.* id 4' "$rules"
does quarantine veth0
nothing_passes "quarantine of a policy"
does quarantine veth0 --allow icmp
rm "$WORK/large.txt"
does release veth0 --json
check "--json says what is in force" '[["veth0",true,"policy before"]]' \
	"$(jq -c 'map([.interface, .released, .now])' <<<"$OUT")"
check_same "rules, ids and the set, whose file is gone, are back" "$rules" "$(policy)"
check_arrives "and judge as before" to 3 "4:tcp/80 3" "4:udp/53 0" "4:tcp/22 0"
check_arrives "and judge as before" from 3 "4:udp/53 0" "4:tcp/80 3"
does deny veth0 tcp/81
does detach veth0
check_same "detach leaves nothing" "$before" "$(snapshot)"

say "a container that may reconfigure its network"
spawn container sleep 600
administers=$!
does attach veth0 --deny tcp
remember
does quarantine veth0
check_match "native mode, which it cannot get around as it can generic mode" \
	'native mode \(the container may have CAP_NET_ADMIN\)' "$OUT"
does release veth0
policyctl show veth0
check_match "released: in the mode of before" '^# .*generic mode' "$OUT"
does detach veth0
stop "$administers"

say "somebody takes the programs off"
does quarantine veth0
remember
must tc -n host qdisc del dev veth0 clsact
must ip -n host link set dev veth0 xdpgeneric off
does quarantine veth0
nothing_passes "put back"
does release veth0

say "no gap: packets that neither the policy nor the quarantine allows, while one follows the other"
ROUNDS=${ROUNDS:-20}
# The flood is a process that may have CAP_NET_ADMIN: the quarantine would change the mode, and its packets are counted
# in front of the guard, which judges meanwhile. docker.modes counts behind it.
does attach veth0 --deny udp --mode native
remember
mkfifo "$WORK/until"
"$CLI_PROBE" flood /run/netns/container eth0 /run/netns/host veth0 4:udp/53 4:icmp/8 <"$WORK/until" >"$WORK/flood" &
flood=$!
SPAWNED+=("$flood")
exec 3>"$WORK/until"
must wait_until 10 grep -q ready "$WORK/flood"
failed=0
for ((i = 0; i < ROUNDS; i++)); do
	in_host "$POLICYCTL" quarantine veth0 --allow icmp >"$WORK/stdout" 2>&1 || failed=$((failed + 1))
	in_host "$POLICYCTL" release veth0 >"$WORK/stdout" 2>&1 || failed=$((failed + 1))
done
exec 3>&-
wait "$flood"
check "$ROUNDS times to and fro: none failed" 0 "$failed"
while read -r direction _ sent _ denied _ lost; do
	[ "$direction" != ready ] || continue
	check_true "$direction the container: more packets than changes" test "$sent" -gt $((ROUNDS * 20))
	check "  of $sent that are denied none arrived" 0 "$denied"
	check "  of $sent that are allowed none was lost" 0 "$lost"
done <"$WORK/flood"
does detach veth0
check_same "nothing is left" "$before" "$(snapshot)"
finish
