#!/bin/bash
# kill -9 at any point of attach, apply and detach of a policy with a live set: the set is filled whenever its policy is
# in force, and gone when no policy names it.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
. "$(dirname "$0")/killed.bash"
need strace jq
new_rooms
# By hand, at every call: CALLS="bpf mkdir unlink rmdir flock mmap" takes an hour.
CALLS=${CALLS:-mkdir rmdir}
LEAST=2
echo 'deny tcp peer @host' >"$WORK/live.policy"
HOST=4:tcp/80@198.18.0.1
OTHER=4:tcp/80@198.19.7.7

from_container() { # POINT EXPECTED
	local seen
	seen=$(sent_from 2 "$HOST" "$OTHER" 4:udp/53 2>&1 | awk '{ print $2 }' | one_line)
	[ "$seen" = "$2" ] || broken "$1" "arrives: $seen, not $2"
}

live_left() {
	find "$PINS" -path '*/live*' 2>/dev/null
}

# Old: nothing. New: @host is denied.
after_attach() { # POINT
	case $((ROUND % 3)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" attach veth0 --policy "$WORK/live.policy" ;;
	2) next "$1" "0 4" detach veth0 ;;
	esac
	consistent "$1"
	if [ -n "$(find "$PINS" -name meta 2>/dev/null)" ]; then
		from_container "$1" "0 2 2"
	elif [ -n "$(live_left)" ]; then
		broken "$1" "left: $(live_left)"
	fi
	next "$1" "0 4" detach veth0
	as_before "$1"
}

# Old: udp is denied. New: @host is. The other way round in the next round.
after_apply() { # POINT
	next "$1" "0" list
	consistent "$1"
	next "$1" "0" apply veth0 --policy "$WORK/live.policy"
	from_container "$1" "0 2 2"
	next "$1" "0" apply veth0 --deny udp
	from_container "$1" "2 2 0"
	[ -z "$(live_left)" ] || broken "$1" "left: $(live_left)"
}

BEFORE=$(snapshot)
EVERY=${EVERY:-60} walk after_attach attach veth0 --policy "$WORK/live.policy"
does attach veth0 --deny udp
remember
EVERY=${EVERY:-60} walk after_apply apply veth0 --policy "$WORK/live.policy"
remember
does detach veth0
check_same "all is as before" "$BEFORE" "$(snapshot)"
finish
