#!/bin/bash
# `reject`: who is refused is told at once: the host, a neighbour on the bridge, a client of a published port, and the
# container, by each hook, whatever offloads there are. No more answers than the limit allows; and a container gets
# nothing past its policy by looking like one.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 nft ethtool curl ncat

# --- rooms ----------------------------------------------------------------------------------------------

# `container` and `world` on a bridge of `host`, and `outside`, for which the host publishes ports of the container.
on_bridge() { # IFACE NETNS NUMBER
	must ip -n host link add "$1" type veth peer name eth0 netns "$2"
	must ip -n host link set "$1" master br0 up
	must ip -n "$2" addr add "198.18.0.$3/24" dev eth0
	must ip -n "$2" addr add "2001:db8::$3/64" dev eth0 nodad
	must ip -n "$2" link set eth0 up
	must ip -n "$2" route add default via 198.18.0.1
	must ip -n "$2" route add default via 2001:db8::1
}

new_netns host container world outside
must ip -n host link add br0 type bridge forward_delay 0
must ip -n host addr add 198.18.0.1/24 dev br0
must ip -n host addr add 2001:db8::1/64 dev br0 nodad
must ip -n host link set br0 up
on_bridge veth0 container 2
on_bridge veth1 world 3
new_veth veth2 outside 2
must ip -n outside route add default via 198.18.2.1
must ip -n outside route add default via 2001:db8:2::1
must in_host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
in_host nft -f - <<-'END' || skip "no NAT by nft here"
	table inet published {
		chain before {
			type nat hook prerouting priority -100
			iif veth2 meta l4proto { tcp, udp } th dport 8081 dnat ip to 198.18.0.2:81
			iif veth2 meta l4proto { tcp, udp } th dport 8081 dnat ip6 to [2001:db8::2]:81
		}
	}
END

asks() { # NETNS WHAT...
	inside "$1" /usr/bin/python3 "$TESTS/cli/refused.py" "${@:2}" 2>&1
}

must wait_until 5 inside world ping -qc1 -W0.1 198.18.0.2
must wait_until 5 inside world ping -qc1 -W0.1 2001:db8::2

answers() { # sent|limited: in both directions
	in_host "$POLICYCTL" stats veth0 --json | jq "[.[0] | .from, .to | .answers.$1.packets] | add"
}

# Four questions to the port 81 of an IPv4 and an IPv6 address.
questions() { # IPV4 IPV6 [PORT]
	echo "tcp/$1/${3:-81} udp/$1/${3:-81} tcp/$2/${3:-81} udp/$2/${3:-81}"
}

four="refused refused refused refused"
# shellcheck disable=SC2046 # words
check_refused() { # TEXT
	check "$1: the host" "$four" "$(asks host $(questions 198.18.0.2 2001:db8::2))"
	check "$1: a neighbour on the bridge" "$four" "$(asks world $(questions 198.18.0.2 2001:db8::2))"
	check "$1: by a published port" "$four" "$(asks outside $(questions 198.18.2.1 2001:db8:2::1 8081))"
	check "$1: the container, by the host" "$four" "$(asks container $(questions 198.18.0.1 2001:db8::1))"
	check "$1: the container, by a neighbour" "$four" "$(asks container $(questions 198.18.0.3 2001:db8::3))"
	check "$1: the container, by the outside" "$four" "$(asks container $(questions 198.18.2.2 2001:db8:2::2))"
}

offloads() { # on|off
	must in_host ethtool -K veth0 tx "$1"
	must in_container ethtool -K eth0 tx "$1"
	must inside world ethtool -K eth0 tx "$1"
}

# --- everybody is told, by each hook --------------------------------------------------------------------

