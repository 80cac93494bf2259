#!/bin/bash
# The rest of the command line: editing rules, counters over changes, what show prints, JSON, colour, help, another
# bpffs.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need script
new_rooms

rules() {
	policyctl show veth0 --json
	jq -c '[.counters[] | select(.kind == "rule") | .text]' <<<"$OUT"
}

counts() { # packets of each rule, from
	policyctl stats veth0 --json
	jq -cS '[.[0].counters[] | select(.kind == "rule") | {(.id | tostring): .from.packets}] | add' <<<"$OUT"
}

say "deny, allow, delete"
does attach veth0 --deny tcp
remember
does deny veth0 udp/53 icmp
check_match "says what came" '^ +\+ deny udp dport 53 +# id 2' "$OUT"
check "new rules stand first" '["deny udp dport 53","deny icmp","deny tcp"]' "$(rules)"
check_arrives "they hold" from 3 "4:tcp/80 0" "4:udp/53 0" "4:udp/80 3" "4:icmp/8 0"
check "each counts" '{"1":3,"2":3,"3":3}' "$(counts)"
does allow veth0 tcp/80
check "an allow in front of a deny" '["allow tcp dport 80","deny udp dport 53","deny icmp","deny tcp"]' "$(rules)"
check_arrives "holds" from 2 "4:tcp/80 2" "4:tcp/443 0" "4:udp/53 0"
check "counters of the rules that stayed went on" '{"1":5,"2":5,"3":3,"4":2}' "$(counts)"
does delete veth0 2 3
check_match "delete says what went" '^ +- deny udp dport 53 +# id 2' "$OUT"
check "and takes them out" '["allow tcp dport 80","deny tcp"]' "$(rules)"
check_arrives "they do not hold any more" from 1 "4:udp/53 1" "4:icmp/8 1" "4:tcp/443 0" "4:tcp/80 1"
check "the others' counters went on" '{"1":6,"4":3}' "$(counts)"
does deny veth0 udp
check "a new rule has a new id" '{"1":6,"4":3,"5":0}' "$(counts)"
does apply veth0 --deny tcp --deny icmp
check_match "apply says what goes" '^ +- allow tcp dport 80' "$OUT"
check_match "and what comes" '^ +\+ deny icmp' "$OUT"
check "the rule that stayed keeps its id and count" '{"1":6,"6":0}' "$(counts)"
remember

say "deny names the sets of the policy in force"
does apply veth0 --rule "set office { 198.18.0.1 }; deny icmp peer @office"
does deny veth0 "from tcp dport 80 peer @office" udp/53
check "and its rules stand first" \
	'["deny from tcp dport 80 peer @office","deny udp dport 53","deny icmp peer @office"]' "$(rules)"
check_arrives "they hold" from 1 "4:tcp/80 0" "6:tcp/80 1" "4:udp/53 0" "4:icmp/8 0" "6:icmpv6/128 1"
before=$(snapshot)
policyctl deny veth0 "from tcp peer @ofice"
check "a set that is not there: status 2" 2 "$STATUS"
check_match "is told" "^SPEC:1:15: error: unknown set '@ofice', did you mean '@office'\\?$" "$ERR"
check_same "and changes nothing" "$before" "$(snapshot)"
policyctl deny nothing "from tpc peer 198.18.0.1"
check "a mistake is told before anything is looked at: status 2" 2 "$STATUS"

say "check and explain take rules without a file"
does check --rule "set office { 198.18.0.1 }; deny tcp peer @office" --deny "udp/53 peer @office" --default to:deny
check_match "check counts them" '^command line: ok, 2 rules, set office 1 prefix, default from allow, to deny' "$OUT"
policyctl check --deny "tcp dport 80 peer 198.18.0.1.2"
check "a mistake: status 2" 2 "$STATUS"
policyctl check
check "without a policy: status 2" 2 "$STATUS"
does explain --rule "deny from tcp dport 80 peer 198.18.0.1" from tcp 198.18.0.1:80
check_match "explain says what they do" '^by +rule 1.*: deny from tcp dport 80 peer 198.18.0.1$' "$OUT"
does explain --deny "udp/53 peer 198.18.0.1" --allow any from udp 198.18.0.1:54
check_match "whatever options they come by" '^by +rule 2.*: allow any$' "$OUT"
does apply veth0 --deny tcp --deny icmp
remember

say "dry run, and nothing to change"
before=$(snapshot)
does apply veth0 --deny udp --dry-run
check_match "apply --dry-run says what would change" '^veth0: would change$' "$OUT"
does apply veth0 --deny tcp --deny icmp
check "the policy in force again" "veth0: nothing to change, this policy is in force" "$OUT"
check_same "neither has changed anything" "$before" "$(snapshot)"

