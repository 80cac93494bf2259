#!/bin/bash
# audit: what a policy denies is counted and told as if it were dropped, and passes. An audited policy beside an enforced
# one has the same counters for the same packets, on each hook. Nothing says that it enforces.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
new_netns second
new_veth veth1 second 1
for room in host container second; do
	must ip -n "$room" route add blackhole 192.0.2.0/24 # so that nobody answers
	must ip -n "$room" route add blackhole 2001:db8:99::/64
done
cat >"$WORK/mixed.policy" <<'END'
allow from tcp dport 443
deny from tcp dport { 80, 8000-8100 } log
reject from udp dport 53 peer not 203.0.113.1
deny from ah
deny to icmp type 13
default to deny
allow to tcp dport 80
END

# The same frames for each: CLASSES by cli_probe, and some that hide a field. veth0 and
# `container` are enforced, veth1 and `second` are audited.
CLASSES=()
for class in 4:tcp/80 6:tcp/8080 4:tcp/443 4:udp/53 6:udp/53 4:udp/54 4:51 6:47 4:icmp/13; do
	[ "${class%%:*}" = 4 ] && CLASSES+=("$class@192.0.2.9") || CLASSES+=("$class@2001:db8:99::9")
done
ROOM=([0]=container [1]=second)
raw() { # NETNS DEVICE: a foreign ethertype, later fragments, a first one with its later ones, a packet behind an AH
	inside "$1" /usr/bin/python3 - "$2" <<'END'
import socket, struct, sys

def ip(protocol, body, offset=0, more=0, number=0):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), number, more << 13 | offset, 64, protocol, 0,
                       bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))) + body

frames = [
    b"\x88\xb5" + bytes(60),
    b"\x08\0" + ip(6, bytes(64), offset=3, number=7),
    b"\x08\0" + ip(17, bytes(64), offset=3, number=8),
    b"\x08\0" + ip(17, struct.pack("!HHHH", 9, 53, 80, 0) + bytes(16), more=1, number=9),
    b"\x08\0" + ip(17, bytes(64), offset=3, number=9),
    b"\x08\0" + ip(17, struct.pack("!HHHH", 9, 99, 80, 0) + bytes(16), more=1, number=10),
    b"\x08\0" + ip(17, bytes(64), offset=3, number=10),
    b"\x08\0" + ip(51, bytes((6, 4, 0, 0)) + bytes(20) + struct.pack("!HH", 9, 443) + bytes(16)),
]
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as device:
    device.bind((sys.argv[1], 0))
    for frame in frames:
        try:
            device.send(b"\xff" * 6 + b"\2\0\0\0\0\1" + frame)
        except OSError:
            pass  # clsact egress dropped it
END
}
sends() { # NUMBER: what arrives of five of each class, in both directions; and the others
	"$CLI_PROBE" send "/run/netns/${ROOM[$1]}" eth0 /run/netns/host "veth$1" 5 "${CLASSES[@]}" | one_line
	echo
	"$CLI_PROBE" send /run/netns/host "veth$1" "/run/netns/${ROOM[$1]}" eth0 5 "${CLASSES[@]}" | one_line
	raw "${ROOM[$1]}" eth0 && raw host "veth$1"
}
# What denied and allowed by a rule; of the default only what it denies, since other packets pass by it.
counters() { # IFACE
	policyctl stats "$1" --json
	jq -c '.[0].counters[] | select(.kind == "rule" or .verdict != "allow") |
		[.text, .from.packets, .from.bytes, .to.packets, .to.bytes] |
		select(.[0] != "rules no longer there")' <<<"$OUT"
}
reasons() { # IFACE
	policyctl stats "$1" --json
	jq -c '.[0] | [.from, .to][] | [.unknown | to_entries[] | select(.value.packets > 0) | [.key, .value]]' <<<"$OUT"
}
says() { # IFACE FILTER: of list --json
	policyctl list --json
	jq -c ".[] | select(.interface == \"$1\") | $2" <<<"$OUT"
}
ALL=$(printf '%s 5\n' "${CLASSES[@]}" | one_line)

for hook in xdp:generic xdp:native tc:; do
	say "$hook"
	options=(--policy "$WORK/mixed.policy" --hook "${hook%:*}")
	[ -z "${hook#*:}" ] || options+=(--mode "${hook#*:}")
	does attach veth0 "${options[@]}"
	does attach veth1 "${options[@]}" --audit
	check_match "attach says that it audits" '^veth1: auditing 6 rules' "$OUT"
	check_match "and what that is" 'AUDIT +nothing is enforced' "$OUT"
	remember
	monitor audited veth1
	enforced=$(sends 0)
	audited=$(sends 1)
	check "all of the audited one arrives" "$ALL
