# shellcheck shell=bash
# Checks, in TAP: a line for each, and the plan at the end. The tests and the lab use these words. Counts are in a file,
# since a subshell may check something too.

SKIP=77
TAP_COUNTS=  # that file: how many checks, how many of them failed
TAP_CONTEXT= # stands before each text
TAP_STORY=   # not empty: tells of every check what was expected and seen, not only of those that fail

# What cannot run here says why.
skip() { # REASON...
	echo "1..0 # SKIP $*"
	exit "$SKIP"
}

need() { # TOOL...
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is missing"
	done
}

tap_begin() { # FILE for the counts
	TAP_COUNTS=$1
	echo "0 0" >"$TAP_COUNTS"
}

# The plan; false if something failed.
tap_end() {
	local checks failed
	read -r checks failed <"$TAP_COUNTS"
	echo "1..$checks"
	say "$checks checks, $failed failed, $SECONDS s"
	[ "$failed" = 0 ]
}

tap_line() { # ok|"not ok" FAILED TEXT
	local checks failed
	read -r checks failed <"$TAP_COUNTS"
	echo "$((checks + 1)) $((failed + $2))" >"$TAP_COUNTS"
	echo "$1 $((checks + 1)) - $TAP_CONTEXT$3"
}

tap_details() { # LINES...
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/#     /'
}

say() {
	echo "# $*"
}

pass() { # TEXT...
	tap_line ok 0 "$*"
}

fail() { # TEXT [DETAIL...]
	tap_line "not ok" 1 "$1"
	tap_details "${@:2}"
}

# In a story, details come first: this was expected, that was seen, so it is right.
tap_verdict() { # PASSED? TEXT DETAIL...
	[ -z "$TAP_STORY" ] || tap_details "${@:3}"
	if [ "$1" = yes ]; then
		pass "$2"
	elif [ -n "$TAP_STORY" ]; then
		fail "$2"
	else
		fail "${@:2}"
	fi
}

check() { # TEXT EXPECTED SEEN
	local passed=no
	[ "$2" != "$3" ] || passed=yes
	tap_verdict $passed "$1" "expected: ${2:-(nothing)}" "seen:     ${3:-(nothing)}"
}

check_same() { # TEXT BEFORE AFTER: many lines
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "$(diff -U0 --label before --label after <(echo "$2") <(echo "$3"))"
	fi
}

# Of what was seen, a story tells the part that matches.
check_match() { # TEXT REGEX SEEN
	local passed=no seen=${3:-(nothing)}
	if grep -qE -- "$2" <<<"$3"; then
		passed=yes
		[ -z "$TAP_STORY" ] || seen=$(grep -oE -m 1 -- "$2" <<<"$3")
	fi
	tap_verdict $passed "$1" "expected: /$2/" "seen:     $seen"
}

check_no_match() { # TEXT REGEX SEEN
	if grep -qE -- "$2" <<<"$3"; then fail "$1" "not expected: /$2/" "seen: $3"; else pass "$1"; fi
}

check_true() { # TEXT COMMAND...
	if "${@:2}" >"$TAP_COUNTS.out" 2>&1; then pass "$1"; else fail "$1" "${*:2}" "$(<"$TAP_COUNTS.out")"; fi
}

check_false() { # TEXT COMMAND...
	if "${@:2}" >"$TAP_COUNTS.out" 2>&1; then fail "$1" "${*:2}" "$(<"$TAP_COUNTS.out")"; else pass "$1"; fi
}
