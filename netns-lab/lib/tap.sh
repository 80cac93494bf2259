# shellcheck shell=bash
# TAP output that says what was done, expected and seen. The counts are in a file, since each experiment runs in a
# subshell that may end in the middle.

TAP_COUNTS=
TAP_CONTEXT=

tap_begin() {
	TAP_COUNTS=$(mktemp) || die "no temporary file"
	echo "0 0 0" >"$TAP_COUNTS"
	echo "TAP version 13"
}

# tap_line ok|"not ok" failed skipped TEXT
tap_line() {
	local number failed skipped
	read -r number failed skipped <"$TAP_COUNTS"
	number=$((number + 1))
	echo "$number $((failed + $2)) $((skipped + $3))" >"$TAP_COUNTS"
	echo "$1 $number - $TAP_CONTEXT: $4"
}

pass() {
	tap_line ok 0 0 "$1"
}

fail() {
	tap_line "not ok" 1 0 "$1"
}

skip() {
	tap_line ok 0 1 "$1 # SKIP $2"
}

# The plan at the end; the status of the whole run.
tap_end() {
	local number failed skipped
	read -r number failed skipped <"$TAP_COUNTS"
	rm -f "$TAP_COUNTS"
	echo "1..$number"
	echo "# $number assertions, $failed failed, $skipped skipped, ${SECONDS}s"
	[ "$failed" = 0 ] || return 1
	[ "$skipped" = 0 ] || return 77
}

say() {
	echo "# $*"
}

# Indented, as terminal output.
quote() {
	sed '/^[[:space:]]*$/d; s/^/#     /; s/[[:space:]]*$//'
}

# check WHAT EXPECTED SEEN: both must be the same.
check() {
	echo "#   expected: $2"
	sed '1s/^/#   seen:     /; 2,$s/^/#             /' <<<"$3"
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1"; fi
}

# check_same WHAT BEFORE AFTER: texts of many lines; prints the difference.
check_same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		diff <(echo "$2") <(echo "$3") | quote
		fail "$1"
	fi
}

# check_match WHAT REGEX SEEN: prints the part of SEEN that matches, or all of it if none does.
check_match() {
	local seen=${3:-(nothing)}
	echo "#   expected: /$2/"
	[[ ! $3 =~ $2 ]] || seen=${BASH_REMATCH[0]}
	sed '1s/^/#   seen:     /; 2,$s/^/#             /' <<<"$seen"
	if [[ $3 =~ $2 ]]; then pass "$1"; else fail "$1"; fi
}

# do_in ROOM COMMAND...: prints and runs it. Its output is in $SAW; its status is returned, and in $STATUS.
do_in() {
	local room=$1
	shift
	say "$room# $*"
	SAW=$(run_in "$room" "$@" 2>&1)
	STATUS=$?
	[ -z "$SAW" ] || quote <<<"$SAW"
	return $STATUS
}

# The same; the experiment ends if it fails.
must_in() {
	do_in "$@" && return
	shift
	fail "$* (exit status $STATUS)"
	exit 1
}