say "show is a policy file"
for policy in "--deny tcp" "--allow to:tcp/80-90 --deny 443/tcp --deny from:udp/53 --default to:deny" \
	"--deny icmp/8 --deny icmpv6 --deny 47 --allow any --default deny" "--default from:deny --allow sctp/1-65535"; do
	# shellcheck disable=SC2086
	policyctl apply veth0 $policy
	policyctl show veth0
	echo "$OUT" >"$WORK/shown"
	policyctl apply veth0 --policy "$WORK/shown"
	check "$policy: applying what show prints changes nothing" "0:veth0: nothing to change, this policy is in force" \
		"$STATUS:$OUT"
	policyctl show veth0 --json
	jq -r .policy <<<"$OUT" >"$WORK/shown"
	policyctl apply veth0 --policy "$WORK/shown"
	check "  nor does the policy in show --json" "veth0: nothing to change, this policy is in force" "$OUT"
done
printf '# web\nallow to tcp dport { 80, 443 }\ndeny tcp\n' >"$WORK/web.policy"
does apply veth0 --policy "$WORK/web.policy"
check "a policy file" '["allow to tcp dport { 80, 443 }","deny tcp"]' "$(rules)"
remember

say "JSON"
fields='.interface == "veth0" and .enforcing == true and .state == "enforcing" and (.ifindex | type) == "number"
	and (.attached_at | type) == "number" and (.changed_at | type) == "number" and (.rules | type) == "number"
	and (.xdp | .program > 0 and .name == "policyctl_xdp" and .live and (.mode | type) == "string"
		and (.mode_reason | type) == "string")
	and (.tc | .program > 0 and .name == "policyctl_tc" and .live and .hook == "egress" and .priority == 1 and .handle == 1)
	and (.defaults.from == "allow") and (.defaults.to == "allow") and (.neighbours | type) == "array"
	and has("container") and .container == null and .manager == null and .held == false and .why == null and .policy_source == null'
policyctl list --json
check "list --json" true "$(jq ".[0] | $fields" <<<"$OUT")"
policyctl show veth0 --json
check "show --json" true "$(jq "$fields and (.policy | type) == \"string\" and ([.counters[].kind] | unique | contains([\"default\", \"rule\"]))" <<<"$OUT")"
policyctl stats veth0 --json
check "stats --json" true "$(jq '.[0] | .interface == "veth0" and ([.from, .to][] | (.passed.packets | type) == "number"
	and (.dropped.bytes | type) == "number" and (.unknown | has("fragment") and has("vlan-depth")))' <<<"$OUT" | uniq)"
policyctl stats --json
check "stats --json of all" 1 "$(jq length <<<"$OUT")"
policyctl apply veth0 --deny udp --json
check "apply --json" '{"interface":"veth0","changed":true,"differs":true,"added":["deny udp"],"removed":2}' \
	"$(jq -c '{interface, changed, differs, added: [.added[].rule], removed: (.removed | length)}' <<<"$OUT")"
does deny veth0 tcp --json
check "deny --json" true "$(jq .changed <<<"$OUT")"
does detach veth0
does attach veth0 --deny tcp --json
remember
check "attach --json" true "$(jq "$fields" <<<"$OUT")"

say "colour"
on_terminal() { # VARIABLE=VALUE...: list on a terminal
	env -u NO_COLOR "$@" script -qec "$(printf '%q ' nsenter --net=/run/netns/host "$POLICYCTL" show veth0)" /dev/null
}
check_true "show has colour on a terminal" grep -q $'\e\[' <(on_terminal TERM=xterm)
check_false "not with NO_COLOR" grep -q $'\e\[' <(on_terminal TERM=xterm NO_COLOR=1)
check_false "not on a dumb terminal" grep -q $'\e\[' <(on_terminal TERM=dumb)
policyctl show veth0
check_no_match "not in a pipe" $'\e\[' "$OUT"

say "width"
wide() { # COLUMNS: the header of list on such a terminal
	script -qec "stty cols $1; $(printf '%q ' nsenter --net=/run/netns/host "$POLICYCTL" list)" /dev/null |
		tr -d '\r' | sed 's/\x1b\[[0-9;]*m//g' >"$WORK/list"
	head -n 1 "$WORK/list"
}
check_match "list on a wide terminal" 'IFINDEX.*XDP.*ATTACHED' "$(wide 200)"
# Between these widths it depends on how long the ids of the programs are. The first is too narrow for ids of one digit.
for columns in 67 80; do
	check_match "on one of $columns columns: what matters" '^INTERFACE +STATE .*RULES +DEFAULT +FROM DROPPED +TO DROPPED' \
		"$(wide $columns)"
	check_no_match "  without what does not" "IFINDEX|ATTACHED$([ $columns = 80 ] || echo '|XDP|TC ')" "$(<"$WORK/list")"
	check_true "  and no line is longer" test "$(wc -L <"$WORK/list")" -le $columns
done
check_match "in a pipe: all" 'IFINDEX.*XDP.*ATTACHED' "$(policyctl list; echo "$OUT")"

