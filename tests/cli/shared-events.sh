#!/bin/bash
# The event maps: one set of them for all attachments of a namespace, from the first to the last attachment, so that a
# reader stays while policies come and go.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
new_netns second
new_veth veth1 second 1
cd "$WORK" || exit 1

NAMES="event_rings lost_events subscriptions"

# Their pins, and the ids of these maps.
pins() { find "$PINS" -name subscriptions -o -name event_rings -o -name lost_events 2>/dev/null | sort; }
maps() {
	local path
	for path in $(pins); do
		bpftool -j map show pinned "$path" | jq .id
	done | sort -n | one_line
}

# How many of these maps each program of an interface uses.
used() { # IFACE
	local program ids
	for program in $(xdp_id "$1") $(tc_id "$1"); do
		ids=$(maps_of "$program")
		maps | tr ' ' '\n' | grep -cxFf <(echo "$ids")
	done | one_line
}

changes() { # how many changes to attachments readers were told of
	bpftool -j map dump pinned "$(find "$PINS" -name subscriptions)" |
		jq '[.[0].value[-8:][] | if type == "string" then ltrimstr("0x") else . end][0]' |
		tr -d '"' | { read -r byte && echo $((16#$byte)); }
}

before=$(snapshot)
check "nothing attached: there are none" "" "$(pins)"
does attach veth0 --deny tcp
remember
first=$(maps)
check "attached: they are there" "$NAMES" "$(pins | xargs -n1 basename | one_line)"
check "both programs use them" "3 3" "$(used veth0)"
does attach veth1 --deny to:udp/9
remember
check "those of the other interface share them" "3 3" "$(used veth1)"
seen=$(changes)
does apply veth0 --deny udp
check "they are the same after an apply" "$first" "$(maps)"
check "its programs use them" "3 3" "$(used veth0)"
check "and readers can tell that something changed" $((seen + 1)) "$(changes)"
check_arrives "with nobody reading packets are judged" to 2 "4:udp/9 0" "4:tcp/9 2"
does detach veth1
check "one detached: they stay" "$first" "$(maps)"
check "readers are told" $((seen + 2)) "$(changes)"
does detach veth0
check "they go with the last attachment" "" "$(pins)"
check_true "from the kernel too" wait_until 10 none_known_left
check_same "all is as before" "$before" "$(snapshot)"
finish
