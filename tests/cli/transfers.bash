# shellcheck shell=bash
# Transfers that run while policies change: transfers.py.

TRANSFERS="$(dirname "${BASH_SOURCE[0]}")/transfers.py"

# A server for them on a port of NETNS.
serve_transfers() { # NETNS PORT
	spawn "$1" /usr/bin/python3 "$TRANSFERS" serve "$2"
	must wait_until 10 listens "$1" "$2"
}

# Opens transfers; their state is in $WORK/NAME.
transfer() { # NAME NETNS ADDRESS PORT KINDS [SPORT]
	rm -f "$WORK/$1"
	spawn "$2" /usr/bin/python3 "$TRANSFERS" run "$3" "$4" "$WORK/$1" "${@:5}" 2>"$WORK/$1.err"
	export TRANSFER=$! # its pid
	must wait_until 20 test -s "$WORK/$1"
}

# Numbers of transfers: "N alive", and how others ended.
transfers() { # NAME
	jq -r '[.[] | .[2]] | group_by(.) | map("\(length) \(.[0])") | join(", ")' "$WORK/$1"
}

# Remembers how far each is, so that `went_on` can tell.
mark_transfers() { # NAME
	cat "$WORK/$1" >"$WORK/$1.mark" # cp refuses a file that is replaced meanwhile
}

# How many of them have carried another BYTES since the mark.
gone_on() { # NAME [BYTES]
	jq -n --argjson bytes "${2:-640}" '[inputs] | .[0] as $now | .[1]
		| [to_entries[] | select($now[.key][1] >= .value[1] + $bytes)] | length' "$WORK/$1" "$WORK/$1.mark"
}

all_went_on() { # NAME COUNT [BYTES]
	[ "$(gone_on "$1" "${3:-640}")" = "$2" ]
}

# All have carried more since the mark, and are alive.
check_go_on() { # TEXT NAME COUNT [BYTES]
	wait_until 30 all_went_on "$2" "$3" "${4:-640}"
	check "$1" "$3 of $3: $3 alive" "$(gone_on "$2" "${4:-640}") of $3: $(transfers "$2")"
}

# None has carried anything for a while, in which COUNT others have.
check_stand() { # TEXT NAME OTHERS COUNT
	mark_transfers "$3" # what was on its way when they were cut is reported by then
	wait_until 30 all_went_on "$3" "$4"
	mark_transfers "$2"
	mark_transfers "$3"
	wait_until 30 all_went_on "$3" "$4" 1280
	check "$1" 0 "$(gone_on "$2" 1)"
}

letters() { # KINDS TIMES
	local text="" i
	for ((i = 0; i < $2; i++)); do text+=$1; done
	echo "$text"
}
