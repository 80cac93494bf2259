#!/bin/bash
# Every example that --help and the manual pages print does what it says: each is run as it stands, in the order of
# loader/cli/examples.c. Those of the sidecar need a container: docker.sidecar has it.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need script dot
new_netns host container
IFACE=veth6c30d72
new_veth $IFACE container 0
mkdir "$WORK/here"
printf 'default to deny\nallow to tcp dport 22\n' >"$WORK/here/web.policy"
printf '[policy]\ndirectory = %s\n' "$WORK/here" >"$WORK/here/policyctl.conf"

# The shell finds `policyctl` as a user's does.
as_typed() { # LINE
	(cd "$WORK/here" && PATH=$POLICYCTL_BUILD:$PATH in_host timeout 30 bash -c "$1") >"$WORK/stdout" 2>"$WORK/stderr"
}

# Packets that its policy drops, until the command has seen enough.
with_drops() { # LINE
	policyctl apply veth6c30d72 --deny tcp
	(while sleep 0.2; do sent_from 30 4:tcp/443 >/dev/null; done) &
	local sender=$!
	as_typed "$1"
	STATUS=$?
	kill $sender
	wait $sender
}

# What --help prints as examples.
printed() {
	local command
	policyctl --help
	echo "$OUT"
	while read -r command; do
		policyctl "$command" --help
		echo "$OUT"
	done < <(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$OUT")
}

# In the order of the table, not of the commands.
ordered() {
	sed -n 's/.*"\(policyctl [a-z][^"]*\)" },$/\1/p' "$TESTS/../loader/cli/examples.c"
}

say "what is printed is what is tested"
ordered >"$WORK/ordered"
check_true "there are examples" test "$(wc -l <"$WORK/ordered")" -gt 25
check "each is printed by some --help" "" "$(grep -vxFf <(printed | sed -n 's/^  \(policyctl .*\)/\1/p') "$WORK/ordered")"

say "each does what it says"
while read -r line; do
	case $line in
	*" sidecar "*) continue ;;
	*" stats --watch")
		(cd "$WORK/here" && PATH=$POLICYCTL_BUILD:$PATH in_host timeout 3 script -qec "$line" /dev/null) >"$WORK/stdout" </dev/null
		check_match "$line: shows the interface" veth6c30d72 "$(<"$WORK/stdout")"
		continue
		;;
	*" monitor "* | *" capture "*) with_drops "$line" ;;
	*" daemon --check")
		as_typed "$line --config policyctl.conf" # the machine has none of its own here
		STATUS=$?
		;;
	*" doctor")
		as_typed "$line" # 3: something of this machine is not as it should be
		STATUS=$?
		[ "$STATUS" != 3 ] || STATUS=0
		;;
	*" diff "*)
		as_typed "$line" # 3: there is a difference
		STATUS=$?
		check "it finds a difference" 3 "$STATUS"
		STATUS=0
		;;
	*)
		as_typed "$line" </dev/null
		STATUS=$?
		;;
	esac
	if [ "$STATUS" = 0 ]; then
		pass "$line"
	else
		fail "$line" "status $STATUS" "$(<"$WORK/stdout")" "$(<"$WORK/stderr")"
	fi
done <"$WORK/ordered"
check_true "the capture is there" test -s "$WORK/here/dropped.pcapng"
finish
