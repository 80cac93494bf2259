#!/bin/bash
# `rate`: real packets by each hook, in both directions and both families. What exceeds it is dropped or rejected, counted
# and told; GSO packets count by their segments; buckets outlive a change of the policy; a flood of peers is bounded.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3
new_rooms

# Datagrams to a port where nobody listens: the kernel that gets them counts them.
arrived() { # NETNS
	# shellcheck disable=SC2016 # the words of awk
	inside "$1" awk '/^Udp: [0-9]/ { sum += $3 } $1 == "Udp6NoPorts" { sum += $2 } END { print sum }' \
		/proc/net/snmp /proc/net/snmp6
}

# Sends COUNT datagrams, and prints how many arrive.
datagrams() { # from|to COUNT 4|6 PORT [SOURCE]
	local sender=container receiver=host end=1 before address
	[ "$1" = from ] || sender=host receiver=container end=2
	[ "$3" = 4 ] && address=198.18.0.$end || address=2001:db8::$end
	before=$(arrived $receiver)
	inside $sender /usr/bin/python3 -c '
import socket, sys
count, address, port, source = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
for i in range(count):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    if source:
        s.bind((source, 0))
    s.sendto(bytes(100), (address, port))' "$2" "$address" "$4" "${5:-}"
	echo $(($(arrived $receiver) - before))
}

# Sends COUNT times SEGMENTS datagrams of SIZE bytes, as one GSO packet each time.
segmented() { # COUNT SEGMENTS SIZE PORT
	local before
	before=$(arrived host)
	in_container /usr/bin/python3 -c '
import socket, sys
count, segments, size, port = map(int, sys.argv[1:])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 103, size) # UDP_SEGMENT
for i in range(count):
    s.sendto(bytes(size * segments), ("198.18.0.1", port))' "$@" || skip "no UDP_SEGMENT here"
	echo $(($(arrived host) - before))
}

of_stats() { # FILTER: of stats --json
	policyctl stats veth0 --json
	jq -c ".[0] | $1" <<<"$OUT"
}

excess() { # NUMBER: packets of the excess of that rate, from and to
	of_stats "[.counters[] | select(.kind == \"rate\")][$1] | [.from.packets // 0, .to.packets // 0]"
}

# --- each hook, direction and family --------------------------------------------------------------------

# Nothing comes back into a bucket in a thousand seconds but one packet.
cat >"$WORK/rates.policy" <<'END'
rate shared 1pps burst 4p
allow udp dport 9 rate 1pps burst 5p
allow udp dport 10 rate @shared
allow udp dport 11 rate @shared
allow udp dport 12 rate 1kbit burst 600B
allow from udp dport 13 rate 1pps burst 25p
allow from udp dport 14 rate 1kbit burst 10000B
END
for hook in "--hook tc" "--mode generic" "--mode native"; do
	say "$hook"
	# shellcheck disable=SC2086 # words
	does attach veth0 --policy "$WORK/rates.policy" $hook
	remember
	check_true "5 of 20 from the container (a second or two may have passed)" test $(($(datagrams from 20 4 9) / 3)) = 1
	check "and none of the other family" 0 $(($(datagrams from 3 6 9) / 2))
	check_true "5 of 20 to the container" test $(($(datagrams to 20 6 9) / 3)) = 1
	check_true "what exceeds it is counted as that rule's" test "$(excess 0 | jq '.[0] >= 15 and .[1] >= 13')" = true
	check_true "one bucket with a name for both directions" \
		test $((($(datagrams from 3 4 10) + $(datagrams to 9 4 11) + $(datagrams from 9 6 11)) / 3)) -le 2
	# 128 bytes of IP each; an Ethernet header more would be one less.
	check "bytes of IP" 4 "$(datagrams to 20 4 12)"
	# A GSO packet arrives as one. In native mode the container has no offloads, so its segments arrive. Of both packets
	# and segments as many pass: two of 10 segments, 25 segments of 10; one of 40, 78 of 40.
	whole="2 1" && [ "$hook" != "--mode native" ] || whole="25 78"
	check "GSO packets count by their segments, and these have headers" "$whole" \
		"$(segmented 6 10 1000 13) $(segmented 3 40 100 14)"
	does detach veth0
