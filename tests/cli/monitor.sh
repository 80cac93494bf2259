#!/bin/bash
# policyctl monitor: a line for each packet that is dropped, of every protocol and in both directions.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need script
new_rooms
cd "$WORK" || exit 1

cat >some.policy <<'POLICY'
deny tcp dport 81
deny udp dport 81
deny udplite dport 81
deny sctp dport 81
deny dccp dport 81
deny icmp type echo-request
deny icmpv6 type echo-request
deny gre
deny proto 253
allow tcp dport 82 log
POLICY
does attach veth0 --policy some.policy
remember

v4="4:tcp/81 4:udp/81 4:udplite/81 4:sctp/81 4:dccp/81 4:icmp/8 4:47 4:253 4:tcp/82 4:tcp/83"
v6="6:tcp/81 6:udp/81 6:udplite/81 6:sctp/81 6:dccp/81 6:icmpv6/128 6:47 6:253 6:tcp/82 6:tcp/83"
send_all() {
	# shellcheck disable=SC2086 # lists of words
	"sent_$1" 3 $v4 $v6 >/dev/null
}

# COUNT DIRECTION VERDICT RULE FAMILY PROTOCOL DPORT-OR-TYPE, sorted.
wanted() {
	local direction rule
	for direction in from to; do
		rule=0
		for protocol in 6:81 17:81 136:81 132:81 33:81; do
			rule=$((rule + 1))
			echo "3 $direction deny $rule ipv4 ${protocol/:/ }"
			echo "3 $direction deny $rule ipv6 ${protocol/:/ }"
		done
		echo "3 $direction deny 6 ipv4 1 8"
		echo "3 $direction deny 7 ipv6 58 128"
		for family in ipv4 ipv6; do
			echo "3 $direction deny 8 $family 47 "
			echo "3 $direction deny 9 $family 253 "
			echo "3 $direction allow 10 $family 6 82"
		done
	done | sort
}

STARTED=$(date +%s)
monitor lines
monitor objects --json veth0
send_all from
send_all to
monitor_end lines
check "it ends with status 0" 0 "$STATUS"
monitor_end objects INT
check "at Ctrl-C too" 0 "$STATUS"
seen=$(jq -r 'select(.decided_by) | "\(.direction) \(.verdict) \(.decided_by.id) \(.family) \(.protocol_number) \(.dport // .type // "")"' objects |
	sort | uniq -c | sed 's/^ *//' | sort)
check_same "an object for each, with what decided it" "$(wanted)" "$seen"
check "a line for each" "$(jq -r 'select(.text) | .text' objects)" "$(sed 's/^.* | //' lines)"
check "of the same rules" "$(jq -r 'select(.text) | "rule \(.decided_by.id): \(.decided_by.text)"' objects)" \
	"$(sed 's/^.* \(rule .*\) | .*/\1/' lines)"
check "dropped: as many as were counted" "$(counted veth0 dropped)" "$(grep -c ' DROP ' lines)"
check "logged: those that passed" 12 "$(grep -c ' pass ' lines)"
check "what it says at the end" "108 0 0" "$(monitor_sums lines)"
check "the same as JSON" '{"lines":108,"shown":108,"filtered":0,"lost":0,"lost_passed":0}' \
	"$(jq -c 'select(.summary) | .summary' objects)"
check_match "a line" '^[0-9:]{8}\.[0-9]{6} veth0 from DROP rule 1: deny tcp dport 81 \| IP 198.18.0.2.40000 > 198.18.0.1.81: Flags \[S\], .*length 16$' \
	"$(head -1 lines)"
check "no colour where there is no terminal" 0 "$(grep -c $'\033' lines)"
check_true "times are those of day" test "$(jq 'select(.time) | .time | floor' objects | tail -1)" -ge "$STARTED"
check "in lines they are local" "$(date -d "@$(jq 'select(.time) | .time | floor' objects | head -n 1)" +%T)" "$(head -1 lines | cut -c -8)"

# On a terminal the verdict has a colour, and lines come at once.
TERM=xterm in_host script -qefc "$POLICYCTL monitor --count 1" terminal >/dev/null 2>&1 </dev/null &
terminal=$!
must wait_until 10 grep -q watching terminal
sent_from 1 4:tcp/81 >/dev/null
check_true "on a terminal it ends as well" wait "$terminal"
check "and DROP is red there" 1 "$(grep -c $'\033\[31mDROP \033\[0m' terminal)"

# Passed packets, packets that no rule decides, and implicit rules.
does apply veth0 --policy /dev/stdin <<'POLICY'
default deny
allow tcp dport 82
deny udp dport { 1001, 1003, 1005, 1007, 1009, 1011, 1013, 1015, 1017, 1019, 1021 }
POLICY
remember
monitor all --all
monitor every --all --json
sent_from 2 4:tcp/82 4:tcp/83 4:udp/1021 >/dev/null
sent_to 2 4:tcp/82 >/dev/null
must wait_until 5 grep -q 'to .*ARP' all
monitor_end all HUP
check "at a hangup too" 0 "$STATUS"
monitor_end every
policyctl stats veth0 --json
check "what decided is named as stats names it" "" "$(comm -23 \
	<(jq -r 'select(.decided_by) | .decided_by | "\(.kind): \(.text)"' every | sort -u) \
	<(jq -r '.[0].counters[] | "\(.kind): \(.text)"' <<<"$OUT" | sort -u))"
check "  rules, defaults and implicit ones" "default implicit rule" \
	"$(jq -r 'select(.decided_by) | .decided_by.kind' every | sort -u | one_line)"
check "--all: what passed" 4 "$(grep -c 'pass rule [0-9]*: allow tcp dport 82 | ' all)"
check "the default" 2 "$(grep -c 'from DROP default from deny | IP .*\.83: ' all)"
check_match "what the network keeps" 'from pass implicit allow arp \| ARP, Request who-has ' "$(cat all)"
check_match "a long rule is cut" 'DROP rule [0-9]*: deny udp dport \{ 1001, .{26,34}\.\.\. \| ' "$(cat all)"
# shellcheck disable=SC2030,SC2031 # its own shell
check "and without --all they are not there" 0 "$(grep -c ' pass ' <(
	monitor few
	sent_from 2 4:tcp/82 4:tcp/83 >/dev/null
	monitor_end few
	cat few
))"

# A frame without ports.
policyctl apply veth0 --deny tcp/81
monitor unknown --json
must in_container /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
s.send(bytes([2] * 12) + b"\x08\x00" + bytes([0x45, 0, 0, 22, 0, 9, 0, 0, 64, 6, 0, 0, 198, 18, 0, 2, 198, 18, 0, 1]) + b"ab")'
must wait_until 5 test -s unknown
monitor_end unknown
check "the reason, and what it means" 'l4-short the ports or the ICMP type are not in the packet' \
	"$(jq -r 'select(.reason) | "\(.reason) \(.reason_meaning)"' unknown)"
does detach veth0
finish