say "another bpffs"
does detach veth0
must mkdir "$WORK/bpffs"
must mount -t bpf bpf "$WORK/bpffs"
export POLICYCTL_BPFFS=$WORK/bpffs/ours
does attach veth0 --deny tcp
check_true "POLICYCTL_BPFFS: the pins are there" test -n "$(find "$WORK/bpffs/ours" -name meta)"
check_false "and not below /sys/fs/bpf" test -e "$PINS"
check_arrives "it enforces" from 2 "4:tcp/80 0" "4:udp/53 2"
does apply veth0 --deny udp
does detach veth0
check "nothing is left there" "" "$(find "$WORK/bpffs/ours" -mindepth 1 2>/dev/null)"
export POLICYCTL_BPFFS=$WORK
policyctl attach veth0 --deny tcp
check_match "one that is not a bpffs: refused" '^1:policyctl: veth0: POLICYCTL_BPFFS=.* is not inside a BPF file system' \
	"$STATUS:$ERR"
unset POLICYCTL_BPFFS
must umount "$WORK/bpffs"

say "help"
for command in "" attach detach apply diff check deny reject allow delete quarantine release confirm undo history status list show connections stats monitor capture explain learn map unused doctor daemon sidecar completion version; do
	for option in --help -h; do
		# shellcheck disable=SC2086
		policyctl $command $option
		check "policyctl $command $option: exit status 0, nothing on stderr" "0:" "$STATUS:$ERR"
		check_match "  usage on stdout" "^Usage: policyctl ${command:-COMMAND}" "$OUT"
	done
done
policyctl --version
version=$OUT
check_match "policyctl --version" '^policyctl [0-9]+\.[0-9]+' "$OUT"
policyctl version
check "policyctl version says the same" "0:$version" "$STATUS:$OUT"
policyctl
check "policyctl alone: exit status 2, nothing on stdout" "2:" "$STATUS:$OUT"
check_match "  and says what there is" . "$ERR"

say "daemon --check"
mkdir "$WORK/policies"
printf '[policy]\ndirectory = %s\n' "$WORK/policies" >"$WORK/check.conf"
policyctl daemon --check --config "$WORK/check.conf"
check "no policies" "0:$WORK/check.conf is good
$WORK/policies has 0 policy files:" "$STATUS:$OUT:$ERR"
echo 'deny tcp' >"$WORK/policies/web.policy"
policyctl daemon --check --config "$WORK/check.conf"
check_match "one" "^0:.*$WORK/policies has 1 policy file, without an error$" "$STATUS:$(tr '\n' ' ' <<<"$OUT" | sed 's/ $//')"
echo 'deny tpc' >"$WORK/policies/web.policy"
policyctl daemon --check --config "$WORK/check.conf"
check "one that is wrong: exit status 2, nothing on stdout" "2:" "$STATUS:$OUT"
check_match "  and where" "web\\.policy:1:6: error: unknown protocol 'tpc'" "$ERR"
rm -r "$WORK/policies"
policyctl daemon --check --config "$WORK/check.conf"
check_match "no directory" "^0:.*policies is not there: there are no policy files$" "$STATUS:$(tr '\n' ' ' <<<"$OUT" | sed 's/ $//')"
policyctl daemon --check --config "$WORK/nowhere.conf"
check_match "no configuration where one is named: exit status 2" "^2::policyctl: .*nowhere\\.conf: No such file" "$STATUS:$OUT:$ERR"

say "completion"
policyctl completion
# completes WORD...: the completions of the last word, in a directory with one file.
completes() {
	(cd "$WORK/completion" && PATH=$POLICYCTL_BUILD:$PATH bash -c 'compopt() { :; }; source <(cat); COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _policyctl
		printf "%s," "${COMPREPLY[@]}"' - policyctl "$@" <<<"$OUT")
}
mkdir "$WORK/completion"
touch "$WORK/completion/a web.policy"
check "a command" "apply," "$(completes ap)"
check "a policy file, with blanks" "a web.policy," "$(completes apply veth0 --policy a)"
check "what check reads" "a web.policy," "$(completes check a)"
check "where capture writes" "a web.policy," "$(completes capture veth0 -w a)"
check "where stats are about" "lo," "$(completes stats lo)"
check "options of monitor" "--all," "$(completes monitor veth0 --a)"
check "states of connections" "closing," "$(completes connections veth0 state cl)"
check "words of its filter" "dport," "$(completes monitor veth0 tcp dp)"
check "  and their values" "l4-short," "$(completes monitor reason l4)"
check "what explain reads" "a web.policy," "$(completes explain veth0 --pcap a)"
check "words of its packet" "fragment," "$(completes explain veth0 from fra)"
check "an interface" "lo," "$(completes show lo)"
check "a container" "container:," "$(completes show cont)"
check "  no names where no engine answers" "," "$(completes show container:w)"
check "a socket" "a web.policy," "$(completes show veth0 --docker-socket a)"
check "a configuration" "a web.policy," "$(completes daemon --config a)"
check "how a log looks" "json," "$(completes daemon --log-format j)"
check "no interface where there is none to name" "," "$(completes version l)"

for command in --help "attach --help" --version "list --json"; do
	# shellcheck disable=SC2086
	in_host "$POLICYCTL" $command >/dev/full 2>"$WORK/stderr"
	check "policyctl $command >/dev/full: exit status 1" 1 $?
	check_match "  and says why" 'cannot write the output: No space left' "$(<"$WORK/stderr")"
done
finish
