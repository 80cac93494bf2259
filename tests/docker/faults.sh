#!/bin/bash
# Wrong labels and policy files: the container is held, or keeps what it had, as configured. The message names
# container, label and place. A container without labels is left alone, and no other is disturbed.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
counter bridge docker0
bystander_start

everything='udp|tcp|icmp'

# A container that sends three of each.
faulty() { # NAME NUMBER LABEL...
	local labels=() label
	for label in "${@:3}"; do
		labels+=(--label "$label")
	done
	mark
	must talk "$1" "$2" -d ${labels[@]+"${labels[@]}"} -- --rate 100 198.18.1.1
}

sends_more() { # NAME ICMP: has its stack sent that many echo requests more?
	[ "$(echoes_of "$1")" -gt "$2" ]
}

echoes_of() { kernel_counter "$1" snmp OutEchos; } # that it sent, whatever became of them

talks_on() { # NAME: waits until it has sent some dozen packets more
	must wait_until 5 sends_more "$1" $(($(echoes_of "$1") + 30))
	count
}

check_held() { # NAME NUMBER WHY: as soon as that is logged
	check_logged "$1: held, and said" ".message == \"container held\" and .container == \"$1\""
	check_match "$1: why" "$3" "$(log ".message == \"container held\" and .container == \"$1\"" | jq -r .why)"
	talks_on "$1"
	check "$1: nothing gets out" 0 "$(counted_of bridge "$everything" "$2")"
	check_match "$1: list knows why" "$3" "$(listed "$1" 'select(.held) | .why')"
	check_true "$1: docker is not disturbed" is_running "$1"
}

allows() { # NUMBER PROTOCOL: does it come from now on?
	local before
	count
	before=$(counted_of bridge "$2" "$1")
	counts_more() { count && [ "$(counted_of bridge "$2" "$1")" -gt "$before" ]; }
	wait_until 5 counts_more "$1" "$2"
}

drops() { # NAME NUMBER PROTOCOLS: does none of it come from now on?
	local before
	count
	before=$(counted_of bridge "$3" "$2")
	talks_on "$1"
	[ "$(counted_of bridge "$3" "$2")" = "$before" ]
}

write_policy() { # NAME LINE...
	printf '%s\n' "${@:2}" >"$POLICIES/$1.policy.new"
	mv "$POLICIES/$1.policy.new" "$POLICIES/$1.policy"
}

reload() { # as SIGHUP does
	mark
	kill -HUP "$DAEMON"
}

daemon_start
say "labels that are wrong"
faulty typo 11 "policyctl.deny=udp tpc"
check_held typo 11 "policyctl\.deny.*1:5.*tpc"
faulty unknown 12 policyctl.dney=tcp
check_held unknown 12 "policyctl\.dney"
faulty default 13 policyctl.default.from=refuse
check_held default 13 "policyctl\.default\.from.*refuse"
faulty missing 14 policyctl.policy=later
check_held missing 14 "later(\.policy)?"

say "the missing file comes"
mark
write_policy later "deny from tcp"
check_logged "it is in force" '.container == "missing" and (.message == "policy changed" or .message == "policy in force")'
check_true "missing: UDP passes" allows 14 udp
check_true "missing: TCP does not" drops missing 14 tcp
check "missing: is not held any more" false "$(listed missing .held)"

say "a file that becomes wrong"
write_policy web "deny from tcp" "deny from icmp"
faulty filed 15 policyctl.policy=web
must wait_until 10 in_force filed
mark
write_policy web "deny from tcp" "deny from" "deny to udp dport 99999"
check_logged "the file is refused" ".message == \"policy file refused\" and .file == \"$POLICIES/web.policy\""
details=$(log '.message == "policy file refused"' | jq -r .details)
check_match "with the place of the first error" 'web\.policy:2:' "$details"
check_match "and of the second" 'web\.policy:3:' "$details"
check_true "filed: what it had stays: UDP passes" allows 15 udp
check_true "filed: TCP and ICMP do not" drops filed 15 'tcp|icmp'
reload
check_logged "SIGHUP: it is refused again" '.message == "policy file refused"'
check_true "filed: what it had stays" drops filed 15 'tcp|icmp'
faulty lateweb 16 policyctl.policy=web
check_logged "one that starts now gets what was right last, or is held" \
	'.container == "lateweb" and (.message == "policy in force" or .message == "container held")'
