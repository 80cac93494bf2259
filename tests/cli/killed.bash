# shellcheck shell=bash
# Commands that are killed at their system calls: what killed.sh and killed-shape.sh share. CALLS names the calls, LEAST
# how many points there are to be at least. EVERY=4 kills at every fourth of them, which tests/run.sh does without --all.

# Kills the command as it enters each of these calls in turn. STEP checks one round and prepares the next.
walk() { # STEP ARGUMENTS...
	local step=$1 call n count=0 every=${EVERY:-1} seen=0
	local -a numbers
	shift
	BROKEN=""
	for call in $CALLS; do
		mapfile -t numbers < <(points "$call" "$@")
		STATUS=137 ROUND=0
		"$step" "$call, not killed"
		for n in ${numbers[@]+"${numbers[@]}"}; do
			seen=$((seen + 1))
			[ $((seen % every)) = 0 ] || continue
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
	check_true "  these are enough points to mean something" test "$count" -ge $((${LEAST:-41} / every))
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
