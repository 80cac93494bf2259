#!/bin/bash
# kill -9 at any point of attach, apply and detach: enforcement is never less than with the old or the new policy, and
# the next command repairs the rest. EVERY=1 stops at each call (default: see points in lib.sh).
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need strace
new_rooms
CALLS="bpf sendto mkdir rmdir unlink flock getsockopt membarrier openat"

# Kills the command as it enters each of these calls in turn. STEP checks one round and prepares the next.
walk() { # STEP ARGUMENTS...
	local step=$1 call n count=0
	local -a numbers
	shift
	BROKEN=""
	for call in $CALLS; do
		mapfile -t numbers < <(points "$call" "$@")
		STATUS=137 ROUND=0
		"$step" "$call, not killed"
		for n in ${numbers[@]+"${numbers[@]}"}; do
			in_host strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
				"$POLICYCTL" "$@" >"$WORK/stdout" 2>"$WORK/stderr"
			STATUS=$?
			# 0: it made fewer calls than when they were counted, since it reads /proc.
			case $STATUS in
			137) count=$((count + 1)) ;;
			0) ;;
			*) broken "$call $n" "not killed: status $STATUS $(<"$WORK/stderr")" ;;
			esac
			ROUND=$((ROUND + 1))
			"$step" "$call $n"
		done
	done
	check "policyctl $*: killed at $count points" "" "$BROKEN"
	check_true "  these are enough points to mean something" test "$count" -gt 40
}

broken() { # POINT WHAT
	BROKEN+="$1: $2"$'\n'
}

arrives() { # POINT EXPECTED CLASS...: in both directions
	local direction seen
	for direction in from to; do
		seen=$("sent_$direction" 2 "${@:3}" 2>&1 | one_line)
		[ "$seen" = "$2" ] || broken "$1" "$direction: $seen, not $2"
	done
}

next() { # POINT ALLOWED-STATUSES ARGUMENTS...
	local point=$1 statuses=$2 status
	shift 2
	in_host "$POLICYCTL" "$@" >"$WORK/stdout" 2>"$WORK/stderr"
	status=$?
	[[ " $statuses " = *" $status "* ]] || broken "$point" "then $*: status $status: $(<"$WORK/stderr")"
}

# Either complete, with one generation and no leftovers, or not there at all.
consistent() { # POINT
	local state
	next "$1" 0 list --json
	state=$(jq -c '[.[].enforcing]' "$WORK/stdout")
	case $state in
	"[true]") [ "$(find "$PINS" -name meta | wc -l)" = 1 ] || broken "$1" "$(find "$PINS")" ;;
	"[]") as_before "$1" ;;
	*) broken "$1" "list says $state" ;;
	esac
}

as_before() { # POINT
	local now
	now=$(snapshot)
	[ "$now" = "$BEFORE" ] || broken "$1" "left: $(diff -U0 <(echo "$BEFORE") <(echo "$now"))"
}

# Old: nothing. New: deny tcp. Never more is denied than by the new policy.
after_attach() { # POINT
	arrives "$1" "4:udp/53 2" 4:udp/53
	case $((ROUND % 4)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" attach veth0 --deny tcp ;;
	2) next "$1" "0 4" apply veth0 --deny tcp --deny udp ;;
	3) next "$1" "0 4" detach veth0 ;;
	esac
	consistent "$1"
	next "$1" "0 4" detach veth0
	as_before "$1"
}

# Old: deny tcp. New: deny tcp and udp. TCP is denied whatever happens.
after_apply() { # POINT
	arrives "$1" "4:tcp/80 0 6:tcp/80 0 4:icmp/8 2" 4:tcp/80 6:tcp/80 4:icmp/8
	case $((ROUND % 4)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" apply veth0 --deny tcp --deny udp ;;
	2) next "$1" "0 1" attach veth0 --deny tcp ;;
	3) next "$1" "0" show veth0 ;;
	esac
	consistent "$1"
	next "$1" "0" apply veth0 --deny tcp
}

# Old: deny tcp. New: nothing.
after_detach() { # POINT
	arrives "$1" "4:udp/53 2" 4:udp/53
	case $((ROUND % 3)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" attach veth0 --deny tcp ;;
	2) next "$1" "0 4" detach veth0 ;;
	esac
	consistent "$1"
	next "$1" "0 4" detach veth0
	as_before "$1"
	next "$1" "0" attach veth0 --deny tcp
}

BEFORE=$(snapshot)
walk after_attach attach veth0 --deny tcp
does attach veth0 --deny tcp
remember
walk after_apply apply veth0 --deny tcp --deny udp
remember
walk after_detach detach veth0
remember
does detach veth0
check_same "all is as before" "$BEFORE" "$(snapshot)"
finish
