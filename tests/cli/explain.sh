#!/bin/bash
# explain: a table of packets. Each is explained for an interface and for the same policy in a file, and then really
# sent: it must arrive or not as explained, and the named rule must count it. explain itself leaves no trace.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3
HERE=$(realpath "$(dirname "$0")")

# Only the test sends packets on this veth.
new_netns host container
must ip -n host link add veth0 type veth peer name eth0 netns container
for end in "host veth0" "container eth0"; do
	read -r netns device <<<"$end"
	must inside "$netns" sysctl -qw "net.ipv6.conf.$device.disable_ipv6=1"
	must ip -n "$netns" link set "$device" arp off up
done
must wait_until 5 carries veth0
must wait_until 5 carries eth0 container

cp "$HERE/explain.policy" "$WORK/table.policy"
printf '%s\n' 203.0.113.0/24 198.18.7.7 2001:db8:f::/48 >"$WORK/feed.txt"
cd "$WORK" || exit 1

# The table, in both modes.
sent=0
table() {
	local line
	while read -r line; do
		case $line in
		"ok "*) pass "${line#ok }" && sent=$((sent + 1)) ;;
		*) fail "${line#not ok }" ;;
		esac
	done < <(python3 "$HERE/explain.py" "$POLICYCTL" table.policy "$HERE/explain.table" 2>&1)
}

for mode in generic native; do
	say "$mode mode"
	does attach veth0 --policy table.policy --mode "$mode"
	remember
	table
	does detach veth0
done
check_true "at least 100 packets were sent ($sent)" [ "$sent" -ge 100 ]

say "what it says to people"
does attach veth0 --policy table.policy
policyctl explain veth0 from tcp 203.0.113.9:80
check "status 0 for a packet that is dropped" 0 "$STATUS"
check_match "the packet" '^packet +from the container: tcp container:40000 > 203.0.113.9:80$' "$OUT"
check_match "the verdict, and that it is logged" '^verdict +dropped, and logged$' "$OUT"
check_match "the rule: number, id and text" '^by +rule 5 \(5 of 13\): deny from any peer @feed log$' "$OUT"
check_match "what stood in front" 'rule 3 does not match, its dport is 80: deny from tcp dport 25' "$OUT"
check_match "who was asked" '^asked +xdp program [0-9]+ of veth0, guard [0-9]+ of veth0, and the reference evaluator, which agrees$' "$OUT"
policyctl explain veth0 "to udp 9"
check_match "one word or several; the default" '^by +default to deny: no rule matched, nor an implicit one$' "$OUT"
check_match "with the implicit rules there are" '^implicit +allow arp$' "$OUT"
policyctl explain veth0 to icmpv6 type neighbour-advertisement
check_match "a rule over an implicit rule" 'the implicit rule behind the others would let it pass: allow icmpv6' "$OUT"
policyctl explain veth0 from fragment later udp 198.51.100.54
check_match "what is unknown: name and meaning" '^unknown +fragment: a later fragment whose first one was not seen' "$OUT"
check_match "that it may follow its first fragment" 'if its first fragment was seen' "$OUT"
policyctl explain veth0 to short
check_match "a frame that the kernel takes in no test run" 'the reference evaluator alone: the kernel gives programs no such frame' "$OUT"
policyctl explain veth0 to tcp 22
check_match "a peer that was not given" 'it is taken to be 198.18.0.1' "$ERR"
policyctl explain veth0 to icmp type echo-reply
check "but only where it takes part" "" "$ERR"
policyctl explain --policy table.policy from tcp 25
check_match "of a file, the line" '^by +table.policy:6:1: deny  from tcp dport 25$' "$OUT"

