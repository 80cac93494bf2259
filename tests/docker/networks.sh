#!/bin/bash
# Whole rules in labels, a policy for each network of a container, and the baseline of all containers: each is in
# force, follows its file, and no label gets around it.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
network front 198.18.64.1/24
network back 198.18.72.1/24
POLICY() { cat >"$POLICIES/$1.policy"; }
POLICY block <<<"deny from tcp dport 25"

# What a container's veth on NETWORK has: the rules, as JSON.
rules_on() { # CONTAINER NETWORK
	policyctl show "$(listed "$1" "select(.container.network == \"$2\") | .interface" | tr -d '"')" --json
	jq -c '[.counters[] | select(.kind == "rule") | .text]' <<<"$OUT"
}
on_both() { [ "$(listed two '.interface' | wc -l)" = 2 ] && enforcing two; }

daemon_configure
daemon_start
say "rules in a label, and others on another network"
must talk two 2 -d --net front --ip 198.18.64.2 --label "policyctl.deny=icmp; from udp dport 53 peer 198.18.64.1" \
	--label "policyctl.rules=set gate { 198.18.64.1 }; allow from tcp dport 80 peer @gate; deny tcp" \
	--label "policyctl.rules.back=deny to tcp dport 5432 peer not 198.18.72.1" -- 198.18.64.1
must d network connect --ip 198.18.72.2 back two
must wait_until 20 on_both
check "the rules of the labels are in force" '["deny icmp","deny from udp dport 53 peer 198.18.64.1",'\
'"allow from tcp dport 80 peer @gate","deny tcp"]' "$(rules_on two front)"
check "and those of the other network on its veth" '["deny icmp","deny from udp dport 53 peer 198.18.64.1",'\
'"deny to tcp dport 5432 peer not 198.18.72.1"]' "$(rules_on two back)"
check_match "list names the label" 'labels policyctl.deny, policyctl.rules.back' "$(listed two '.policy_source')"

say "a mistake in a label"
mark
must talk bad 3 -d --net front --ip 198.18.64.3 --label "policyctl.rules=allow udp; deny tpc" -- 198.18.64.1
check_logged "is told, with container, label, line and caret" '.message == "policy refused" and
	(.details | contains("bad: label policyctl.rules:1:17: error: unknown protocol")
		and contains("    allow udp; deny tpc\n                    ^~~"))'
must wait_until 10 grep -q true <(listed bad '.held')
check "and the container is held" true "$(listed bad '.held')"
check "nothing got in, of UDP" 0 "$(received_by bad udp)"

say "the baseline"
must talk plain 4 -d --net front --ip 198.18.64.4 -- 198.18.64.1
sleep_until_left_alone() { [ -z "$(listed plain '.interface')" ]; }
check_true "a container without labels has nothing" sleep_until_left_alone
mark
daemon_configure policy.baseline=block
must kill -HUP "$DAEMON"
must wait_until 20 enforcing plain
check "a container without labels gets it" '["deny from tcp dport 25"]' "$(rules_on plain front)"
changed() { [[ $(rules_on two back) == '["deny from tcp dport 25","deny icmp",'* ]]; }
check_true "it stands before the rules of labels" wait_until 20 changed
rules_on two back >"$WORK/rules" # here, not in a subshell, for $OUT
check "show marks its rules" '[true,false,false,false]' \
	"$(jq -c '[.counters[] | select(.kind == "rule") | .baseline]' <<<"$OUT")"
policyctl show "$(veths_of plain)"
check_match "in its text too" '^deny from tcp dport 25 +# id [0-9]+, baseline' "$OUT"
policyctl explain "$(veths_of plain)" from tcp 198.18.64.1:25
check_match "explain says whose the rule is" '^by +rule [0-9]+ \(1 of 1, of the baseline\): deny from tcp dport 25' "$OUT"
check_match "list names the file" 'baseline block.policy' "$(listed plain '.policy_source')"

mark
POLICY block <<<"deny from tpc dport 25"
check_logged "a mistake in it is told" '.message == "policy file refused" and (.file | endswith("block.policy"))'
check "and changes nothing" '["deny from tcp dport 25"]' "$(rules_on plain front)"
must talk late 5 -d --net back --ip 198.18.72.5 --label policyctl.allow=any -- 198.18.72.1
must wait_until 20 enforcing late
check "not for a container that starts now either" '["deny from tcp dport 25","allow any"]' "$(rules_on late back)"
POLICY block <<<"deny from tcp dport { 25, 465 }; deny from any peer 203.0.113.0/24"
changed_all() {
	for of in plain:front late:back two:front two:back; do
		[[ $(rules_on "${of%:*}" "${of#*:}") == '["deny from tcp dport { 25, 465 }","deny from any peer'* ]] || return 1
	done
}
check_true "a change comes to all of them" wait_until 20 changed_all
daemon_configure
must kill -HUP "$DAEMON"
gone() { [ -z "$(listed plain '.interface')" ] && [[ $(rules_on two front) == '["deny icmp",'* ]]; }
check_true "without the setting, the rules go" wait_until 20 gone
finish
