#!/bin/bash
# Policy files: errors have their place, and change nothing. check needs no privileges. diff names exactly what apply
# then changes.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need script strace
new_rooms
cd "$WORK" || exit 1

# As the user nobody, which cannot even read the build directory.
cp "$POLICYCTL" /run/policyctl
as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all /run/policyctl "$@" >stdout 2>stderr
	STATUS=$?
	OUT=$(<stdout)
	ERR=$(<stderr)
}
chmod 755 /run "$WORK"

# refused TEXT REGEX COMMAND...: status 2, that message, and no change.
refused() {
	local before
	before=$(snapshot)
	policyctl "${@:3}"
	check "$1: status 2" 2 "$STATUS"
	check_match "  says so" "$2" "$ERR"
	check_same "  nothing was changed" "$before" "$(snapshot)"
}

does attach veth0 --deny tcp/9
remember

say "six mistakes"
echo '# six mistakes
default to drop
set office { 198.19.1.0/24, 198.19.2.300 }
deny from tcp dport 70000
deny form udp dport 53
allow to icmp peer 2001:db8::/32
deny from any peer @offices' >six.policy
refused "apply of a file with six mistakes" "^six.policy:2:12: error: " apply veth0 --policy six.policy
check "  six messages" 6 "$(grep -c '^six.policy:[2-7]:[0-9]*: error: ' <<<"$ERR")"
check "  six carets" 6 "$(grep -c '^ *^' <<<"$ERR")"
check "  one for each line" "2 3 4 5 6 7" "$(grep -o '^six.policy:[0-9]*:' <<<"$ERR" | cut -d: -f2 | one_line)"
check_arrives "  the policy in force stays" from 2 "4:tcp/9 0" "4:tcp/80 2"
as_nobody check six.policy
check "check finds them too, as nobody" "2 6" "$STATUS $(grep -c ': error: ' <<<"$ERR")"

say "files of sets"
printf '198.19.1.0/24 # fine\n\n  2001:db8::/32\n198.19.1.1/33\nnonsense\n' >bad.txt
echo 'set feed file "bad.txt"
deny any peer @feed' >bad.policy
refused "mistakes in the file of a set" "^bad.txt:4:" apply veth0 --policy bad.policy
check_match "  each is told" "^bad.txt:5:1: error: " "$ERR"
printf '\xef\xbb\xbf198.19.1.0/24\r\n198.19.2.1\r\n' >windows.txt
printf '\xef\xbb\xbfset feed file "windows.txt"\r\ndeny any peer @feed\r\n' >windows.policy
as_nobody check windows.policy
check "byte order marks and line ends of Windows do not matter" "windows.policy: ok, 1 rule, set feed 2 prefixes, default from allow, to allow" "$OUT"
mkdir directory
mkfifo pipe
touch secret
chmod 0 secret
for file in directory:"Is a directory" pipe:"not a regular file" /dev/zero:"not a regular file" nowhere:"No such file"; do
	echo "set feed file \"${file%%:*}\"
deny any peer @feed" >bad.policy
	refused "a set from ${file%%:*}" "^bad.policy:1:15: error: cannot read \"${file%%:*}\": .*${file#*:}" apply veth0 --policy bad.policy
done
echo 'set feed file "secret"
deny any peer @feed' >bad.policy
as_nobody check bad.policy
check "one that may not be read: status 2" 2 "$STATUS"
check_match "  says so" 'cannot read "secret": Permission denied' "$ERR"

say "where a path begins"
mkdir -p here/below
echo 198.19.5.5 >here/below/list.txt
echo 'set feed file "below/list.txt"
deny any peer @feed' >here/relative.policy
does apply veth0 --policy here/relative.policy
policyctl show veth0
check_match "at the policy's file" "^set feed file \"$WORK/here/below/list.txt\"" "$OUT"
policyctl show veth0
(cd / && in_host "$POLICYCTL" apply veth0 --policy /dev/stdin <<<"$OUT" >"$WORK/stdout" 2>&1)
check "show applied again changes nothing, wherever" "veth0: nothing to change, this policy is in force" "$(<stdout)"
(cd here && in_host "$POLICYCTL" apply veth0 --policy /dev/stdin <relative.policy >"$WORK/stdout" 2>&1)
check "from a pipe: at the current directory" "veth0: nothing to change, this policy is in force" "$(<stdout)"

say "several files"
echo 'set first { 198.19.6.0/24 }
deny any peer @first' >first.policy
echo 'set second file "here/below/list.txt"
deny any peer @second
default to allow' >second.policy
does apply veth0 --policy first.policy --policy second.policy --deny udp/7
check_match "their rules stand in order" "deny any peer @first.*deny any peer @second.*deny udp dport 7" \
	"$(policyctl show veth0 --json && jq -c '[.counters[] | select(.kind == "rule") | .text]' <<<"$OUT")"
check_arrives "and hold" to 2 "4:tcp/80@198.19.6.6 0" "4:tcp/80@198.19.5.5 0" "4:tcp/80@198.19.5.6 2" "4:udp/7 0"
echo 'deny from udp dport 7' >third.policy
policyctl diff veth0 --policy first.policy --policy second.policy --deny udp/7 --policy third.policy
check_match "what is in no single text is told without its line" \
	'^policy: warning: "deny from udp dport 7" \(rule 4\) is never reached: "deny udp dport 7" \(rule 3\)' "$ERR"