say "the answer to a packet that passes"
answers() { # TEXT VERDICT PACKET...: of the answer, by the file and by the interface
	local asked
	for asked in "--policy answers.policy" veth0; do
		# shellcheck disable=SC2086
		policyctl explain $asked "${@:3}"
		check_match "$1 ($asked)" "^answer +(from|to) the container: .*" "$OUT"
		check_match "  its verdict" "^ +$2, by" "$(grep -A 1 '^answer' <<<"$OUT" | tail -n 1)"
		# shellcheck disable=SC2086
		policyctl explain $asked "${@:3}" --json
		check "  in JSON" "$2" "$(jq -r '.answer.verdict | if . == "allow" then "passes" else "dropped" end' <<<"$OUT")"
	done
}
printf '%s\n' "default from deny" "allow from tcp dport 443" "deny to udp sport 53" "allow from udp dport 53" \
	"allow from icmp type echo-request" "deny to icmp type echo-reply" "allow from tcp sport 80 peer 198.51.100.7" \
	>answers.policy
does apply veth0 --policy answers.policy
answers "a server behind default from deny" dropped to tcp 8080
check "  the answer comes from its port" "answer from tcp 198.18.0.2:8080 > 198.18.0.1:40000" \
	"answer $(jq -r '.answer | .direction + " " + .packet' <<<"$OUT")"
answers "a server whose answers a rule lets out" passes to tcp 80 peer 198.51.100.7
answers "the same server for another peer" dropped to tcp 80 peer 198.51.100.8
answers "a client" passes from tcp 443
answers "a client whose answers a rule drops" dropped from udp 53
answers "an echo request" dropped from icmp type echo-request
answers "IPv6" dropped to tcp "[2001:db8::7]:1234" dport 25
for packet in "from tcp 25" "from arp" "to fragment first tcp 80" "to proto 47" "to icmp type redirect"; do
	policyctl explain veth0 "$packet" --json
	check "no answer of $packet" null "$(jq .answer <<<"$OUT")"
done
does apply veth0 --policy table.policy

say "later fragments really follow their first one, as was said"
does apply veth0 --deny from:udp/53
hex() { in_host "$POLICYCTL" explain veth0 --json "$@" | jq -r .frame; }
later="from fragment later id 5 udp 198.51.100.9"
policyctl explain veth0 "$later" --json
check "explained by itself: denied" '["deny","fragment","later"]' "$(jq -c '[.verdict, .reason, .fragment]' <<<"$OUT")"
cat >send.py <<'END'
"""send.py EXPLAIN.PY: sends the frames `from HEX` or `to HEX` of standard input, and prints how often each arrived."""
import sys
exec(open(sys.argv[1]).read().rsplit("main()", 1)[0])
ends = {"from": (End("container", "eth0"), End("host", "veth0")), "to": (End("host", "veth0"), End("container", "eth0"))}
for line in sys.stdin:
    direction, frame = line.split()
    ends[direction][0].send(bytes.fromhex(frame))
    ends[direction][0].send(MARKER)
    print(ends[direction][1].arrived(bytes.fromhex(frame)))
END
sends() { # WORDS...: how often each of these packets arrives
	local words
	for words; do
		echo "${words%% *} $(hex "$words")"
	done | python3 send.py "$HERE/explain.py" | one_line
}
seen=$(sends "$later" "from fragment first id 5 udp 198.51.100.9:54" "$later")
check "sent alone it is dropped, behind its first one it passes" "0 1 1" "$seen"

say "a policy that is attached, but not in force"
must in_host tc filter del dev veth0 egress
policyctl explain veth0 to tcp 80
check "status" 0 "$STATUS"
check_match "said loudly" 'veth0: NOT ENFORCED NOW: its programs are not all on their hooks; policyctl doctor' "$ERR"
policyctl explain veth0 to tcp 80 --json
check "and in JSON" false "$(jq .live <<<"$OUT")"
policyctl list
must in_host "$POLICYCTL" attach veth0 --deny from:udp/53

