#!/bin/bash
# learn: what passes becomes a policy; nothing is dropped meanwhile that was not; what was there before comes back
# however it ends: in time, by Ctrl-C, killed, with the interface, by another command.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl strace /usr/bin/python3
new_rooms
before=$(snapshot)

state() { in_host "$POLICYCTL" list --json 2>/dev/null | jq -c '[.[] | .state, .unconfirmed.back_to]'; }
learns() { [[ $(state) == *'nothing"]' || $(state) == *'before"]' ]]; }
nothing_attached() { [ "$(state)" = "[]" ]; }
quiet_again() { ! learns; }
gone() { ! kill -0 "$1" 2>/dev/null; }
no_others() { ! other_processes 2>/dev/null | grep -q 'policyctl learn'; }

# In the background; its output goes to $WORK/learnt and $WORK/learnt.err.
learn() { # ARGUMENTS...
	spawn host "$POLICYCTL" learn "$@" >"$WORK/learnt" 2>"$WORK/learnt.err"
	LEARNER=$!
	must wait_until 20 learns
}
learnt() { # [SIGNAL]: ends it; $STATUS
	kill "-${1:-INT}" "$LEARNER"
	wait "$LEARNER"
	STATUS=$?
}

# The rules of a learnt policy, without comments.
rules() { grep -v '^#' "$1" | sed -E 's/ +#.*//' | grep -v '^$'; }

serve host 8080
serve container 80

say "from nothing to a policy"
learn veth0 --for 10m -o "$WORK/veth0.policy"
check "list says that it does not stay" '["enforcing","nothing"]' "$(state)"
policyctl show veth0
check_match "show says why" 'UNCONFIRMED +policyctl learn is at work, detached in [0-9]+ s, .*; policyctl undo veth0 ends' "$OUT"
policyctl confirm veth0
check "nobody may confirm it" 1 "$STATUS"
policyctl deny veth0 tcp
check_match "nor change it meanwhile" 'policyctl learn is at work' "$ERR"
check_true "the container reaches a server" fetch container 198.18.0.1:8080
check_true "and by IPv6" fetch container '[2001:db8::1]:8080'
check_true "and is reached" fetch host 198.18.0.2:80
check_false "but not on a closed port" fetch host 198.18.0.2:81
check_true "ping" pings container 198.18.0.1
learnt
check "Ctrl-C ends it" 0 "$STATUS"
check_match "with a summary" '^policyctl: veth0: learnt 3 rules from [0-9]+ connections in [0-9]+ s, in .*veth0.policy$' \
	"$(<"$WORK/learnt.err")"
check_same "nothing is left of it" "$before" "$(snapshot)"
check "the policy" "default deny
allow to established
allow from established
allow from tcp dport 8080 peer { 198.18.0.1, 2001:db8::1 }
allow from icmp type echo-request peer 198.18.0.1
allow to tcp dport 80 peer 198.18.0.1" "$(rules "$WORK/veth0.policy")"
check_match "says that nothing is missing" 'Every connection that began was seen' "$(<"$WORK/veth0.policy")"
check_match "has counts" 'dport 8080 .*# 2 connections, [0-9]+ packets, [0-9,]+ bytes' "$(<"$WORK/veth0.policy")"
check_match "has what was seen once" 'dport 80 .*# seen once: 1 connection,' "$(<"$WORK/veth0.policy")"
check_match "has what was not answered as a comment" '# allow to tcp dport 81 peer 198.18.0.1 ' "$(<"$WORK/veth0.policy")"
does check "$WORK/veth0.policy"
policyctl history veth0
check_match "the history knows nothing of it" 'no history is known' "$ERR"

say "the policy works"
does attach veth0 --policy "$WORK/veth0.policy"
remember
check_true "the container reaches the server" fetch container 198.18.0.1:8080
check_true "and by IPv6" fetch container '[2001:db8::1]:8080'
check_true "and is reached" fetch host 198.18.0.2:80
check_true "ping" pings container 198.18.0.1
serve host 8081
check_false "another port is closed" fetch container 198.18.0.1:8081 1
check_false "ping by IPv6 is, too" pings container 2001:db8::1

say "where a policy knows connections nothing is put in force"
ids="$(tc_id veth0) $(xdp_id veth0)"
spawn host "$POLICYCTL" learn veth0 --for 3s --json >"$WORK/learnt" 2>"$WORK/learnt.err"
LEARNER=$!
must sleep 1
check "the same programs" "$ids" "$(tc_id veth0) $(xdp_id veth0)"
check_true "the container reaches the server" fetch container 198.18.0.1:8080
wait $LEARNER
check "it ends by itself" 0 $?
check "--json has what was learnt" '["allow from tcp dport 8080 peer 198.18.0.1",true,true]' \
	"$(jq -c '.rules[0] | [.rule, .allowed, .once]' "$WORK/learnt")"