done

# --- told -----------------------------------------------------------------------------------------------

cat >"$WORK/told.policy" <<'END'
allow to icmp rate 1pps burst 2p else reject
allow to udp dport 9 rate 1pps burst 2p
default from allow rate 1pps burst 2p audit
END
does attach veth0 --policy "$WORK/told.policy" --hook tc
remember
monitor dropped veth0 reason rate
monitor audited veth0 verdict audit
in_host timeout 20 "$POLICYCTL" capture veth0 -w "$WORK/dropped.pcapng" -c 5 >"$WORK/capture" 2>&1 &
capture=$!
must wait_until 10 grep -q Ctrl-C "$WORK/capture"
in_host ping -q -c 5 -i 0.01 -W 1 198.18.0.2 >"$WORK/ping"
check_match "what is above the rate is rejected" '\+[23] errors' "$(<"$WORK/ping")"
check_true "or dropped" test "$(datagrams to 6 4 9)" -le 3
check_true "or passes by audit" test "$(datagrams from 9 4 9)" = 9
sleep 0.1
monitor_end dropped
monitor_end audited
check_match "monitor says why" 'to +REJECT rule 1: .*\(rate\) \| IP 198.18.0.1 > 198.18.0.2: ICMP echo' "$(<"$WORK/dropped")"
check_match "and which rule" 'to +DROP rule 2: .*\(rate\) \|' "$(<"$WORK/dropped")"
check_match "audit is told, too" 'from +would drop default from allow rate 1pps burst 2p audit \(rate\)' "$(<"$WORK/audited")"
must wait_until 20 test -s "$WORK/dropped.pcapng"
wait $capture
policyctl show veth0
check_match "show has the limit, and what was above it" \
	'else reject +# id 1, to: [23] packets [0-9]+ bytes
# above this rate: reject +# to: [2-9] packets' "$OUT"
check_match "of a default, too" 'burst 2p audit +# from: [0-9]+ packets? [0-9]+ bytes
# above this rate: would drop +# from: [0-9]+ packets' "$OUT"
check "its text is a policy" 0 "$(echo "$OUT" >"$WORK/shown.policy"; policyctl check "$WORK/shown.policy"; echo "$STATUS")"
policyctl stats veth0
check_match "stats names the rule" 'reject +[2-9] +[0-9]+ +1 above the rate of: allow to icmp rate 1pps' "$OUT"
policyctl stats veth0 --prometheus
check_match "metrics have a kind" 'rule_packets_total\{.*direction="to",verdict="reject",kind="rate",rule_id="1"' "$OUT"
before=$(of_stats '[.counters[] | select(.id == 1) | .to]')
policyctl explain veth0 to icmp type echo-request
check_match "explain says the limit" 'limit +1pps burst 2p; what is above it: reject' "$OUT"
check "and takes nothing" "$before" "$(of_stats '[.counters[] | select(.id == 1) | .to]')"

# --- a change of the policy -----------------------------------------------------------------------------

say "a change"
echo "rate slow 1pps burst 4p
default to allow rate @slow
allow to udp dport 9 rate 1pps burst 5p
allow to udp dport 10 rate 1pps burst 50p" >"$WORK/first.policy"
(cat "$WORK/first.policy" && echo "deny to tcp dport 81") >"$WORK/second.policy"
does apply veth0 --policy "$WORK/first.policy"
# ARP takes from the default's bucket, too.
check_true "all that the buckets have" test $(($(datagrams to 9 4 9) + $(datagrams to 9 4 11))) -ge 6
does apply veth0 --policy "$WORK/second.policy" --hook xdp
check_true "the next policy does not fill them" test $((($(datagrams to 9 4 9) + $(datagrams to 9 4 11)) / 5)) -le 1
check "a bucket that nobody used is full" 20 "$(datagrams to 20 4 10)"
policyctl deny veth0 udp/12
check_true "nor does another rule" test $((($(datagrams to 9 4 9) + $(datagrams to 9 4 11)) / 5)) -le 1
check "counters of the excess go on" true "$(excess 0 | jq '.[1] >= 15')"
does apply veth0 --deny tcp/81
check "without a rate nothing is left of the buckets" "" "$(find "$PINS" -name '*buckets')"
does apply veth0 --policy "$WORK/first.policy"
check_true "a new one is full" test "$(datagrams to 9 4 9)" -ge 5