say "a disagreement: the text that is pinned, which the evaluator reads, is not of the policy that was loaded"
text=$(find "$PINS" -name policy_text)
# The frame in hex, with `53` replaced by `54`.
bytes=$(bpftool -j map lookup pinned "$text" key 0 0 0 0 | jq -r '.value | join(" ")' | sed 's/0x35 0x33/0x35 0x34/')
must rm "$text"
must bpftool map create "$text" type array key 4 value "$(wc -w <<<"$bytes")" entries 1 name policy_text flags 0x400
# shellcheck disable=SC2086 # a list of bytes
must bpftool map update pinned "$text" key 0 0 0 0 value $bytes
remember
policyctl explain veth0 from tcp 53
check "where both say the same: status" 0 "$STATUS"
policyctl explain veth0 from udp 198.51.100.9:53
check "where they do not: status" 1 "$STATUS"
check_match "a fault, loudly" '^policyctl: veth0: FAULT: a loaded program and the reference evaluator disagree on this packet$' "$ERR"
check_match "  what the program said" '^  xdp program +dropped, unknown: nothing, by slot 11: rule [0-9]+ \(1 of 1\): ' "$ERR"
check_match "  what the guard said" '^  guard +dropped, unknown: nothing, by slot 11' "$ERR"
check_match "  what the evaluator said" '^  reference evaluator +passes, unknown: nothing, by slot 0: default from allow' "$ERR"
check_match "  the frame" '^  frame +0200000000020200000000010800450' "$ERR"
check_match "the verdict is the program's" '^verdict +dropped$' "$OUT"
policyctl explain veth0 from udp 198.51.100.9:54 --json
check "as JSON: status" 1 "$STATUS"
check "  and who does not agree" '["allow",false,["xdp",false],["guard",false]]' \
	"$(jq -c '[.verdict, .agree, (.programs[] | [.hook, .agrees])]' <<<"$OUT")"

say "captures"
does detach veth0
does attach veth0 --policy table.policy
remember
cat >write.py <<'END'
"""write.py pcap|pcapng|pcapng-big[,LINKTYPE] [INTERFACE...]: a capture of the frames in hex on standard input, of
`HEX/N` the first N bytes, on the interfaces of these names in turn."""
import itertools
import struct
import sys

form, names = sys.argv[1].split(",")[0], sys.argv[2:] or ["veth0"]
order, link = ">" if form == "pcapng-big" else "<", int((sys.argv[1] + ",1").split(",")[1])
out = sys.stdout.buffer


def pack(kinds, *values):
    return struct.pack(order + kinds, *values)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def block(kind, body):
    return pack("II", kind, len(padded(body)) + 12) + padded(body) + pack("I", len(padded(body)) + 12)


def options(name):
    return pack("HH", 3, 2) + padded(b"hi") + pack("HH", 2, len(name)) + padded(name.encode()) + pack("HH", 0, 0)


if form.startswith("pcapng"):
    out.write(block(0x0A0D0D0A, pack("IHHq", 0x1A2B3C4D, 1, 0, -1)))
    out.write(b"".join(block(1, pack("HHI", link, 0, 0) + options(name)) for name in names))
    out.write(block(0x0BAD, b"of no interest"))