$ALL" "$audited"
	[ "$hook" = tc: ] || # cli_probe hears what arrives before clsact
		check_match "of the enforced one not" '^4:tcp/80[^ ]* 0 6:tcp/8080[^ ]* 0 4:tcp/443[^ ]* 5 ' "$enforced"
	check_match "nor in the other direction" '4:tcp/443[^ ]* 0 4:udp/53[^ ]* 0' "$enforced"
	check_same "the counters of rules and defaults are the same" "$(counters veth0)" "$(counters veth1)"
	check_true "there are some" test "$(counters veth1 | grep -vc ',0,0')" -ge 4
	check_same "what was unknown, too" "$(reasons veth0)" "$(reasons veth1)"
	policyctl stats --json
	check_same "what was dropped would be" \
		"$(jq -c '.[] | select(.interface == "veth0") | [.from.dropped, .from.rejected, .to.dropped]' <<<"$OUT")" \
		"$(jq -c '.[] | select(.interface == "veth1") | [.from.would_drop, .from.would_reject, .to.would_drop]' <<<"$OUT")"
	check "and nothing was dropped or answered" '[0,0]' "$(jq -c '.[] | select(.interface == "veth1") |
		[.from, .to | .dropped.packets + .rejected.packets + .answers.sent.packets]' <<<"$OUT")"
	check_true "the enforced one has answers" test \
		"$(jq '.[] | select(.interface == "veth0").from.answers.sent.packets' <<<"$OUT")" -ge 10
	check "each such packet was told once" "$(jq '.[] | select(.interface == "veth1") | [.from, .to | .would_drop.packets + .would_reject.packets] | add' <<<"$OUT")" \
		"$(monitor_end audited; grep -cE ' would (drop|reject) ' "$WORK/audited")"
	check "and none as dropped" 0 "$(grep -c ' DROP ' "$WORK/audited")"
	does detach --all
done

say "what speaks of it"
does attach veth0 --deny from:udp/53 --default to:deny --audit
remember
check "list --json" '["audit",false,true]' "$(says veth0 '[.state, .enforcing, .audit]')"
check_match "list" '^veth0 +[0-9]+ audit ' "$(in_host "$POLICYCTL" list)"
does show veth0
check_match "show: its head" '^# veth0 .*: audit$' "$OUT"
check_match "  nothing is enforced" '^#   AUDIT +nothing is enforced' "$OUT"
check_match "  each denial" '^deny from udp dport 53 +# id 1, would drop, from: ' "$OUT"
check_match "  the default" '^default to deny +# would drop, to: ' "$OUT"
policyctl attach veth0 --policy - <<<"$OUT"
does explain veth0 from udp dport 53
check_match "explain" '^verdict +passes: would be dropped \(audit\)' "$OUT"
check_match "  nothing is enforced" '^audit +nothing is enforced on veth0' "$OUT"
does explain veth0 from udp dport 53 --json
check "  --json" '["deny",true,true,true]' "$(jq -c '[.verdict, .audit, .audited, .agree]' <<<"$OUT")"
policyctl doctor veth0
check_match "doctor" 'note +audit +audited as a whole: nothing is enforced' "$OUT"
does doctor veth0 --json
check "  --json" '["note"]' "$(jq -c '[.[] | select(.check == "audit") | .level]' <<<"$OUT")"
sent_from 3 4:udp/53 >/dev/null
does stats veth0
check_match "stats" '^veth0 +from +would drop +3 ' "$OUT"
check_match "  nothing is enforced" '^veth0 +from +audit .*nothing is enforced' "$OUT"
does stats --prometheus
check_match "metrics: enforcing" '^policyctl_enforcing\{interface="veth0",audit="true"\} 0$' "$OUT"
check_match "  audit" '^policyctl_audit\{interface="veth0",audit="true"\} 1$' "$OUT"
check_match "  packets" '^policyctl_packets_total\{interface="veth0",audit="true",direction="from",verdict="would_deny"\} 3$' "$OUT"
check_match "  none was denied" '^policyctl_packets_total\{interface="veth0",audit="true",direction="from",verdict="deny"\} 0$' "$OUT"
spawn host "$POLICYCTL" capture veth0 -w "$WORK/audited.pcapng" 2>"$WORK/capture.err"
capture=$!
must wait_until 10 grep -q watching "$WORK/capture.err"
monitor lines veth0 --json verdict audit
sent_from 1 4:udp/53@192.0.2.9 >/dev/null
stop "$capture"
monitor_end lines
check "monitor --json" '"deny",true' "$(jq -c 'select(.verdict) | .verdict, .audit' "$WORK/lines" | paste -sd,)"
if command -v tshark >/dev/null; then
	check_match "the comment of a captured packet" '^would drop by rule 1 ' \
		"$(tshark -nr "$WORK/audited.pcapng" -T fields -e frame.comment 2>/dev/null)"
fi