check_true "lateweb: TCP and ICMP do not pass" drops lateweb 16 'tcp|icmp'
count
check "lateweb: nor did they" 0 "$(counted_of bridge 'tcp|icmp' 16)"
say "lateweb: $(log '.container == "lateweb"' | jq -r .message | one_line)"
mark
write_policy web "deny from udp" "deny from icmp"
check_logged "it is right again: changed for filed" '.message == "policy changed" and .container == "filed"'
check_true "filed: TCP passes" allows 15 tcp
check_true "filed: UDP and ICMP do not" drops filed 15 'udp|icmp'
mark
rm "$POLICIES/web.policy"
check_logged "it is gone: who asks for it is named" 'tostring | contains("web") and (contains("filed") or contains("file"))'
check_true "filed: what it had stays" drops filed 15 'udp|icmp'
write_policy web "deny from udp" "deny from icmp"

say "a file that is being written, a list that was fetched badly"
write_policy web "deny from tcp"
check_true "filed: UDP passes" allows 15 udp
mark
: >"$POLICIES/web.policy"
check_logged "an empty policy is refused" '.message == "policy file refused" and (.details | contains("this policy is empty"))'
check_true "filed: what it had stays" drops filed 15 tcp
printf '198.18.%d.0/24\n' 1 7 9 11 >"$POLICIES/feed.txt"
write_policy web 'set feed file "feed.txt"' "deny from any peer @feed"
check_logged "a set: its size is logged" '.message == "policy file read" and .sets == "feed 4"'
check_logged "  it is in force" '.message == "policy changed" and .container == "filed"'
check_true "filed: it is denied" drops filed 15 "$everything"
mark
: >"$POLICIES/feed.txt"
mv "$POLICIES/web.policy" "$POLICIES/web.policy.new"
mv "$POLICIES/web.policy.new" "$POLICIES/web.policy"
check_logged "the empty set is refused" '.message == "policy file refused" and (.details | contains("from 4 prefixes to 0"))'
check_true "filed: what it had stays" drops filed 15 "$everything"
reload
check_logged "a reload takes it as it is, with a warning" '.message == "policy file doubtful" and .level == "warning"'
check_logged "  and its size" '.message == "policy file read" and .sets == "feed 0"'
check_true "filed: everything passes" allows 15 tcp
mark
write_policy web "deny from udp" "deny from icmp"
check_logged "filed: as before" '.message == "policy changed" and .container == "filed"'

say "the configuration becomes wrong"
daemon_configure policy.on-error=perhaps
reload
check_logged "it is refused" '.level == "error" and (tostring | contains("on-error"))'
check_true "nothing changes" drops filed 15 'udp|icmp'
daemon_configure policy.on-error=unlabelled policy.on-reload-error=hold
reload
check_logged "a good one is taken" '.message == "reloaded"'
faulty typo2 17 "policyctl.deny=udp tpc"
check_logged "on-error=unlabelled: it is said" '.container == "typo2" and (tostring | contains("tpc"))'
check_true "on-error=unlabelled: as without labels" allows 17 'tcp'
mark
write_policy web "deny form tcp"
check_logged "on-reload-error=hold: held" '.message == "container held" and .container == "filed"'
check_true "on-reload-error=hold: nothing gets out" drops filed 15 "$everything"
daemon_configure
reload
write_policy web "deny from tcp"
check_true "right again: UDP passes" allows 15 udp

# From here on it would have a policy, and the kernel can lose packets where a qdisc is added.
bystander_check

say "a default policy for those without labels"
write_policy base "deny from icmp"
daemon_configure policy.unlabelled=base
faulty before 18
reload
check_true "one that runs gets it" wait_until 10 in_force before
check_true "before: ICMP does not pass" drops before 18 icmp
faulty plain 19 other.label=1
check_true "one that starts gets it" wait_until 10 in_force plain
talks_on plain
check "plain: ICMP never passed" 0 "$(counted_of bridge icmp 19)"
check_true "plain: TCP passes" allows 19 tcp
mark
daemon_configure
reload
check_logged "the default goes" '.message == "policy taken off" and .container == "plain"'
check_true "plain: ICMP passes" allows 19 icmp

say "without labels"
mark
must talk free 20 -- --rate 100 --seconds 0.5 198.18.1.1
count
check "all that it sent came, from the first packet on" "$(recorded free .sent.udp)" "$(counted_of bridge udp 20)"
must d start free
must wait_until 5 is_running free
check "nothing stands on its veth" "" "$(hooks_of "$(veths_of free)")"
finish