else:
    out.write(pack("IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link))
for line, interface in zip(sys.stdin, itertools.cycle(range(len(names)))):
    text, _, cut = line.strip().partition("/")
    frame = bytes.fromhex(text)
    kept = frame[:int(cut)] if cut else frame
    sizes = pack("II", len(kept), len(frame))
    if form.startswith("pcapng"):
        out.write(block(6, pack("III", interface, 0, 0) + sizes + kept))
    else:
        out.write(pack("II", 0, 0) + sizes + kept)
END
{
	hex from tcp 198.51.100.7:443
	hex from udp 203.0.113.9:123
	hex from vlan 5 tcp 25
	hex from arp
	echo "$(hex from tcp 198.51.101.7:80)/36"
	hex from ethertype 0x88cc
} >frames
for format in pcap pcapng; do
	python3 write.py "$format" <frames >"capture.$format"
	policyctl explain veth0 --pcap "capture.$format" --direction from
	check "$format: status" 0 "$STATUS"
	check_match "$format: what a capture does not tell is said" "where the kernel is still to write a checksum" "$ERR"
	check_same "$format: a line for each packet, and the summary" "$(
		cat <<'END'
1 from tcp 198.18.0.2:40000 > 198.51.100.7:443 passes, default from allow: no rule matched
2 from udp 198.18.0.2:40000 > 203.0.113.9:123 dropped, and logged, rule 5 (5 of 13): deny from any peer @feed log
3 from vlan 5 tcp 198.18.0.2:40000 > 198.18.0.1:25 dropped, rule 3 (3 of 13): deny from tcp dport 25
4 from arp passes, default from allow: no rule matched
5 from tcp 198.18.0.2 > 198.51.101.7 dropped (unknown: l4-short), rule 3 (3 of 13): deny from tcp dport 25 (for the 36 of 54 bytes that were captured)
6 from a frame of ethertype 0x88cc dropped (unknown: ethertype), rule 3 (3 of 13): deny from tcp dport 25
6 packets: 2 pass, 4 dropped
1 of them cut short by the capture: the answer is for what was captured
END
	)" "$OUT"
done
policyctl explain veth0 from --pcap capture.pcap --json
check "as JSON, a line each: verdicts" '"allow" "deny" "deny" "allow" "deny" "deny" null' "$(jq -c .verdict <<<"$OUT" | one_line)"
check "  and the summary" '{"packets":6,"passed":2,"dropped":4,"cut":1,"evaluator_alone":0,"faults":0}' "$(jq -c '.summary // empty' <<<"$OUT")"
for order in pcapng pcapng-big; do
	{
		hex from tcp 25
		hex to tcp 80
		hex from tcp 203.0.113.9:26
	} | python3 write.py "$order" veth0:from "veth with a long name:to" >ours.pcapng
	policyctl explain veth0 --pcap ours.pcapng --json
	check "$order, whose interfaces tell the direction: status" 0 "$STATUS"
	check "  and packets" '["from",3] ["to",1] ["from",5]' "$(jq -c 'select(.number) | [.direction, .decided_by.number]' <<<"$OUT" | one_line)"
done
{
	hex to tcp 80
	hex to tcp 443
} | python3 write.py pcapng veth0:to eth0 >ours.pcapng
policyctl explain veth0 --pcap ours.pcapng
check "an interface that does not tell: status" 1 "$STATUS"
check_match "  with what did" '^1 packet: 1 pass, 0 dropped$' "$OUT"
check_match "  and why" 'ours.pcapng: packet 2 does not say which way it went: --direction from' "$ERR"
policyctl explain veth0 --pcap capture.pcap
check_match "nor does pcap" 'capture.pcap: packet 1 does not say which way it went' "$ERR"
check "  and nothing is told" "" "$OUT"
policyctl explain veth0 --pcap ours.pcapng --direction to
check "--direction is for all" 0 "$STATUS"
spawn host "$POLICYCTL" capture veth0 -c 2 -w live.pcapng 2>live.err
capture=$!
wait_until 10 grep -qs watching live.err || fail "capture listens" "$(<live.err)"
policyctl explain veth0 from udp 203.0.113.9:7
sends "from udp 203.0.113.9:123" "to udp 9" >/dev/null
check_true "two packets were captured while explain was asked" wait "$capture"
policyctl explain veth0 --pcap live.pcapng --json
check "what policyctl capture wrote: the packets that were sent, none that was explained, each with its direction" \
	'["from","deny",5] ["to","deny",null]' "$(jq -c 'select(.number) | [.direction, .verdict, .decided_by.number]' <<<"$OUT" | one_line)"
in_host "$POLICYCTL" explain --policy table.policy --pcap - --direction to <capture.pcap >out 2>err
check "from a pipe, of a policy in a file: status" 0 "$?"
check_match "  the other direction" '^1 to tcp .* passes, table.policy:4:1: allow to   tcp dport \{ 80, 443 \}$' "$(<out)"
head -c 100 capture.pcap >half.pcap
policyctl explain veth0 --pcap half.pcap --direction from
check "a capture that ends in the middle: status" 1 "$STATUS"
check_match "  with what was read of it" '^1 packet: 1 pass, 0 dropped$' "$OUT"
check_match "  and why" '^policyctl: half.pcap: cannot read on in the capture: ' "$ERR"
policyctl explain veth0 --pcap table.policy --direction from
check "no capture: status" 1 "$STATUS"
check_match "  and why" '^policyctl: table.policy: cannot read the capture: ' "$ERR"
say "other link layers"
# link LINKTYPE HEX...: the frame behind it, and what explain says of it and of a dropped one.
tcp=$(hex from tcp 198.51.100.7:443 | cut -c29-)
dropped=$(hex from tcp 198.51.100.7:25 | cut -c29-)
ipv6=$(hex from tcp '[2001:db8::7]:443' | cut -c29-)
both() { # TEXT FORM PREFIX [IPV6-PREFIX]
	printf '%s\n' "$3$tcp" "$3$dropped" "${4-$3}$ipv6" | python3 write.py "$2" >link.pcap
	policyctl explain veth0 --pcap link.pcap --direction from
	check "$1 ($2): status" 0 "$STATUS"
	check_same "  as of Ethernet" "$(
		cat <<'END'
1 from tcp 198.18.0.2:40000 > 198.51.100.7:443 passes, default from allow: no rule matched
2 from tcp 198.18.0.2:40000 > 198.51.100.7:25 dropped, rule 3 (3 of 13): deny from tcp dport 25
3 from tcp [2001:db8::2]:40000 > [2001:db8::7]:443 passes, default from allow: no rule matched
3 packets: 2 pass, 1 dropped
END
	)" "$OUT"
}
for form in pcap pcapng pcapng-big; do
	both "raw IP" "$form,101" ""
	both "Linux cooked 1" "$form,113" 00040001000602000000000100000800 000400010006020000000001000086dd
	both "Linux cooked 2" "$form,276" 0800000000000003000104060200000000010000 86dd000000000003000104060200000000010000
	both "a loopback of BSD" "$form,0" 02000000 1e000000
