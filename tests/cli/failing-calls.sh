#!/bin/bash
# Any system call may fail at any point. The message must then be true: attach left nothing, or apply left the old
# policy in force. What a failed detach leaves, the next one removes. EVERY=1 tries each call (default: see points in
# lib.sh).
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need strace
new_rooms

# Runs the command again and again; each time another call of this kind fails. STEP checks one round and prepares the
# next.
walk() { # SYSCALL ERROR STEP ARGUMENTS...
	local -a numbers
	mapfile -t numbers < <(points "$1" "${@:4}")
	walk_at "" "$@"
}

# The same with calls counted for each thread, since several threads load programs.
walk_threads() { # SYSCALL ERROR STEP ARGUMENTS...
	local -a numbers
	in_host "$POLICYCTL" "${@:4}" >/dev/null 2>&1
	mapfile -t numbers < <(seq 1 2 40)
	walk_at -f "$@"
}

walk_at() { # STRACE-OPTION SYSCALL ERROR STEP ARGUMENTS...
	local option=$1 call=$2 error=$3 step=$4 n count=0
	shift 4
	BROKEN=""
	STATUS=0 ERR=""
	"$step" "$call, none failing"
	for n in "${numbers[@]}"; do
		# shellcheck disable=SC2086 # none, or one word
		in_host strace $option -qq -o /dev/null -e "trace=$call" -e "inject=$call:error=$error:when=$n" \
			"$POLICYCTL" "$@" >"$WORK/stdout" 2>"$WORK/stderr"
		STATUS=$?
		ERR=$(<"$WORK/stderr")
		count=$((count + 1))
		"$step" "$call $n"
	done
	[ "$count" != 0 ] || broken "$call" "was not called at all"
	check "policyctl $*: with one of $call failing with $error, at $count points" "" "$BROKEN"
}

broken() { # POINT WHAT
	BROKEN+="$1: $2 [status $STATUS: $ERR]"$'\n'
}

# Either the call was not needed and the command succeeded, or it reported the failure.
answered() { # POINT
	[ "$STATUS" = 0 ] || { [ "$STATUS" = 1 ] && [ -n "$ERR" ]; } || broken "$1" "no answer"
}

programs() { # both ids
	{ ip -n host -j link show dev veth0; tc -n host -j filter show dev veth0 egress; } |
		jq -sc '[.[0][0].xdp.prog.id, .[1][1].options.prog.id]'
}

as_before() { # POINT
	local now
	now=$(snapshot)
	[ "$now" = "$BEFORE" ] || broken "$1" "left: $(diff -U0 <(echo "$BEFORE") <(echo "$now"))"
}

# The failure came after the work was done.
says_in_force() {
	[[ $ERR = *"(the policy is in force)"* ]]
}

enforcing() { # POINT
	in_host "$POLICYCTL" list --json | jq -e '.[0].enforcing' >/dev/null || broken "$1" "not enforcing"
}

after_attach() { # POINT
	answered "$1"
	if [ "$STATUS" = 0 ] || says_in_force; then enforcing "$1"; else as_before "$1"; fi
	in_host "$POLICYCTL" detach veth0 >/dev/null 2>&1
}

after_apply() { # POINT
	answered "$1"
	if [ "$STATUS" = 0 ] || says_in_force; then
		enforcing "$1"
		[ "$(programs)" != "$IDS" ] || broken "$1" "still the old programs"
	else
		[ "$(programs)" = "$IDS" ] || broken "$1" "not the old programs"
	fi
	in_host "$POLICYCTL" apply veth0 --deny tcp >/dev/null 2>"$WORK/next" || broken "$1" "next: $(<"$WORK/next")"
	IDS=$(programs)
}

after_detach() { # POINT
	answered "$1"
	{ [ "$STATUS" = 0 ] && [ -z "$ERR" ]; } || in_host "$POLICYCTL" detach veth0 >/dev/null 2>&1
	as_before "$1"
	in_host "$POLICYCTL" attach veth0 --deny tcp >/dev/null 2>"$WORK/next" || broken "$1" "next: $(<"$WORK/next")"
}

BEFORE=$(snapshot)
walk sendto EPERM after_attach attach veth0 --deny tcp
walk bpf ENOMEM after_attach attach veth0 --deny tcp
walk_threads bpf ENOMEM after_attach attach veth0 --deny tcp
walk mkdir ENOSPC after_attach attach veth0 --deny tcp

does attach veth0 --deny tcp
IDS=$(programs)
walk sendto EPERM after_apply apply veth0 --deny tcp --deny udp
walk bpf ENOMEM after_apply apply veth0 --deny tcp --deny udp
walk_threads bpf ENOMEM after_apply apply veth0 --deny tcp --deny udp
walk mkdir ENOSPC after_apply apply veth0 --deny tcp --deny udp
walk membarrier EINVAL after_apply apply veth0 --deny tcp --deny udp
walk unlink EIO after_apply apply veth0 --deny tcp --deny udp

walk sendto EPERM after_detach detach veth0
walk bpf ENOMEM after_detach detach veth0
walk unlink EIO after_detach detach veth0
does detach veth0
check_same "all is as before" "$BEFORE" "$(snapshot)"
finish