does deny veth0 udp
check_match "  nor is what only the kernel has" '^veth0: warning: .* \(rule id [0-9]+\) is never reached: "deny udp" \(rule id' "$ERR"
does deny veth0 icmp
check "  what was known before is not said again" "" "$ERR"
does delete veth0 "$(policyctl show veth0 --json && jq '.counters[0].id' <<<"$OUT")"
does delete veth0 "$(policyctl show veth0 --json && jq '.counters[0].id' <<<"$OUT")"
refused "two sets of one name" "error: .*'first'" apply veth0 --policy first.policy --policy first.policy

say "check as nobody"
as_nobody check second.policy
check "a good file: status" 0 "$STATUS"
check_match "  it says what is in it" '^second.policy: ok, 1 rule, set second 1 prefix, default from allow, to allow$' "$OUT"
echo 'deny tcp
deny tcp dport 80' >hidden.policy
as_nobody check hidden.policy
check "a rule that is never reached: status 0" 0 "$STATUS"
check_match "  a warning names what hides it" '^hidden.policy:2:1: warning: .*never reached.*line 1' "$ERR"
echo 'deny icmp peer 2001:db8::/32' >mixed.policy
as_nobody check mixed.policy
check "families that do not fit: status 2" 2 "$STATUS"

say "too large"
for ((i = 1; i <= 1600; i++)); do
	echo "deny from tcp dport 1-$((i + 100)) peer 10.$((i / 250)).$((i % 250)).0/24"
done >large.policy
refused "a policy whose tables exceed the budget" "^large.policy:[0-9]*:1: error: .*combine to more than [0-9]* .*from \"deny from tcp" \
	apply veth0 --policy large.policy
check_arrives "  the policy in force stays" to 2 "4:tcp/80@198.19.6.6 0" "4:tcp/80@198.19.5.6 2"
as_nobody check large.policy
check "check finds it too, as nobody" 2 "$STATUS"
policyctl deny veth0 tcp/1
check "the next command finds nothing amiss" "0 " "$STATUS $ERR"
does delete veth0 "$(policyctl show veth0 --json && jq '.counters[0].id' <<<"$OUT")"

say "diff names exactly what apply changes"
echo 'default to deny
set office { 198.19.1.0/24 }
deny tcp dport 25
allow to tcp dport 22 peer @office
deny from udp dport 53 peer not 198.19.0.53' >before.policy
echo 'default from deny
set office { 198.19.1.0/24, 198.19.3.0/24 }
set new { 198.19.4.4 }
deny from udp dport 53 peer not 198.19.0.53
deny tcp dport 25
deny any peer @new log' >after.policy
does apply veth0 --policy before.policy
policyctl diff veth0 --policy after.policy
check "diff: status 3" 3 "$STATUS"
told=$(sed 1d <<<"$OUT")
expected='  set office: 2 prefixes, was 1
  + set new: 1 prefix
  - allow to tcp dport 22 peer @office  # id
  + deny any peer @new log  # id
  default from deny, was allow
  default to allow, was deny
  the order of the rules'
# shellcheck disable=SC2001
check_same "it tells of sets, rules, defaults and the order" "$expected" "$(sed 's/# id .*/# id/' <<<"$told")"
policyctl show veth0 --json
old=$(jq -c '[.counters[] | select(.kind == "rule") | .text]' <<<"$OUT")
check "and has changed nothing" '["deny tcp dport 25","allow to tcp dport 22 peer @office","deny from udp dport 53 peer not 198.19.0.53"]' "$old"
does apply veth0 --policy after.policy
check_same "apply says the same" "$told" "$(sed 1d <<<"$OUT")"
policyctl diff veth0 --policy after.policy
check "then there is no difference" "0 veth0: nothing to change, this policy is in force" "$STATUS $OUT"
remember
does apply veth0 --policy after.policy
check "apply twice says nothing changed" "veth0: nothing to change, this policy is in force" "$OUT"

say "what takes long has a progress bar, on a terminal alone: the second file is half a second late"
echo 198.18.0.0/16 >one.txt
cp one.txt two.txt
printf 'set a file "one.txt"\nset b file "two.txt"\ndeny any peer { @a, @b }\n' >slow.policy
export ASAN_OPTIONS=detect_leaks=0 # its leak checker cannot work under strace
slowly=(strace -qqq -o strace.out -P two.txt -e inject=openat:delay_enter=700000 "$POLICYCTL" check slow.policy)
drawn=$(script -qec "$(printf '%q ' "${slowly[@]}")" /dev/null)
check_match "a terminal shows it" $'\r\033\\[Ktwo.txt: reading \\[\\.+\\] +0 %' "$drawn"
check_match "  and at the end not" $'%\r\033\\[Kslow.policy: ' "$drawn"
check_no_match "a file does not get it" "reading" "$("${slowly[@]}" 2>&1)"

does detach veth0
finish