done
for type in 228 229; do
	{
		[ "$type" = 228 ] && echo "$tcp" || echo "$ipv6"
	} | python3 write.py "pcap,$type" >link.pcap
	policyctl explain veth0 --pcap link.pcap --direction from
	check_match "link type $type" '^0: 1 from tcp .*:443 passes' "$STATUS: $OUT"
done
both_are_short() { # FORM HEX
	echo "$2" | python3 write.py "$1" >short.pcap
	policyctl explain veth0 --pcap short.pcap --direction from
	check_match "$1, cut short: nothing is known of it" '^0: 1 from a frame that is not known to be IP or ARP dropped' "$STATUS: $OUT"
}
both_are_short pcap,101 ""
both_are_short pcap,113 000400010006020000000001000008
both_are_short pcap,276 08000000000000030001040602000000000100
python3 write.py pcap,127 <frames >radio.pcap
policyctl explain veth0 --pcap radio.pcap --direction from
check_match "others are refused by name" '^policyctl: radio.pcap: a capture of 802.11 with radiotap \(link type 127\)' "$ERR"
for type in LINUX_SLL LINUX_SLL2; do
	spawn host timeout 20 tcpdump -ni any -y "$type" -c 1 -w any.pcap 'tcp port 80' 2>any.err
	capture=$!
	wait_until 10 grep -qs 'listening on' any.err || fail "tcpdump listens" "$(<any.err)"
	sends "to tcp 80" >/dev/null
	check_true "tcpdump -i any -y $type captured a packet" wait "$capture"
	policyctl explain veth0 --pcap any.pcap --direction to
	check_match "  which explain reads" '^0: 1 to tcp .*:80 passes, rule' "$STATUS: $OUT"