# --- each peer ------------------------------------------------------------------------------------------

say "each"
for i in 11 12 13; do must ip -n host addr add 198.18.0.$i/24 dev veth0; done
echo "allow to udp dport 9 rate 1pps burst 3p each
allow to udp dport 10 rate 1kbit burst 100000B each" >"$WORK/each.policy"
does apply veth0 --policy "$WORK/each.policy"
total=0
for i in 11 12 13; do total=$((total + $(datagrams to 9 4 9 198.18.0.$i))); done
check_true "3 of each of three, not of all" test $((total / 3)) -ge 3 -a $((total / 3)) -le 4
check_true "in IPv6 likewise" test $(($(datagrams to 9 6 9) / 3)) = 1
no_peer_in_use() {
	[ "$(in_host "$POLICYCTL" show veth0 --json | jq .rates.peers)" = 0 ]
}
must wait_until 20 no_peer_in_use
# One packet of each of 20,000 peers: it is seconds until their buckets are full again.
mac() { # NETNS DEVICE
	ip -n "$1" -j link show dev "$2" | jq -r '.[0].address'
}
in_host /usr/bin/python3 -c '
import socket, struct, sys
device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
device.bind(("veth0", 0))
ethernet = bytes.fromhex((sys.argv[1] + sys.argv[2]).replace(":", "")) + b"\x08\0"
udp = struct.pack("!HHHH", 9, 10, 1408, 0) + bytes(1400)
for i in range(20000):
    try:
        device.send(ethernet + struct.pack("!BBHHHBBH4s4s", 0x45, 0, 1428, 0, 0, 64, 17, 0,
                                           bytes((198, 19, i >> 8, i & 255)), bytes((198, 18, 0, 2))) + udp)
    except OSError:
        pass # dropped
' "$(mac container eth0)" "$(mac host veth0)"
policyctl show veth0 --json
check_true "no more peers than there is room for" test "$(jq '.rates | .peers > 12000 and .peers <= .peers_limit' <<<"$OUT")" = true
check_true "in bounded memory" test "$(jq '.rates.memory_bytes' <<<"$OUT")" -le 4000000
say "$(jq -c '.rates' <<<"$OUT")"
check_true "the others share one, which is counted" test "$(of_stats '.to.shared_bucket.packets > 1000')" = true
policyctl stats veth0
check_match "and said" 'either +[0-9]+ +[0-9]+ +of these too many peers' "$OUT"
policyctl doctor veth0
check_match "doctor tells" 'warning +rates +16384 peers have a rate in use' "$OUT"
does detach veth0

# --- a stream -------------------------------------------------------------------------------------------

say "one TCP stream"
spawn host /usr/bin/python3 "$TESTS/bench/stream.py" serve 5201
must wait_until 10 listens host 5201
echo "default from allow rate 100mbit" >"$WORK/stream.policy"
does attach veth0 --policy "$WORK/stream.policy" --hook tc
remember
# The bucket holds a second, and is taken in bites of a fifth: of eight seconds it can add or hide that much.
read -r goodput _ < <(in_container /usr/bin/python3 "$TESTS/bench/stream.py" send 198.18.0.1 5201 cubic 2 8)
say "$goodput bit/s"
check_true "has nearly the rate, and no more (the machine may be busy)" test $((goodput / 1000000)) -ge 85 -a $((goodput / 1000000)) -le 110
does detach veth0
finish
