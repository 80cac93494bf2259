#!/bin/bash
# policyctl capture: dropped packets in a file that other tools read. Each frame is compared byte for byte.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need tshark capinfos editcap mergecap tcpdump script
/usr/bin/python3 -c 'import scapy' 2>/dev/null || skip "python3-scapy is missing"
new_rooms
new_netns second
new_veth veth1 second 1
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$WORK" || exit 1

frames() { /usr/bin/python3 "$HERE/frames.py" "$@"; }

listens_to() { grep -qs 'watching' "$1.err"; }

# start NAME [OPTION...] : captures into NAME.pcapng until it is stopped; its pid is in $CAPTURE.
start() {
	spawn host "$POLICYCTL" capture "${@:2}" -w "$1.pcapng" 2>"$1.err"
	CAPTURE=$!
	wait_until 10 listens_to "$1" || fail "capture listens" "$(<"$1.err")"
}

# end_of NAME: stops it, as Ctrl-C does, and checks its messages.
end_of() {
	kill -INT "$CAPTURE"
	wait "$CAPTURE"
	check "capture $1 ends with status 0" 0 $?
}

fields() { # FILE FIELD...
	tshark -nr "$1" -T fields "${@:2}" 2>tshark.err
}

words() { # FILE FIELD...: with blanks between them. tshark escapes those inside of fields if it is to write them.
	fields "$@" | tr '\t' ' '
}

in_file() { # FILE: how many packets, as tshark counts them
	fields "$1" -e frame.number | wc -l
}

has_packets() { # FILE COUNT
	[ "$(in_file "$1")" -ge "$2" ]
}

summary() { # NAME
	tr -d , <"$1.err" | sed -n 's/^policyctl: \([0-9]* packets* captured [0-9]* lost\).*/\1/p'
}

# A capture that ends by itself, or is ended.
refused() { # FILE
	in_host timeout 20 "$POLICYCTL" capture veth0 -w "$1" 2>"$WORK/stderr"
	STATUS=$?
	ERR=$(<"$WORK/stderr")
}

cat >mail.policy <<'END'
deny from tcp dport 25
deny to udp dport 53
deny to tcp dport 25
allow from udp dport 99 log
deny from udp dport 1000-2000
END
before=$(snapshot)

say "nothing to watch"
echo precious >kept.pcapng
policyctl capture veth0 -w kept.pcapng
check "nothing attached: exit status 4" 4 "$STATUS"
check "  and the file is as it was" precious "$(<kept.pcapng)"

for mode in generic native; do
	say "each frame, $mode"
	does attach veth0 --policy mail.policy --mode $mode
	remember
	start each veth0
	sent=$(frames send container eth0 tcp/25 tcp/80 short vlan ipv6 udp/99 udp/1500+1400 alien
		frames send host veth0 tcp/25+100 udp/54 udp/53 arp vlan ipv6 short)
	passed="$(frames send container eth0 tcp/80
		frames send host veth0 udp/54 arp)"
	wait_until 5 has_packets each.pcapng 12
	end_of each
	expected=$(grep -vxF "$passed" <<<"$sent")
	check_same "$mode: what was dropped or logged, byte for byte and in order" "$expected" "$(frames read each.pcapng)"
	check "tshark finds nothing wrong with it" "" "$(grep -v 'as user' tshark.err)"
	check "what it says of itself" "12 packets captured 0 lost" "$(summary each)"
	check_same "interface, direction and comment" "$(
		cat <<'END'
