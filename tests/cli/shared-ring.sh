#!/bin/bash
# The ring buffer of events: one for all attachments of a namespace whose policies log, there from the first of them
# to the last attachment.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
new_netns second
new_veth veth1 second 1
cd "$WORK" || exit 1

rings() { find "$PINS" -name events 2>/dev/null; }

ring() { bpftool -j map show pinned "$(rings)" | jq .id; }

# Which of the programs on an interface use the ring.
users() { # IFACE
	local program ids
	for program in $(xdp_id "$1") $(tc_id "$1"); do
		ids=$(maps_of "$program")
		grep -qx "$(ring)" <<<"$ids" && echo yes || echo no
	done | one_line
}

echo 'deny tcp dport 9 log' >logs.policy
echo 'deny to udp dport 9 log' >logs-to.policy
before=$(snapshot)
does attach veth0 --deny tcp
check "no policy logs: there is none" "" "$(rings)"
does apply veth0 --policy logs.policy
remember
first=$(ring)
check "both programs use it" "yes yes" "$(users veth0)"
does attach veth1 --policy logs-to.policy
remember
check "those of the other interface share it" "yes yes" "$(users veth1)"
does apply veth0 --policy logs-to.policy
check "it is the same after an apply" "$first yes yes" "$(ring) $(users veth0)"
check_arrives "what is logged is judged too" to 2 "4:udp/9 0" "4:udp/10 2"
does detach veth1
check "one detached: it stays" "$first" "$(ring)"
does apply veth0 --deny tcp
check "nobody logs any more: it stays for who reads it" "$first" "$(ring)"
does detach veth0
check "it goes with the last attachment" "" "$(rings)"
check_true "from the kernel too" wait_until 10 none_known_left
check_same "all is as before" "$before" "$(snapshot)"
finish
