#!/bin/bash
# The arguments of monitor: filters in the words of the policy language, and the interface.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
new_netns second
new_veth veth1 second 1
cd "$WORK" || exit 1

printf 'deny tcp dport { 81, 82 }\ndeny udp\nallow to tcp dport 83 log\n' >some.policy
does attach veth0 --policy some.policy
does attach veth1 --policy some.policy
remember

# The packets: in both directions of veth0, and to the container behind veth1.
send_all() {
	sent_from 2 4:tcp/81 6:tcp/82 4:udp/53 >/dev/null
	sent_to 2 4:tcp/81 6:tcp/82 4:udp/53 4:tcp/83 >/dev/null
	"$CLI_PROBE" send /run/netns/host veth1 /run/netns/second eth0 2 4:tcp/81 >/dev/null
}

# 16 packets are sent. Up to eight monitors run at a time, each with another filter.
filters=(
	"16|"
	"14|veth0"
	"2|dev veth1"
	"6|from"
	"4|veth0 to tcp dport { 81, 82 }"
	"6|port 81"
	"6|veth0 verdict drop from"
	"2|verdict pass"
	"12|tcp sport 40000"
	"4|host 2001:db8::2"
	"2|tcp peer 198.18.1.1"
	"4|rule 2"
	"0|default"
	"2|log"
	"0|reason any"
)
start=0
while [ "$start" -lt "${#filters[@]}" ]; do
	some=("${filters[@]:start:4}")
	for i in "${!some[@]}"; do
		filter=${some[i]#*|}
		# shellcheck disable=SC2086 # the words of the filter
		monitor "m$i" $filter
	done
	send_all
	for i in "${!some[@]}"; do
		monitor_end "m$i"
		read -r shown filtered lost <<<"$(monitor_sums "m$i")"
		check "policyctl monitor ${some[i]#*|}" "${some[i]%%|*} lines, 0 lost" "$(grep -c . "m$i") lines, $lost lost"
		case ${some[i]#*|} in
		*veth0*) all=14 ;;
		*veth1*) all=2 ;;
		*) all=16 ;;
		esac
		check "  shown and filtered out: all there were" "$all" "$((shown + filtered))"
	done
	start=$((start + 4))
done

monitor quoted 'tcp dport { 81, 82 } from'
send_all
monitor_end quoted
check "a filter in quotes" 4 "$(grep -c 'from DROP' quoted)"

monitor counted --count 3 veth0 --json udp
send_all
check_true "--count: it ends by itself" wait "${MONITORS[counted]}"
check "after so many lines" 3 "$(jq -c 'select(.text)' counted | grep -c .)"

# An interface with the name of a filter word.
must ip -n host link set veth1 down
must ip -n host link set veth1 name tcp
must ip -n host link set tcp up
monitor word tcp
check_match "it says how the word was read" 'tcp is a word of the filter here; for the interface say dev tcp' "$(cat word.err)"
monitor_end word
monitor device dev tcp
check_match "with dev it is the interface" 'watching tcp' "$(cat device.err)"
monitor_end device

# Mistakes.
for filter in "from tpc" "veth0 tcp dport 70000" "reason tired" "port not 80" "tcp --count 0" "tcp --count x" "--rate 0" \
	"--rate -1" "tcp peer @office" "dev" "icmp dport 7" "--nonsense"; do
	# shellcheck disable=SC2086 # the words of the filter
	policyctl monitor $filter
	check "policyctl monitor $filter" 2 "$STATUS"
done
policyctl monitor veth0 tcp dport 70000
check "the message points at it" "FILTER:1:11: error: port 70000 is larger than 65535
    tcp dport 70000
              ^~~~~" "$ERR"
policyctl monitor veth9
check "no such interface" 4 "$STATUS"
policyctl monitor eth7 tcp
check "nor with a filter" 4 "$STATUS"
must in_host ip link add plain type veth peer name plain1
policyctl monitor plain
check "nothing attached there" 4 "$STATUS"
does detach veth0
does detach tcp
finish