veth0:from	0x00000001	drop by rule 1 (deny from tcp dport 25)
veth0:from	0x00000001	drop by rule 1 (deny from tcp dport 25): l4-short, the ports or the ICMP type are not in the packet
veth0:from	0x00000001	drop by rule 1 (deny from tcp dport 25)
veth0:from	0x00000001	drop by rule 1 (deny from tcp dport 25)
veth0:from	0x00000001	pass by rule 4 (allow from udp dport 99 log)
veth0:from	0x00000001	drop by rule 5 (deny from udp dport 1000-2000)
veth0:from	0x00000001	drop by rule 1 (deny from tcp dport 25): ethertype, an ethertype that is neither IP nor ARP
veth0:to	0x00000002	drop by rule 3 (deny to tcp dport 25)
veth0:to	0x00000002	drop by rule 2 (deny to udp dport 53)
veth0:to	0x00000002	drop by rule 3 (deny to tcp dport 25)
veth0:to	0x00000002	drop by rule 3 (deny to tcp dport 25)
veth0:to	0x00000002	drop by rule 3 (deny to tcp dport 25): l4-short, the ports or the ICMP type are not in the packet
END
	)" "$(fields each.pcapng -e frame.interface_name -e frame.packet_flags -e frame.comment)"
	check "tcpdump reads as many" 12 "$(tcpdump -nr each.pcapng 2>/dev/null | grep -vc 0x0)"
	check "tshark reads the addresses" 198.18.0.8 "$(fields each.pcapng -e ip.src | head -n 1)"
	does detach veth0
done

say "what stands around the packets"
does attach veth0 --policy mail.policy
remember
old=$(date +%s)
start times veth0
check "the file is for nobody else" 600 "$(stat -c %a times.pcapng)"
check "tcpdump reads it while it is empty" 0 "$(tcpdump -nr times.pcapng 2>&1 | grep -c 'IP\|bad\|no ')"
frames send container eth0 tcp/25 >sent
wait_until 5 has_packets times.pcapng 1
seen=$(fields times.pcapng -e frame.time_epoch)
check_match "times have nanoseconds" '^[0-9]+\.[0-9]{9}$' "$seen"
check "and are of this time" yes "$([ "${seen%.*}" -ge "$old" ] && [ "${seen%.*}" -le "$(date +%s)" ] && echo yes)"
end_of times
info=$(capinfos times.pcapng)
check_match "capinfos: the program" "Capture application: +policyctl $("$POLICYCTL" version | cut -d' ' -f2)" "$info"
check_match "capinfos: the kernel" "Operating system|Capture oper-sys: +Linux $(uname -r)" "$info"
check_match "capinfos: the first interface" 'Name = veth0:from' "$info"
check_match "capinfos: and the second" 'Name = veth0:to' "$info"
check_match "capinfos: has statistics" 'Number of stat entries = 1' "$info"
check_match "capinfos: is whole" 'File type: +Wireshark/... - pcapng' "$info"

say "large ones, and pieces of them"
must ip -n host link set veth0 mtu 9000
must ip -n container link set eth0 mtu 9000
start large veth0
start_large=$CAPTURE
start pieces veth0 --snaplen 60
sent=$(frames send container eth0 udp/1500+8900 tcp/25 udp/1001+30)
frames stream host 198.18.0.2 53 30000 1000
frames stream container 198.18.0.1 1500 60000 1200
wait_until 5 has_packets large.pcapng 5
wait_until 5 has_packets pieces.pcapng 5
end_of pieces
CAPTURE=$start_large
end_of large
check_same "whole" "$sent" "$(frames read large.pcapng | sed -n 1,3p)"
check "a GSO packet to the container, whole" "30042 30042 drop by rule 2 (deny to udp dport 53), counted as 30 packets" \
	"$(words large.pcapng -e frame.len -e frame.cap_len -e frame.comment | sed -n 4p)"
check "one that it sends" "60042 60042 drop by rule 5 (deny from udp dport 1000-2000)" \
	"$(words large.pcapng -e frame.len -e frame.cap_len -e frame.comment | sed -n 5p)"
check "its bytes" "$(/usr/bin/python3 -c 'print(bytes(n % 251 for n in range(60000)).hex())' | sha256sum)" \
	"$(frames read large.pcapng | sed -n 5p | cut -c85- | sha256sum)"
check "with a snaplen: as many bytes, and the lengths they had" "8942 60,54 54,72 60,30042 60,60042 60" \
	"$(words pieces.pcapng -e frame.len -e frame.cap_len | paste -sd,)"
check_same "  and these are the first ones" "$(cut -c-120 <<<"$sent")" "$(frames read pieces.pcapng | sed -n 1,3p)"

