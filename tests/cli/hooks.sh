#!/bin/bash
# --hook: packets from the container are judged by XDP or by clsact ingress alone, with the same verdicts and counters.
# A change from one to the other has no gap. auto chooses tc where nobody behind the veth can get around it.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms

says() { # FILTER: of list --json
	policyctl list --json
	jq -c ".[0] | $1" <<<"$OUT"
}

# What the stack of the host received, behind clsact: udp or tcp.
received() { # PROTOCOL
	in_host cat /proc/net/snmp /proc/net/snmp6 | awk -v protocol="$1" '
		$1 == "Udp:" && $2 ~ /^[0-9]/ && protocol == "udp" { sum += $2 + $3 }
		$1 == "Tcp:" && $2 ~ /^[0-9]/ && protocol == "tcp" { sum += $11 }
		($1 == "Udp6InDatagrams" || $1 == "Udp6NoPorts") && protocol == "udp" { sum += $2 }
		END { print sum }'
}

# Three datagrams and one SYN of the container for each family: how many of each the host receives.
arrive() {
	local udp tcp address
	udp=$(received udp) tcp=$(received tcp)
	for address in 198.18.0.1 2001:db8::1; do
		in_container bash -c "for i in 1 2 3; do echo x >/dev/udp/$address/53; done" 2>/dev/null
		in_container timeout 0.3 bash -c ": >/dev/tcp/$address/80" 2>/dev/null
	done
	echo "udp $(($(received udp) - udp)), tcp $(($(received tcp) - tcp))"
}

counted_from() { # passed|dropped
	in_host "$POLICYCTL" stats veth0 --json | jq ".[0].from.$1.packets"
}

say "tc"
before=$(snapshot)
does attach veth0 --deny tcp --hook tc
remember
check_match "attach says which program judges" 'from container  tc program [0-9]+ policyctl_guard, clsact ingress' "$OUT"
check_match "it costs no offload" 'offloads +unchanged' "$OUT"
check "no XDP program is there" 0 "$(xdp_id veth0)"
check "list --json" '["tc",null,true]' "$(says '[.hook, .xdp, .enforcing]')"
check "list" tc "$(in_host "$POLICYCTL" list | awk 'NR == 2 { print $4 }')"
check "it enforces" "udp 6, tcp 0" "$(arrive)"
check_true "what passes is counted: $(counted_from passed)" test "$(counted_from passed)" -ge 6
check "what is dropped, too" 2 "$(counted_from dropped)"
check_arrives "it enforces" to 3 "4:tcp/80 0" "6:tcp/80 0" "4:udp/53 3" "6:udp/53 3"
does explain veth0 from tcp dport 80
check_match "explain asks the program that judges" 'guard' "$OUT"
does doctor veth0
does apply veth0 --deny udp
remember
check "after apply" "udp 0, tcp 2" "$(arrive)"
check "apply keeps the hook" '"tc"' "$(says .hook)"
policyctl attach veth0 --deny udp --hook xdp
check "attach again by another hook is refused" 1 "$STATUS"
check_match "with the way out" 'attached by tc: policyctl apply with --hook' "$ERR"

say "a foreign filter in front decides first"
must in_host tc filter del dev veth0 ingress protocol all prio 1
must in_host tc filter add dev veth0 ingress protocol all prio 1 u32 match u32 0 0 classid 1:1
policyctl apply veth0 --deny udp
check "its priority is taken: nothing is changed" 1 "$STATUS"
check_match "list says that ours is missing" 'guard missing' "$(in_host "$POLICYCTL" list)"
must in_host tc filter del dev veth0 ingress protocol all prio 1
does apply veth0 --deny udp
remember
check "and it is put back" "udp 0, tcp 2" "$(arrive)"
does detach veth0
check_same "after detach all is as before" "$before" "$(snapshot)"

say "changes while it sends"
does attach veth0 --deny udp
remember
start=$(received udp)
spawn container bash -c 'while :; do echo x >/dev/udp/198.18.0.1/53; done' >/dev/null 2>&1
sender=$!
for hook in tc xdp tc xdp; do
	does apply veth0 --hook $hook
	remember
	check "judged by $hook" "\"$hook\"" "$(says .hook)"
done
does apply veth0 --mode native
remember
check "native" '["xdp","native"]' "$(says '[.hook, .xdp.mode]')"
does apply veth0 --hook tc --json
remember
check "as JSON" '[true,"tc"]' "$(jq -c '[.changed, .hook]' <<<"$OUT")"
check_true "it sends" test "$(counted_from dropped)" -gt 100
stop "$sender"
check "nothing denied passed at any change" "$start" "$(received udp)"
does apply veth0 --hook tc
check_match "again: nothing to change" 'nothing to change' "$OUT"
does detach veth0

packet_sockets() { # what doctor says of them
	in_host "$POLICYCTL" doctor veth0 --json | jq -r '.[] | select(.check == "packet-socket") | "\(.level): \(.what)"'
}

reads_packets() { # IFACE
	in_host ss -H0 | grep -q ":$1 "
}

say "auto"
spawn container setpriv --bounding-set=-net_admin,-sys_admin --inh-caps=-all --no-new-privs sleep 1000
inhabitant=$!
does attach veth0 --deny tcp --hook auto
remember
check "nobody behind it has CAP_NET_ADMIN" '"tc"' "$(says .hook)"
check "doctor: nothing reads in front of tc" "" "$(packet_sockets)"
# As Open vSwitch in user space reads its ports, and tcpdump one interface.
spawn host /usr/bin/python3 -c '
import socket, sys, time
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
packets.bind((sys.argv[1], 0))
time.sleep(1000)' veth0
switch=$!
must wait_until 5 reads_packets veth0
check_match "doctor: a switch does" "^note: 1 packet socket reads every frame of veth0 in front of tc$" "$(packet_sockets)"
does detach veth0
does attach veth0 --deny tcp --hook auto
remember
check "a switch would forward what tc denies" '"xdp"' "$(says .hook)"
check "doctor: XDP is in front of it" "" "$(packet_sockets)"
does detach veth0
stop "$switch"
does attach veth0 --deny tcp --hook auto
remember
check "it has gone" '"tc"' "$(says .hook)"
does detach veth0
spawn container sleep 1000
admin=$!
does attach veth0 --deny tcp --hook auto
remember
check "somebody may have it" '"xdp"' "$(says .hook)"
does detach veth0
stop "$inhabitant"
stop "$admin"

say "bad input"
policyctl attach veth0 --deny tcp --hook tc --mode native
check "a mode of XDP without XDP" 2 "$STATUS"
policyctl attach veth0 --deny tcp --hook tcx
check_match "an unknown hook" '--hook is auto, xdp or tc, not tcx' "$ERR"
check "nothing was attached" "[]" "$(in_host "$POLICYCTL" list --json)"
finish
