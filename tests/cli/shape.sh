#!/bin/bash
# `shape`: what passes waits its turn instead of being lost. TCP gets its rate at each hook and in both directions, and
# nobody waits long behind it; queues go through changes of policy; what is not ours is refused and stays; nothing is
# left behind, also where the interface is gone first.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 ping jq
new_rooms
BULK="$(dirname "$0")/bulk.py"
INDEX=$(ip -n host -j link show dev veth0 | jq '.[0].ifindex')
DEVICE=pctl-$INDEX
BEFORE=$(snapshot)
RATE=3000 # kbit/s

cat >"$WORK/slow.policy" <<POLICY
rate slow ${RATE}kbit
allow from udp
allow from any shape @slow
allow to udp
allow to any shape @slow
POLICY

rates_of() { # DEVICE: of the classes of htb
	tc -n host class show dev "$1" | sed -n 's/^class htb .* rate \([0-9KMG]*bit\) .*/\1/p' | sort | one_line
}

# --- TCP gets its rate, and nobody waits long -----------------------------------------------------------

# One stream out of the container, or into it, and a ping beside it: $KBITS and $PING, the longest in ms.
stream() { # from|to
	local receiver=host sender=container address=198.18.0.1
	[ "$1" = from ] || receiver=container sender=host address=198.18.0.2
	nsenter --net="/run/netns/$receiver" /usr/bin/python3 "$BULK" receive 5001 1.5 >"$WORK/kbits" 2>"$WORK/bulk.err" &
	local waiting=$!
	wait_until 5 listens "$receiver" 5001
	spawn "$sender" /usr/bin/python3 "$BULK" send "$address" 5001
	local sending=$!
	sleep 0.5 # until its queue is full
	PING=$(inside "$sender" ping -qc12 -i0.1 "$address" | sed -n 's|^rtt.*/\([0-9]*\)\.[0-9]*/[0-9.]* ms$|\1|p')
	wait $waiting
	stop $sending
	KBITS=$(<"$WORK/kbits")
}

# True if the stream has at least this share of the rate, in percent, and no more than all of it.
has_its_rate() { # PERCENT
	[ -n "$KBITS" ] && [ "$KBITS" -ge $((RATE * $1 / 100)) ] && [ "$KBITS" -le $((RATE * 102 / 100)) ]
}

waits_not_long() {
	[ -n "$PING" ] && [ "$PING" -ge 5 ] && [ "$PING" -le 100 ]
}

check_stream() { # TEXT DIRECTION
	stream "$2"
	check_true "$1, $2: TCP has its rate ($KBITS of $RATE kbit/s)" has_its_rate 90
	check_true "  and a ping behind it waits, but not long ($PING ms)" waits_not_long
}

for hook in "--hook tc" "--mode generic" "--mode native"; do
	# shellcheck disable=SC2086
	does attach veth0 $hook --policy "$WORK/slow.policy"
	check_match "  says where packets wait" "shape from +device $DEVICE .*shape to +root qdisc htb 7063:" "${OUT//$'\n'/ }"
	remember
	for direction in from to; do
		[ "$hook $direction" = "--mode native to" ] || check_stream "$hook" $direction
	done
	[ "$hook" = "--mode native" ] && break
	does detach veth0
	check_same "  all is as before" "$BEFORE" "$(snapshot)"
done

# --- what is counted ------------------------------------------------------------------------------------

classes() { # JQ: of show --json, one line for each
	policyctl show veth0 --json
	jq -r ".shaping[] | $1" <<<"$OUT" | sort | one_line
}

check "show: one queue in each direction" "@slow from true 3000000 @slow to true 3000000" \
	"$(classes '"\(.name) \(.live) \(.rate_bits)"')"
check "  both have sent" "true true" "$(classes '.packets > 30 and .bytes > 2000')"
check "  the one that was full has dropped" true "$(classes 'select(.name == "@slow from") | .dropped > 0')"
check "  and nothing waits now" "0 0" "$(classes .waiting_bytes)"
policyctl show veth0
check_match "  the same for people" "shape +@slow from: [0-9,]+ packets [0-9,]+ bytes sent, [0-9,]+ packets dropped" "$OUT"
policyctl stats veth0 --json
check "stats: the same queues" "@slow from true @slow to true" \
	"$(jq -r '.[0].shaping[] | "\(.name) \(.live)"' <<<"$OUT" | sort | one_line)"
policyctl stats veth0 --prometheus
check_match "  as metrics: what they sent" \
	'policyctl_queue_packets_total\{interface="veth0",direction="to",queue="@slow to"\} [1-9]' "$OUT"
check_match "    and what the full one dropped" \
	'policyctl_queue_dropped_packets_total\{interface="veth0",direction="from",queue="@slow from"\} [1-9]' "$OUT"
policyctl stats veth0
check_match "  and for people" 'from +shape +[0-9]+ +[0-9]+ +sent by the queue of @slow from' "$OUT"
check_match "    what is lost" 'from +shape +[1-9][0-9]* +- +dropped by the full queue of @slow from' "$OUT"
policyctl show veth0
check_no_match "  the filter before the queue is not a neighbour" "neighbour +tc" "$OUT"

policyctl explain veth0 from tcp dport 80
check_match "explain says that it may wait" "limit +3mbit, burst 11 ms, shared by all with @slow; above it packets wait" "$OUT"

# --- changes --------------------------------------------------------------------------------------------