done

say "frames that the kernel gives no program"
{
	hex from tcp 25
	/usr/bin/python3 -c 'print("020000000001020000000002" + "0800" + "4500ffff00000000401100000102030405060708" + "00" * 80000)'
	/usr/bin/python3 -c 'print("020000000001020000000002" + "0800" + "4500ffff00000000401100000102030405060708" + "00" * 200000)'
	hex from tcp 443
} | python3 write.py pcap >large.pcap
for direction in from to; do
	policyctl explain veth0 --pcap large.pcap --direction "$direction"
	check "large ones $direction the container: status" 0 "$STATUS"
	check "  and all are explained" 4 "$(grep -c "^[1-4] $direction" <<<"$OUT")"
	check_match "  the large ones by the evaluator" '^2 of them judged by the reference evaluator alone$' "$OUT"
done

say "connections in a capture"
printf '%s\n' 'default deny' 'allow from { tcp, udp } dport 443' 'allow to established' >known.policy
does apply veth0 --policy known.policy
udp_answer=$(hex to udp 198.51.100.7:443 dport 40000)
tcp=$(hex from tcp 198.51.100.7:443)
tcp_answer=$(hex to tcp 198.51.100.7:443 dport 40000)
flags() { echo "${1:0:92}50$2${1:96}"; } # FRAME FLAGS
{
	echo "$udp_answer" # before the question
	hex from udp 198.51.100.7:443
	echo "$udp_answer"
	flags "$tcp_answer" 12
	flags "$tcp" 02
	flags "$tcp_answer" 12
	flags "$(hex to tcp 198.51.100.7:443 dport 40001)" 12
} | python3 write.py pcapng veth0:{to,from,to,to,from,to,to} >known.pcapng # in turn
for whose in veth0 "--policy known.policy"; do
	# shellcheck disable=SC2086 # words
	policyctl explain $whose --pcap known.pcapng --json
	check "$whose: answers pass behind what they answer" \
		'to deny, from allow, to allow, to deny, from allow, to allow, to deny' \
		"$(jq -r 'select(.number) | "\(.direction) \(.verdict)"' <<<"$OUT" | paste -sd, | sed 's/,/, /g')"
	check "  and established" "no no yes no no yes no" "$(jq -r 'select(.number).established' <<<"$OUT" | one_line)"
done

say "usage"
usage() { # STATUS REGEX WORDS...
	policyctl explain "${@:3}"
	check "explain ${*:3}: status" "$1" "$STATUS"
	check_match "  and why" "$2" "$ERR"
	check "  and nothing else" "" "$OUT"
}
usage 2 'missing argument: IFACE, --policy FILE or --rule TEXT'
usage 2 'missing argument: PACKET or --pcap FILE' veth0
usage 2 'missing argument: PACKET or --pcap FILE' --policy table.policy
usage 2 'PACKET:1:1: error: .from. or .to. is missing' veth0 tcp 80
usage 2 'up is no direction' veth0 --pcap capture.pcap --direction up
usage 2 'stands in place of a PACKET' veth0 --pcap capture.pcap from tcp 80
usage 2 'is for --pcap' veth0 --direction from tcp 80
usage 2 'gone.policy: error: No such file' --policy gone.policy from tcp 80
usage 4 'no such interface' veth9 from tcp 80
usage 4 'nothing of policyctl is attached here' lo from tcp 80

say "without privileges"
must chmod -R a+rX "$WORK"
must cp "$POLICYCTL" /run/policyctl
out=$(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all \
	/run/policyctl explain --policy table.policy from udp 203.0.113.9:123 2>err)
check "of a policy in a file: status" 0 "$?"
check_match "  with its set from a file" '^by +table.policy:8:1: deny  from any peer @feed log$' "$out"

does detach --all
finish
