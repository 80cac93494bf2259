#!/bin/bash
# policyctl undo goes back to the policy before, each time one further, by hook and mode; --to goes to any entry of the
# history, also to one that was undone.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
before=$(snapshot)

# The lines of the policy, without counts and ids.
policy() { in_host "$POLICYCTL" show veth0 | grep -v '^#' | sed -E 's/ +#.*//'; }

refused() { # TEXT COMMAND...
	local text=$1
	shift
	policyctl "$@"
	check_match "$*: refused" "^1 policyctl: veth0: .*$text.*\(nothing was changed\)$" "$STATUS $ERR"
}

say "one further back each time"
policyctl undo veth0
check "nothing is attached" 4 "$STATUS"
does attach veth0 --deny tcp
remember
refused "no policy before this one is known.*policyctl detach veth0 takes it off" undo veth0
first=$(policy)
does apply veth0 --deny udp --deny icmp
second=$(policy)
does apply veth0 --default deny --allow to:tcp/80 --hook tc
third=$(policy)
check_arrives "the third" to 2 "4:tcp/80 2" "4:udp/53 0"
does undo veth0
check_match "undo says where it goes" '^policyctl: veth0: back to number 2 of its history, of 20' "$ERR"
check_match "  and what changes" 'veth0: judged by xdp.* \+ deny udp .*default from allow, was deny' "$(one_line <<<"$OUT")"
check_same "the second" "$second" "$(policy)"
check "by its hook" '"xdp"' "$(in_host "$POLICYCTL" list --json | jq -c '.[0].hook')"
check_arrives "the second" to 2 "4:tcp/80 2" "4:udp/53 0" "4:icmp/8 0" "4:tcp/22 2"
does undo veth0 --json
check "--json" '["veth0",true,["deny tcp"]]' "$(jq -c '[.interface, .changed, (.added | map(.rule))]' <<<"$OUT")"
check_same "the first" "$first" "$(policy)"
check_arrives "the first" to 2 "4:tcp/80 0" "4:udp/53 2"
refused "no policy before this one is known" undo veth0

say "any of them, and back"
does undo veth0 --to 3
check_same "the third" "$third" "$(policy)"
check "by its hook" '"tc"' "$(in_host "$POLICYCTL" list --json | jq -c '.[0].hook')"
does undo veth0
check_same "what was in front of the third" "$second" "$(policy)"
refused "no policy with the number 77" undo veth0 --to 77
policyctl undo veth0 --to 0
check "bad usage" 2 "$STATUS"
does undo veth0 --to 2
check_match "the one that is in force" '^veth0: nothing to change, this policy is in force' "$OUT"

say "with --confirm"
does apply veth0 --deny sctp
does undo veth0 --confirm 1h
check_same "back to the second" "$second" "$(policy)"
refused "waits to be confirmed" undo veth0 --to 1
does undo veth0
check_same "and the undo is undone" "deny sctp" "$(policy | grep sctp)"

back() { [ "$(in_host "$POLICYCTL" history veth0 --json | jq -r '.[0].event')" = "not confirmed" ]; }
does deny veth0 udp --confirm 1s
check_true "nobody confirmed" wait_until 10 back
refused "was not confirmed and is undone already; undo veth0 --to NUMBER" undo veth0

say "sets from files are as the files are now"
seq -f '198.18.%g.0/24' 0 40 >"$WORK/large.txt"
printf 'set large file "large.txt"\ndeny to tcp peer @large\n' >"$WORK/set.policy"
does apply veth0 --policy "$WORK/set.policy"
does apply veth0 --allow any
check_arrives "without the set" to 1 "4:tcp/80 1"
does undo veth0
check "the same file: nothing to say of it" "" "$(grep -F "the set" <<<"$ERR")"
check_arrives "with the set" to 1 "4:tcp/80 0"
does apply veth0 --allow any
echo 198.18.77.0/24 >"$WORK/large.txt"
does undo veth0
check_match "another file: it says so" \
	"^policyctl: veth0: the set large is as $WORK/large.txt is now: 1 prefixes, then it had 3" "$ERR"
check_arrives "with what is in the file now" to 1 "4:tcp/80 1"
rm "$WORK/large.txt"
does apply veth0 --allow any
in_force=$(policy)
policyctl undo veth0
check_match "no file: an error" "^2 .*large.txt" "$STATUS $(one_line <<<"$ERR")"
check_same "and nothing was changed" "$in_force" "$(policy)"

say "where it is refused"
does quarantine veth0
refused "in quarantine" undo veth0
does release veth0
check_same "released" "$in_force" "$(policy)"
does detach veth0
does attach veth0 --deny udp
refused "no policy before this one is known" undo veth0 # before it was nothing
does undo veth0 --to 1
check_same "what was there before a detach, by its number" "$first" "$(policy)"
does apply veth0 --deny icmp
must rm -r "$WORK/history"
refused "no policy before this one is known" undo veth0
does apply veth0 --deny sctp
does undo veth0
check_match "a lost history begins with what is in force" "^deny icmp$" "$(policy | grep deny)"
does detach veth0
check_same "nothing is left" "$before" "$(snapshot)"
finish