# A rule that stays keeps its queue, whatever stands beside it.
cat >"$WORK/more.policy" <<'POLICY'
rate slow 5mbit
allow from udp dport 53 shape 1mbit
allow from any shape @slow
allow to any shape @slow
POLICY
sent=$(classes 'select(.name == "@slow from") | "\(.classid) \(.packets)"')
spawn container ping -qi0.01 198.18.0.1 >"$WORK/ping"
pinging=$!
for _ in 1 2 3; do
	does apply veth0 --policy "$WORK/more.policy"
	check "  one more queue, the others at another rate" "1000000 5000000 5000000" "$(classes .rate_bits)"
	check "  as the kernel has them: bytes of frames" "1009Kbit 5046Kbit" "$(rates_of "$DEVICE")"
	does apply veth0 --policy "$WORK/slow.policy"
	check "  and gone again" "3028Kbit" "$(rates_of "$DEVICE")"
done
kill -INT $pinging
wait $pinging 2>/dev/null
check_match "  meanwhile nothing was lost" " 0% packet loss" "$(<"$WORK/ping")"
check "  the queue is the same one" true "$(classes "select(.name == \"@slow from\")
	| \"\(.classid)\" == \"${sent% *}\" and .packets > ${sent#* } + 20")"

# --- what others take away is missed, and put back ------------------------------------------------------

broken() { # TEXT DOCTOR
	policyctl list --json
	check "$1: list says so" "shaping missing" "$(jq -r '.[0].state' <<<"$OUT")"
	policyctl doctor veth0
	check_match "  doctor too" "$2" "$OUT"
	does attach veth0 --policy "$WORK/slow.policy" --mode native
	policyctl list --json
	check "  attach puts it back" enforcing "$(jq -r '.[0].state' <<<"$OUT")"
	check "  with its queues" "true true" "$(classes .live)"
}

must tc -n host qdisc del dev veth0 root
broken "no root qdisc" "fault +shape +the root qdisc is not"
must ip -n host link del "$DEVICE"
check "without the device what would wait in it is lost" 100% "$(in_container ping -qc3 -i0.05 -W0.1 198.18.0.1 | grep -o '[0-9]*%')"
broken "no device" "fault +shape +the device $DEVICE was removed"
must tc -n host filter del dev veth0 ingress prio 65535
broken "no filter" "fault +shape +the filter that sends packets to $DEVICE was removed"
must tc -n host class del dev "$DEVICE" classid 7063:10
policyctl doctor veth0
check_match "a class that is gone: doctor says so" "warning +shape +there is no queue for @slow from" "$OUT"
policyctl show veth0
check_match "  show too" "@slow from: its queue is MISSING" "$OUT"
does attach veth0 --policy "$WORK/slow.policy" --mode native
check "  attach makes it anew" "true true" "$(classes .live)"

# --- other filters are asked before a packet goes to wait -----------------------------------------------

must "$CLI_PROBE" program tc /sys/fs/bpf/handed
must in_host tc filter add dev veth0 ingress prio 40000 handle 1 bpf da object-pinned /sys/fs/bpf/handed
must rm /sys/fs/bpf/handed
policyctl show veth0
check_match "a filter of somebody else stands in front of the queue" "neighbour +tc ingress filter, priority 40000" "$OUT"
must tc -n host filter del dev veth0 ingress prio 40000
does detach veth0
check_same "all is as before" "$BEFORE" "$(snapshot)"

# --- what is not ours is refused, and stays -------------------------------------------------------------

refused() { # TEXT MESSAGE [apply]: of attach, and of apply
	local there
	there=$(snapshot)
	policyctl attach veth0 --policy "$WORK/slow.policy"
	check "$1: refused" 1 "$STATUS"
	check_match "  and named" "$2" "$ERR"
	check_same "  it stays" "$there" "$(snapshot)"
	[ -z "${3:-}" ] && return
	does attach veth0 --deny tcp # without \`shape\` it does not matter
	policyctl apply veth0 --policy "$WORK/slow.policy"
	check "  likewise by apply" 1 "$STATUS"
	does detach veth0
	check_same "  it stays" "$there" "$(snapshot)"
}

must tc -n host qdisc add dev veth0 root handle 77: tbf rate 1gbit burst 100k limit 1m
refused "another root qdisc" "needs the root qdisc, and another one is there \(tbf 77:\): not replaced" apply
must tc -n host qdisc replace dev veth0 root handle 7063: htb
refused "one like ours" "one of policyctl \(htb 7063:\) whose state is not among these pins: not replaced"
must tc -n host qdisc del dev veth0 root
must ip -n host link add "$DEVICE" type ifb
refused "another device with the name of ours" "a device called $DEVICE, and another one has that name: not replaced" apply
must ip -n host link del "$DEVICE"
must tc -n host qdisc add dev veth0 clsact
must tc -n host filter add dev veth0 ingress prio 65535 u32 match u32 0 0
refused "another filter in the last place" "another filter is there \(priority 65535, kind u32"
must tc -n host qdisc del dev veth0 clsact

# --- with the capabilities of the daemon ----------------------------------------------------------------

daemon_like() { # COMMAND...
	in_host setpriv --bounding-set=-all,+bpf,+net_admin,+perfmon "$POLICYCTL" "$@" >"$WORK/stdout" 2>&1 ||
		fail "policyctl $*" "$(<"$WORK/stdout")"
}

daemon_like attach veth0 --policy "$WORK/slow.policy"
daemon_like apply veth0 --policy "$WORK/more.policy"
check "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON suffice" "1009Kbit 5046Kbit" "$(rates_of "$DEVICE")"
daemon_like detach veth0
check_same "  also to take it away" "$BEFORE" "$(snapshot)"

# --- the interface is gone ------------------------------------------------------------------------------

does attach veth0 --policy "$WORK/slow.policy" --hook tc
remember
must ip -n host link del veth0
policyctl list
check_match "the interface goes: the next command notices" "veth0 \(ifindex $INDEX\) is gone: state removed" "$ERR"
check_false "  and removes its device" ip -n host link show dev "$DEVICE"
finish
