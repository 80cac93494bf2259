# shellcheck shell=bash
# Commands in the rooms of the lab, and processes in the background, each identified by its pid and start time.

# Indented, as terminal output.
quote() {
	sed '/^[[:space:]]*$/d; s/^/#     /; s/[[:space:]]*$//'
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

# Field 22 of /proc/PID/stat; the second field, the name, may contain blanks.
start_time() {
	local stat
	{ stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086 # fields
	set -- $stat
	[ "$1" != Z ] && echo "${20}"
}

is_alive() { # PID START-TIME
	[ "$(start_time "$1")" = "$2" ]
}

is_over() {
	! is_alive "$@"
}

# spawn ROOM NAME COMMAND...: in the background, output in $LAB_STATE/NAME.{out,err}. Sets SPAWNED. The command writes
# into pipes: where AppArmor confines it (tcpdump on Ubuntu), it may not write to our files. It does not inherit our
# stdout and stderr, or a reader of those would wait for its end.
spawn() {
	local room=$1 name=$2
	shift 2
	# Empties the files first: a script that waits for a line must not find one of an earlier process.
	: >"$LAB_STATE/$name.out"
	: >"$LAB_STATE/$name.err"
	nsenter --net="/run/netns/$(namespace_of "$room")" -- "$@" \
		> >(exec cat >>"$LAB_STATE/$name.out" 2>&1) 2> >(exec cat >>"$LAB_STATE/$name.err" 2>&1) </dev/null &
	SPAWNED=$!
	echo "$SPAWNED $(start_time $SPAWNED) $name" >>"$LAB_STATE/pids"
}

# end PID [SIGNAL]: only a process that spawn started.
end() {
	local pid start name
	while read -r pid start name; do
		[ "$pid" = "$1" ] || continue
		is_alive "$pid" "$start" || continue
		kill -s "${2:-TERM}" "$pid"
		wait_until 5 is_over "$pid" "$start" || echo "lab: $name ($pid) does not end" >&2
	done <"$LAB_STATE/pids"
}

# end_listed FILE: all processes that FILE lists as spawn does.
end_listed() {
	local pid start name
	[ -e "$1" ] || return 0
	while read -r pid start name; do
		is_alive "$pid" "$start" && kill -s TERM "$pid"
	done <"$1" 2>/dev/null
	while read -r pid start name; do
		wait_until 2 is_over "$pid" "$start" || kill -s KILL "$pid"
		wait_until 2 is_over "$pid" "$start" || echo "lab: $name ($pid) does not end" >&2
	done <"$1"
}