say "changes"
does deny veth0 from:tcp/25
check_match "deny keeps it audited, and says so" 'audit: nothing is enforced' "$OUT"
check "  it is" true "$(says veth0 .audit)"
policyctl attach veth0 --deny from:udp/53 --default to:deny
check "another attach is refused" 1 "$STATUS"
does apply veth0 --enforce --dry-run
check_match "apply --enforce --dry-run" 'no longer audited' "$OUT"
check "  changes nothing" true "$(says veth0 .audit)"
does apply veth0 --enforce
remember
check "apply --enforce" '["enforcing",true,false]' "$(says veth0 '[.state, .enforcing, .audit]')"
check_arrives "it enforces" from 3 "4:udp/53 0" "4:tcp/25 0" "4:udp/54 3"
policyctl stats veth0 --json
check "counts of before are not taken for drops" '[3,4]' "$(jq -c '[.[0].from | .dropped.packets - 3, .would_drop.packets]' <<<"$OUT")"
does apply veth0 --audit --json
remember
check "apply --audit" '[true,true]' "$(jq -c '[.changed, .audit]' <<<"$OUT")"
check_arrives "nothing is dropped" from 3 "4:udp/53 3" "4:tcp/25 3"
policyctl stats veth0 --json
check "what was dropped stays so" 6 "$(jq '.[0].from.dropped.packets' <<<"$OUT")"
does apply veth0 --audit
check_match "again: nothing to change" 'this policy is audited' "$OUT"
policyctl diff veth0 --deny from:tcp/25 --deny from:udp/53 --default to:deny
check "diff knows the difference" 3 "$STATUS"
policyctl diff veth0 --deny from:tcp/25 --deny from:udp/53 --default to:deny --audit
check "  and none" 0 "$STATUS"
policyctl apply veth0 --audit --enforce
check "both at once" 2 "$STATUS"
does apply veth0 --deny from:udp/53
remember
check_arrives "a new policy without it enforces" from 3 "4:udp/53 0"
does apply veth0 --deny from:udp/53 --deny from:tcp --audit --confirm 60s
remember
check_match "unconfirmed, it says both" 'audit, unconfirmed' "$(in_host "$POLICYCTL" list)"
does undo veth0
remember
check "undo: as before" '["enforcing",false]' "$(says veth0 '[.state, .audit]')"

say "the history knows"
does apply veth0 --deny from:udp/53 --audit
remember
does apply veth0 --enforce
remember
policyctl history veth0
check_match "it began to enforce" 'changed, in force.*  no longer audited.* changed, by [^#]* audit: nothing is enforced' "$(one_line <<<"$OUT")"
policyctl history veth0 --json
check "  --json" '[false,true]' "$(jq -c '.[:2] | map(.audit)' <<<"$OUT")"
does undo veth0
remember
check "undo: audited as before" '["audit",true]' "$(says veth0 '[.state, .audit]')"
check_arrives "nothing is dropped" from 3 "4:udp/53 3"

say "quarantine enforces"
does apply veth0 --deny from:udp/53 --audit
remember
does quarantine veth0
remember
check "list" '[true,true,false]' "$(says veth0 '[.quarantine, .enforcing, .audit]')"
check_arrives "all is dropped" from 3 "4:udp/53 0" "4:tcp/80 0"
policyctl apply veth0 --audit
check "it cannot be audited" 1 "$STATUS"
does release veth0
remember
check "release: audited as before" '[false,false,true]' "$(says veth0 '[.quarantine, .enforcing, .audit]')"
check_arrives "nothing is dropped" from 3 "4:udp/53 3" "4:tcp/80 3"
does detach veth0

say "rules alone"
cat >"$WORK/rules.policy" <<'END'
deny from udp dport 53
deny from udp dport 54 audit log
deny from tcp audit
default to deny audit
END
does attach veth0 --policy "$WORK/rules.policy"
remember
check "list" '["enforcing",true,false]' "$(says veth0 '[.state, .enforcing, .audit]')"
check_arrives "those with the word pass" from 3 "4:udp/53 0" "4:udp/54 3" "6:tcp/80 3"
policyctl stats veth0 --json
check "they are counted" '[["deny from udp dport 53",false,3],["deny from udp dport 54 audit log",true,3],["deny from tcp audit",true,3]]' \
	"$(jq -c '[.[0].counters[] | select(.kind == "rule") | [.text, .audit, .from.packets]]' <<<"$OUT")"
check_arrives "the default passes, too" to 3 "4:tcp/80 3"
does show veth0
policyctl diff veth0 --policy /dev/stdin <<<"$OUT"
check "what show prints can be applied" 0 "$STATUS"
sub_all() { sed 's/^deny.*$/& audit/' "$WORK/rules.policy" | sed 's/audit log audit/audit log/; s/audit audit/audit/' | tail -n 3; }
policyctl doctor veth0
check_match "doctor" '3 of its rules and defaults say .audit.' "$OUT"
sub_all >"$WORK/all.policy"
does apply veth0 --policy "$WORK/all.policy"
remember
check "all that denies has it: nothing is enforced" '["audit",false,true]' "$(says veth0 '[.state, .enforcing, .audit]')"
check_match "list" '^veth0 +[0-9]+ audit .* from allow, to deny audit ' "$(in_host "$POLICYCTL" list)"
policyctl doctor veth0
check_match "doctor" 'all that denies says .audit.: nothing is enforced' "$OUT"
policyctl apply veth0 --enforce
check_match "--enforce does not take the words away" 'nothing to change, this policy is audited' "$OUT"
does detach veth0
policyctl check /dev/stdin <<<'deny to tcp dport 22 audit
default to deny'
check_match "check warns where an audited rule opens" 'lets pass what .default to deny. drops' "$ERR"
finish