say "what Wireshark's own tools make of it"
comments() { fields "$1" -e frame.interface_name -e frame.comment; }
check_true "editcap takes packets out of it" editcap -r large.pcapng edited.pcapng 1 2
check_same "  and what it wrote is whole" "$(comments large.pcapng | head -n 2)" "$(comments edited.pcapng)"
check_true "tshark writes what fits its filter" tshark -nr large.pcapng -Y udp -w filtered.pcapng
check_same "  and reads it" "$(comments large.pcapng | grep -v 'tcp dport')" "$(comments filtered.pcapng)"
check_true "mergecap joins captures of different snap lengths" mergecap -w merged.pcapng large.pcapng pieces.pcapng
check "  all of it" "10 " "$(in_file merged.pcapng) $(grep -v 'as user' tshark.err)"
policyctl explain veth0 --pcap merged.pcapng
check "  and explain reads it: status" 0 "$STATUS"
check "  each with its direction" "8 from 2 to" "$(cut -d' ' -f2 <<<"$OUT" | grep -E '^(from|to)$' | sort | uniq -c | awk '{ print $1, $2 }' | one_line)"
check_match "  and all of them" '^10 packets: 0 pass, 10 dropped$' "$OUT"
tcpdump -nr large.pcapng -w plain.pcap 2>/dev/null
policyctl explain veth0 --pcap plain.pcap --direction to
check_match "and what tcpdump made of it, a pcap" "^0:5 packets: 3 pass, 2 dropped" "$STATUS:$(grep packets: <<<"$OUT")"

say "how many"
before_count=$(in_host "$POLICYCTL" stats veth0 --json | jq '.[0].from.dropped.packets')
in_host "$POLICYCTL" capture veth0 --count 3 -w count.pcapng 2>count.err &
wait_until 10 listens_to count
frames send container eth0 tcp/25 tcp/25 tcp/25 tcp/25 tcp/25 >sent
wait $!
check "--count 3: it ends by itself, status 0" 0 $?
check "  with three" 3 "$(in_file count.pcapng)"
start many veth0 --rate 100
"$CLI_PROBE" send /run/netns/container eth0 /run/netns/host veth0 2000 4:tcp/25 >sent
end_of many
dropped=$(in_host "$POLICYCTL" stats veth0 --json | jq ".[0].from.dropped.packets - $before_count - 5")
captured=$(in_file many.pcapng)
lost=$(summary many | sed 's/.* \([0-9]*\) lost/\1/')
check "what is in the file and what was lost is what was dropped" "2000 2000" "$((captured + lost)) $dropped"
check "  some of it was lost" yes "$([ "$lost" -gt 0 ] && [ "$captured" -ge 100 ] && echo yes)"
check_match "  the file says so" 'what was lost, of all' "$(strings many.pcapng)"
check_match "  and --rate is named" 'see --rate' "$(<many.err)"
start all veth0 --all
frames send container eth0 tcp/80 tcp/25 >sent
wait_until 5 has_packets all.pcapng 2
end_of all
# The kernel's own neighbour discovery passes as well.
check_same "--all: what passes too" "$(<sent)" "$(frames read all.pcapng | grep ^020000000009)"
check "  and why it does" "pass by default from allow" \
	"$(fields all.pcapng -Y 'eth.dst == 02:00:00:00:00:09' -e frame.comment | head -n 1)"

say "all attachments, and those to come"
start every
frames send container eth0 tcp/25 >sent
wait_until 5 has_packets every.pcapng 1
does attach veth1 --deny udp
remember
frames send second eth0 udp/7 >>sent
wait_until 5 has_packets every.pcapng 2
does apply veth0 --deny gre
remember
frames send host veth0 gre >>sent
wait_until 5 has_packets every.pcapng 3
end_of every
check_same "three frames" "$(<sent)" "$(frames read every.pcapng)"
check_same "of three policies" "$(
	cat <<'END'
veth0:from	drop by rule 1 (deny from tcp dport 25)
veth1:from	drop by rule 1 (deny udp)
veth0:to	drop by rule 6 (deny gre)
END
)" "$(fields every.pcapng -e frame.interface_name -e frame.comment)"
check "tcpdump reads them" 3 "$(tcpdump -nr every.pcapng 2>/dev/null | wc -l)"
does detach veth1
does apply veth0 --policy mail.policy
remember