# The answers of one direction have to pass the policy of the other one, which rejects everything.
echo 'default reject' >"$WORK/all.policy"
for how in "--hook tc" "--mode generic" "--mode native"; do
	say "$how"
	# shellcheck disable=SC2086 # words
	does attach veth0 --policy "$WORK/all.policy" $how
	remember
	check_refused "$how"
	offloads off
	check_refused "$how, checksums by the kernel"
	offloads on
	check "no answer was held back" 0 "$(answers limited)"
	check_true "answers are counted: $(answers sent)" test "$(answers sent)" -ge 48
	sent=$(answers sent)
	policyctl explain veth0 to tcp dport 81
	policyctl explain veth0 from udp dport 81
	check "asking about a packet sends no answer" "$sent" "$(answers sent)"
	does detach veth0
done

say "without reject"
does attach veth0 --default deny
remember
check "silence" "silence silence" "$(asks host tcp/198.18.0.2/81 udp/2001:db8::2/81)"
does detach veth0

# --- frames of all kinds --------------------------------------------------------------------------------

# Each byte of the answers is checked, checksums and VLAN tags too. A tag may be in the frame or in the metadata of the
# packet, the checksum written or still to be written; by whom the offloads decide.
QUESTIONS=(tcp udp tcp6 udp6 icmp "options tcp" "options udp" "vlan=5 tcp" "vlan=5 udp6" "vlan=5 vlan=6 udp"
	"size=1000 udp" "size=1000 udp6" "partial tcp" "partial udp" "partial tcp6" "partial udp6" "partial options tcp"
	"partial options udp" "vlan=5 partial udp" "vlan=5 partial tcp6")
expected=$(for words in "${QUESTIONS[@]}"; do
	[[ $words = *tcp* ]] && echo "$words: reset" || echo "$words: unreachable"
done)
mac() { # NETNS
	ip -n "$1" -j link show dev eth0 | jq -r '.[0].address'
}
answered() { # NETNS OTHER-NETNS
	/usr/bin/python3 "$TESTS/cli/answers.py" "$1" "$(mac "$2")" "${QUESTIONS[@]}" 2>&1
}
for how in "--hook tc" "--mode generic" "--mode native"; do
	say "frames of all kinds, $how"
	# shellcheck disable=SC2086 # words
	does attach veth0 --policy "$WORK/all.policy" $how
	remember
	for offloads in "on on" "off on" "on off"; do
		must in_host ethtool -K veth0 tx "${offloads% *}"
		must in_container ethtool -K eth0 tx "${offloads#* }"
		must inside world ethtool -K eth0 tx "${offloads#* }"
		check "tx checksums of host and container: $offloads, from" "$expected" "$(answered container world)"
		check "tx checksums of host and container: $offloads, to" "$expected" "$(answered world container)"
	done
	offloads on
	# Resets out of nowhere are no answers; and an answer passes once.
	check "what looks like an answer does not pass" "" \
		"$(/usr/bin/python3 "$TESTS/cli/arrivals.py" container world tcp=81 tcp6=81 udp=81 2>&1)"
	check "an answer, again, and another one in its place" "1 0 0" \
		"$(/usr/bin/python3 "$TESTS/cli/replayed_answer.py" world container 2>&1)"
	does detach veth0
done

# --- curl, nc -------------------------------------------------------------------------------------------

say "the short form"
does attach veth0 --reject to:tcp/81 --hook tc
does reject veth0 to:udp/81
remember
check_match "in the policy" '^reject to udp dport 81 .*
reject to tcp dport 81 ' "$(in_host "$POLICYCTL" show veth0)"
# shellcheck disable=SC2046 # words
check "the host is refused" "$four" "$(asks host $(questions 198.18.0.2 2001:db8::2))"
does apply veth0 --default to:reject
remember
# shellcheck disable=SC2046 # words
check "as by the default" "$four" "$(asks host $(questions 198.18.0.2 2001:db8::2 82))"
does detach veth0

say "programs that people use"
does attach veth0 --policy "$WORK/all.policy" --hook tc
remember
for url in http://198.18.0.2:81/ 'http://[2001:db8::2]:81/'; do
	in_host curl -sS -g --max-time 3 "$url" >"$WORK/curl" 2>&1
	check "curl $url ends with \"couldn't connect\"" 7 $?
