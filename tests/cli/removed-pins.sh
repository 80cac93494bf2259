#!/bin/bash
# Pins below /sys/fs/bpf/policyctl are removed: enforcement goes on, policyctl says so, and can take it off.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms

say "what is attached can still be taken off, exactly"
before=$(snapshot)
for pin in xdp guard tc rule_stats; do
	does attach veth0 --deny tcp
	remember
	must rm $PINS/net-*/*/1/$pin
	policyctl show veth0
	check_match "without the pin $pin: show says what happened" "somebody removed or replaced pins" "$ERR"
	policyctl apply veth0 --deny udp
	check "  apply fails" 1 "$STATUS"
	check_arrives "  the policy stays in force" from 2 "4:tcp/80 0" "4:udp/53 2"
	does detach veth0
	check_same "  all is as before" "$before" "$(snapshot)"
done
# For each of them it could open the pins again, and keep other commands waiting meanwhile.
need strace
does attach veth0 --deny tcp
remember
must rm $PINS/net-*/*/1/policy_text
cat >"$WORK/traced" <<-END
	#!/bin/sh
	exec strace -D -qq -e trace=flock -o $WORK/locks "$POLICYCTL" "\$@"
END
chmod +x "$WORK/traced"
POLICYCTL=$WORK/traced monitor gone
sent_from 500 4:tcp/80 >/dev/null
monitor_end gone
check "without the pin policy_text: monitor shows the packets" 500 "$(grep -c 'DROP a policy that is gone' "$WORK/gone")"
check "  and does not look for each where the policy is" 1 "$(($(grep -c LOCK_EX "$WORK/locks") < 20))"
does detach veth0

does attach veth0 --deny tcp
remember
must rm $PINS/net-*/subscriptions
monitor deaf
monitor_end deaf
check_match "without the pin subscriptions: monitor says that it hears nothing" "^policyctl: veth0: somebody removed the pins" "$(<"$WORK/deaf.err")"
does apply veth0 --deny tcp --deny udp
remember
monitor hears
sent_from 3 4:tcp/80 >/dev/null
monitor_end hears
check "  applied: it hears all" "3 0 0" "$(monitor_sums hears)"
check "  and says nothing of it" 0 "$(grep -c removed "$WORK/hears.err")"
does detach veth0

does attach veth0 --deny tcp
remember
must rm $PINS/net-*/*/1/xdp
must ip -n host link del veth0
policyctl list
check_match "without the pin xdp, the interface gone: no other is touched" "^policyctl: veth0 .ifindex [0-9]+. is gone: state removed$" "$ERR"
finish