check "--json has flows" '["from",6,"198.18.0.1",8080,1]' \
	"$(jq -c '.flows[] | select(.protocol == 6) | [.direction, .protocol, .peer, .port, .connections]' "$WORK/learnt")"
check "--json has the policy" "default deny" "$(jq -r .policy "$WORK/learnt" | grep '^default')"

say "a policy without connections decides as before"
does apply veth0 --allow from:tcp/8080 --deny to:tcp/80 --default allow
rules=$(in_host "$POLICYCTL" show veth0 | grep -v '^#' | sed -E 's/ +#.*//')
learn veth0
check "list says that it does not stay" '["enforcing","policy before"]' "$(state)"
check_true "what passed passes" fetch container 198.18.0.1:8080
check_true "likewise by the default" fetch container 198.18.0.1:8081
check_false "what was denied is denied" fetch host 198.18.0.2:80 1
learnt TERM
check "SIGTERM ends it" 0 "$STATUS"
check_same "the policy of before" "$rules" "$(in_host "$POLICYCTL" show veth0 | grep -v '^#' | sed -E 's/ +#.*//')"
check "in force to stay" '["enforcing",null]' "$(state)"
check "what was denied is no rule" "default deny
allow to established
allow from tcp dport 8080-8081 peer 198.18.0.1" "$(rules "$WORK/learnt")"

say "killed, also with its process group"
learn veth0
must sleep 1
learnt KILL
check_true "the policy of before comes back at once" wait_until 20 quiet_again
check_same "it is the same" "$rules" "$(in_host "$POLICYCTL" show veth0 | grep -v '^#' | sed -E 's/ +#.*//')"
check_true "no process is left" wait_until 10 no_others

say "undo ends it"
learn veth0
does undo veth0
check_true "learn ends" wait_until 10 gone "$LEARNER"
check_match "and says why" 'veth0: its policy was changed by another command' "$(<"$WORK/learnt.err")"
check "in force to stay" '["enforcing",null]' "$(state)"
does detach veth0

say "a flood of connections that begin"
learn veth0 --for 10m -o "$WORK/flood.policy"
check_true "one that is meant" fetch container 198.18.0.1:8080
inside container /usr/bin/python3 - <<'PYTHON'
# More half-open connections than the table holds, as fast as one process can: of a network that nobody answers for.
import socket, struct
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0))
mac = open("/sys/class/net/eth0/address").read().strip()
source = bytes.fromhex(mac.replace(":", ""))
for i in range(60000):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, 0, bytes([198, 18, 0, 2]), bytes([198, 19, i >> 8, i & 255]))
    tcp = struct.pack("!HHIIBBHHH", 1024 + i % 60000, 9, 1, 0, 0x50, 2, 1000, 0, 0)
    raw.send(bytes([2, 0, 0, 0, 0, 9]) + source + b"\x08\x00" + ip + tcp)
PYTHON
learnt
check "it ends" 0 "$STATUS"
check_match "the rule that is meant is there" 'allow from tcp dport 8080 peer 198.18.0.1 ' "$(<"$WORK/flood.policy")"
missed=$(sed -n 's/^#   \([0-9,]*\) connections were evicted.*/\1/p' "$WORK/flood.policy" | tr -d ,)
seen=$(head -1 "$WORK/flood.policy" | sed 's/.* s: \([0-9,]*\) connections.*/\1/' | tr -d ,)
check_true "what was seen (${seen:-none}) and what was missed (${missed:-0}) is all of it" \
	test $((${seen:-0} + ${missed:-0})) -ge 60000
check_true "the flood itself opens nothing" test "$(rules "$WORK/flood.policy" | grep -c allow)" = 2

say "the interface goes"
learn veth0
must ip -n host link del veth0
check_true "learn ends" wait_until 10 gone "$LEARNER"
check_match "and says why" 'veth0: the interface is gone' "$(<"$WORK/learnt.err")"
check_match "what it learnt is there" '^default deny$' "$(<"$WORK/learnt")"

say "what it is not given"
for arguments in "" "nowhere" "lo" "lo --for 0s" "lo --for 8d" "lo --for soon" "lo -o $WORK/no/file"; do
	# shellcheck disable=SC2086 # words
	policyctl learn $arguments
	check_true "learn $arguments: fails" test "$STATUS" != 0
	check_match "  in one line" '^policyctl.*$' "$ERR"
done
check_true "nothing is attached" nothing_attached
check_true "no process is left" wait_until 10 no_others
finish
