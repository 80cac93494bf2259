# shellcheck shell=bash
# For scripts about the cache of a container engine: docker_engine_watch, its output, and checks.

WATCHED=$WORK/watched

watch_start() { # SOCKET
	[ -p "$WORK/watch.in" ] || must mkfifo "$WORK/watch.in"
	: >"$WATCHED"
	watch_mark
	exec {WATCH_IN}<>"$WORK/watch.in"
	nsenter --net=/run/netns/host "$DOCKER_PROGRAMS/docker_engine_watch" "$1" <&"$WATCH_IN" >"$WATCHED" 2>&1 &
	WATCH=$!
	SPAWNED+=("$WATCH")
}

# With the sanitizers a leak changes its exit status.
watch_end() {
	watch_ask end
	exec {WATCH_IN}>&-
	wait "$WATCH"
	check "the watcher ends well" 0 $?
	check "and had nothing to complain of" "" "$(grep -E 'Sanitizer|runtime error|policyctl:' "$WATCHED")"
}

watch_ask() { echo "$*" >&"$WATCH_IN"; }

# told and has_told look at the output from here on.
watch_mark() { TOLD_FROM=$(($(wc -l <"$WATCHED") + 1)); }

told() { # REGEX: lines without their time
	tail -n "+$TOLD_FROM" "$WATCHED" | sed -E 's/^[0-9]+\.[0-9]+ //' | grep -E -- "^($1)"
}

has_told() { # REGEX [TIMES]
	[ "$(told "$1" | wc -l)" -ge "${2:-1}" ]
}

check_told() { # TEXT REGEX [SECONDS]
	if wait_until "${3:-10}" has_told "$2"; then
		pass "$1"
	else
		fail "$1" "not told: $2" "$(tail -n "+$TOLD_FROM" "$WATCHED" | tail -n 15)"
	fi
}

# Whether a line that matches the first regex comes before one that matches the second, which may still be due.
check_told_before() { # TEXT REGEX REGEX
	local first
	first=$(told "$2|$3" | head -n 1)
	check_match "$1" "^($2)" "$first"
}

# "id name running" of each container in the cache.
mirror() {
	local all
	all=$(grep -c '^all ' "$WATCHED")
	watch_ask all
	must wait_until 5 one_more_list "$all"
	awk '/^ / { list = list $0 "\n" } /^all / { last = list } !/^ / { list = "" } END { printf "%s", last }' "$WATCHED" |
		sed -E 's/^ ([^ ]+) id=([^ ]+) running=([01]) .*/\2 \1 \3/' | sort
}

one_more_list() { # BEFORE
	[ "$(grep -c '^all ' "$WATCHED")" -gt "$1" ]
}