say "to a pipe"
in_host "$POLICYCTL" capture veth0 -c 2 -w - 2>pipe.err | tcpdump -nr - >pipe.out 2>/dev/null &
pipeline=$!
wait_until 10 listens_to pipe
frames send container eth0 tcp/25 ipv6 >sent
wait $pipeline
check "tcpdump at the other end of a pipe" 2 "$(wc -l <pipe.out)"
{
	in_host "$POLICYCTL" capture veth0 -w - 2>closed.err
	echo $? >closed.status
} | head -c 1 >/dev/null &
pipeline=$!
wait_until 10 listens_to closed
frames send container eth0 tcp/25 >sent
wait $pipeline
wait_until 10 test -s closed.status
check "a reader that goes away ends it quietly" 0 "$(<closed.status)"
check_no_match "  without a complaint" 'cannot' "$(<closed.err)"
in_host script -qec "'$POLICYCTL' capture veth0 -w -" /dev/null >terminal.out 2>&1 </dev/null
check "on a terminal: exit status 2" 2 $?
check_match "  and says why" 'is a terminal' "$(<terminal.out)"

say "where it cannot write"
refused /dev/full
check "no room: exit status 1" 1 "$STATUS"
check_match "  and says why" 'cannot write /dev/full: No space left on device' "$ERR"
check_no_match "  once" 'captured' "$ERR"
mkdir small
must mount -t tmpfs -o size=8k tmpfs small
in_host "$POLICYCTL" capture veth0 -w small/full.pcapng 2>small.err &
wait_until 10 listens_to small
frames send container eth0 udp/1500+1000 udp/1501+1000 udp/1502+1000 udp/1503+1000 udp/1504+1000 udp/1505+1000 \
	udp/1506+1000 udp/1507+1000 >sent
wait $!
check "no room any more: exit status 1" 1 $?
count=$(in_file small/full.pcapng)
check "  and what is there is whole" "yes " "$([ "$count" -gt 0 ] && echo yes) $(grep -v 'as user' tshark.err)"
check_same "  the first of what was dropped" "$(head -n "$count" sent)" "$(frames read small/full.pcapng)"
must umount small
refused "$WORK"
check "a directory: exit status 1" 1 "$STATUS"

say "killed, and several at a time"
start first veth0
first=$CAPTURE
start second
second=$CAPTURE
refused first.pcapng
check "a file that is being written: refused, exit status 1" 1 "$STATUS"
check_match "  and says why" 'first.pcapng is being written by another capture' "$ERR"
frames send container eth0 tcp/25 vlan >sent
wait_until 5 has_packets first.pcapng 2
kill -KILL "$first"
{ wait "$first"; } 2>/dev/null
check_same "killed: what was captured can be read" "$(<sent)" "$(frames read first.pcapng)"
check "  and is whole" "" "$(in_file first.pcapng >/dev/null; grep -v 'as user' tshark.err)"
frames send container eth0 ipv6 >>sent
wait_until 5 has_packets second.pcapng 3
CAPTURE=$second
end_of second
check_same "the other one has all" "$(<sent)" "$(frames read second.pcapng)"
check "no reader is left" "" "$(find "$PINS" -name 'reader-*')"

say "bad usage"
for arguments in "veth0" "veth0 -w" "veth0 -w x -c 0" "veth0 -w x --count 1x" "veth0 -w x -c -1" "veth0 -w x --snaplen 65536" \
	"veth0 -w x --rate 0" "veth0 -w x -q" "veth0 -w x --w y" "veth0 veth1 -w x"; do
	# shellcheck disable=SC2086
	policyctl capture $arguments
	check "capture $arguments: exit status 2" 2 "$STATUS"
	check_match "  one line that says why" '^policyctl capture: [^ ].*see policyctl capture --help' "$ERR"
done
policyctl capture veth0 -w ""
check_match "an empty FILE: exit status 2" '^2:policyctl capture: .*-w FILE is missing' "$STATUS:$ERR"
check "nothing was written" "" "$(find . -name x)"
does detach veth0
must ip -n host link set veth0 mtu 1500
must ip -n container link set eth0 mtu 1500
check_same "all is as before" "$before" "$(snapshot)"
finish