done
check_match "ncat" 'refused' "$(in_host ncat -w 3 198.18.0.2 81 </dev/null 2>&1)"
check_match "ping" 'Port Unreachable' "$(in_host ping -c1 -W1 198.18.0.2 2>&1)"
check_match "ping, IPv6" '[Pp]ort [Uu]nreachable' "$(in_host ping -c1 -W1 2001:db8::2 2>&1)"
does detach veth0

# --- connections that exist -----------------------------------------------------------------------------

# Large segments that are cut up later (GSO), and small ones.
say "in the middle of a stream"
spawn container ncat -lk 90 >/dev/null
spawn host ncat -lk 90 >/dev/null
listens() { # NETNS
	[ -n "$(inside "$1" ss -Hltn sport = 90)" ]
}
must wait_until 5 listens container
must wait_until 5 listens host
is_over() { # PID
	! kill -0 "$1" 2>/dev/null
}
for how in "--hook tc" "--mode generic" "--mode native"; do
	for gso in on off; do
		for direction in to from; do
			# shellcheck disable=SC2086 # words
			policyctl attach veth0 --allow tcp $how
			remember
			[ $direction = to ] && client=host target=198.18.0.2 || client=container target=198.18.0.1
			must in_host ethtool -K br0 gso $gso tso $gso
			must in_container ethtool -K eth0 gso $gso tso $gso
			spawn "$client" /usr/bin/python3 "$TESTS/cli/refused.py" "stream/$target/90" >"$WORK/stream"
			stream=$!
			wait_until 5 grep -q sends "$WORK/stream"
			echo "reject $direction tcp dport 90" >"$WORK/stream.policy"
			policyctl apply veth0 --policy "$WORK/stream.policy"
			remember
			wait_until 2 is_over $stream
			check "$how, GSO $gso, $direction the container" "sends reset" "$(one_line <"$WORK/stream")"
			policyctl detach veth0
		done
	done
done

# --- beside established ---------------------------------------------------------------------------------

# A connection that the container opens lives, while all else is rejected; answers open no connection.
cat >"$WORK/established.policy" <<-'END'
	default reject
	allow from tcp dport 90
	allow to established
	allow from established
END
# shellcheck disable=SC2016 # the inner shell's
sends() {
	inside container bash -c 'exec 3<>/dev/tcp/198.18.0.1/90; for i in {1..50}; do echo "$i" >&3 || exit; done'
}
for how in "--hook tc" "--mode generic" "--mode native"; do
	say "established, $how"
	# shellcheck disable=SC2086 # words
	does attach veth0 --policy "$WORK/established.policy" $how
	remember
	check_true "a connection out of the container" sends
	check_refused "$how, beside established"
	check_true "and another one" sends
	does detach veth0
done

# --- the limit ------------------------------------------------------------------------------------------

say "a flood"
echo 'reject udp dport 81' >"$WORK/flood.policy"
# shellcheck disable=SC2016 # awk's
unreachable() { # ICMP errors that the container has received
	in_container awk '$1 == "Icmp:" && $2 ~ /^[0-9]/ { print $4 }' /proc/net/snmp
}
for how in "--hook tc" "--mode generic" "--mode native"; do
	# shellcheck disable=SC2086 # words
	does attach veth0 --policy "$WORK/flood.policy" $how
	remember
	start=$SECONDS before=$(unreachable)
	check "20,000 datagrams" sent "$(asks container flood/198.18.0.1/81)"
	limit=$((1000 + 100 * (SECONDS - start + 1)))
	check_true "$how: at most 1,000 and 100 a second are answered: $(answers sent)" \
		test "$(answers sent)" -ge 1000 -a "$(answers sent)" -le $limit
	check "all others are counted" 20000 "$(($(answers sent) + $(answers limited)))"
	check_true "no more than these arrive" test $(($(unreachable) - before)) -le "$(answers sent)"
	does detach veth0
done
finish
