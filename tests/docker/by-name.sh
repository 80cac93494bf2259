#!/bin/bash
# Interfaces that no engine knows, followed by their names, on a host without docker: veths as systemd-nspawn and LXC make
# them, and a tap. Guests send from their first instruction; nothing denied gets out or in, through restarts, a killed
# daemon, changed policies and a changed configuration.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3
for file in talker counter; do
	[ -x "$DOCKER_PROGRAMS/docker_$file" ] || skip "docker_$file is not built"
done
mkdir -p "$RECORDS" "$POLICIES"
: >"$DAEMON_LOG"
new_netns host guest
must ip -n host link add br-guests address 02:00:00:00:64:01 type bridge
must ip -n host addr add 198.18.64.1/24 dev br-guests
must ip -n host link set br-guests up
counter bridge br-guests
DOCKER_SOCKET=$WORK/no-engine

leave() {
	ip -n host link delete ve-web 2>/dev/null
	ip -n host link delete tap7 2>/dev/null
	wait_until 10 no_pins_left
	daemon_stop
	check "the daemon ends with status 0" 0 "$STATUS"
	check "and no sanitizer complained" "" "$(grep -E 'Sanitizer|runtime error' "$DAEMON_LOG")"
}

# --- guests ---------------------------------------------------------------------------------------------

# Whoever is inside sets its end up as soon as that is there, and sends at once, before the veth exists already.
guest_begins() { # NUMBER
	ip netns delete guest # what it has counted too
	new_netns guest
	rm -f "$WORK/ended.$1"
	spawn guest sh -c "until ip link set host0 up 2>/dev/null; do :; done
		ip addr add 198.18.64.10/24 dev host0
		$DOCKER_PROGRAMS/docker_talker --number $1 --record $RECORDS/start$1 --seconds 1 --rate 200 198.18.64.1
		touch $WORK/ended.$1"
	GUEST=$!
}

guest_ends() { # NUMBER
	must wait_until 10 test -e "$WORK/ended.$1"
	wait "$GUEST"
}

# As systemd-nspawn: the other end is in the guest from the beginning. LXC, below, moves it there.
new_guest() { # IFACE
	must ip -n host link add "$1" type veth peer name host0 address "$(mac_of 198.18.64.10)" netns guest
	must ip -n host link set "$1" master br-guests up
}

new_guest_lxc() { # IFACE
	must ip -n host link add "$1" type veth peer name vethPEER address "$(mac_of 198.18.64.10)"
	must ip -n host link set "$1" master br-guests up
	must ip -n host link set vethPEER netns guest name host0
}

# One life of a guest: it begins to send, its veth comes, it ends.
live() { # NUMBER IFACE [new_guest_lxc]
	guest_begins "$1"
	"${3:-new_guest}" "$2"
	guest_ends "$1"
	must ip -n host link delete "$2"
	count
}

check_held_to_its_policy() { # TEXT FIRST LAST
	check "$1: all talked" "" "$(silent "$2" "$3")"
	check "$1: 0 get out" "" "$(leaked_out "$2" "$3")"
	check "$1: 0 get in" "" "$(leaked_in "$2" "$3")"
}

state_of() { # IFACE: its state, mode, rules, from list
	policyctl list --json
	jq -r --arg iface "$1" '.[] | select(.interface == $iface) |
		"\(if .held then "held" elif .enforcing then "enforcing" else "not" end) \(.hook) \(.xdp.mode // "-") \(.manager)"' <<<"$OUT"
}

policy_of() { # IFACE
	policyctl show "$1"
	sed 's/ *#.*//; /^$/d; /^default/d' <<<"$OUT" | one_line
}

has_policy() { # IFACE TEXT
	[[ $(policy_of "$1") = *"$2"* ]]
}

nothing_on() { [ -z "$(hooks_of "$1")" ]; }

in_force_on() { # IFACE
	logged ".message == \"policy in force\" and .interface == \"$1\""
}

# --- the configuration ----------------------------------------------------------------------------------

# Which start denies what: even numbers TCP and ICMP, odd ones UDP (`denied`).
printf 'deny tcp\ndeny icmp\n' >"$POLICIES/even.policy"
printf 'deny udp\n' >"$POLICIES/odd.policy"
printf 'deny tcp\n' >"$POLICIES/vm.policy"

write() { # POLICY-OF-ve-*
	cat >"$DAEMON_CONFIG" <<-END
		[daemon]
		log-format = json
		[policy]
		directory = $POLICIES
		${BASELINE:-}
		[follow "ve-*"]
		policy = $1
		[follow "vethLX*"]
		policy = $1
		hook = tc
		[follow "tap[0-9]*"]
		policy = vm
	END
}

reload() {
	mark
	kill -HUP "$DAEMON"
	must wait_until 10 logged '.message == "reloaded"'
}

flood br-guests 2 100 198.18.64.10

say "without a daemon all of it gets out, and in"
live 10 ve-web
live 11 vethLX1a2B new_guest_lxc
check "2 get out" 2 "$(leaked_out 10 11 | wc -l)"
check "3 kinds get in" 3 "$(leaked_in 10 11 | wc -l)"

say "the daemon, without an engine"
write even
daemon_start
for number in 20 22 24 26; do
	live $number ve-web
	live 3${number#2} vethLX1a2B new_guest_lxc
done
for number in 20 22 24 26 30 32 34 36; do
	check_held_to_its_policy "start $number" $number $number
done
check "each got its policy" "4 4" \
	"$(log '.message == "policy in force" and .interface == "ve-web"' | wc -l) $(log '.message == "policy in force" and .interface == "vethLX1a2B"' | wc -l)"
check "and was held before" "" "$(log '.message == "policy in force" and .gate_ms == null and .newlink_ms == null')"

say "what is told"
new_guest ve-web
must ip -n guest link set host0 up
must ip -n guest addr add 198.18.64.10/24 dev host0
must wait_until 5 has_policy ve-web "deny tcp"
check "native mode: who is behind it may have CAP_NET_ADMIN" "enforcing xdp native daemon" "$(state_of ve-web)"
policyctl list --json
check "it has no container" "null interfaces ve-*: even.policy" \
	"$(jq -r '.[] | select(.interface == "ve-web") | "\(.container) \(.policy_source)"' <<<"$OUT")"
policyctl show ve-web
check_match "show names the pattern" "policy from  *interfaces ve-\*: even.policy, kept by the daemon" "$OUT"
check "and no container" "" "$(grep '^#   container' "$WORK/stdout")"
policyctl detach ve-web
check "detach is refused" 1 "$STATUS"
check_match "and says why" "the daemon keeps the policy of ve-web \(from: interfaces ve-\*: even.policy\)" "$ERR"
check_true "doctor finds nothing wrong with it" policyctl doctor ve-web
say "$OUT"

say "policies and configuration change"
printf 'deny udp\ndeny tcp\n' >"$POLICIES/even.policy"
check_true "a changed file is in force at once" wait_until 10 has_policy ve-web "deny udp"
echo 'deny tpc' >"$POLICIES/even.policy"
check_logged "one with an error is refused" '.message == "policy file refused"'
check "and changes nothing" "deny udp deny tcp" "$(policy_of ve-web)"
printf 'deny tcp\ndeny icmp\n' >"$POLICIES/even.policy"
must wait_until 10 has_policy ve-web "deny icmp"
write odd
reload
check_true "another policy" wait_until 10 has_policy ve-web "deny udp"
BASELINE="baseline = block"
echo 'deny from tcp dport 25' >"$POLICIES/block.policy"
write odd
reload
check_true "the baseline comes first" wait_until 10 has_policy ve-web "deny from tcp dport 25"
BASELINE=
write odd
reload
must wait_until 10 has_policy ve-web "deny udp"

say "names"
must ip -n host link set ve-web down
must ip -n host link set ve-web name other
must ip -n host link set other up
check_true "a name that nobody follows: taken off" wait_until 10 nothing_on other
check_logged "that is said" '.message == "policy taken off" and .interface == "other"'
must ip -n host link set other down
must ip -n host link set other name ve-back
must ip -n host link set ve-back up
check_true "a name that fits again: in force" wait_until 10 has_policy ve-back "deny udp"
must ip -n host link set ve-back down
must ip -n host link set ve-back name ve-web
must ip -n host link set ve-web up
check_true "another one that fits: the policy stays" wait_until 10 has_policy ve-web "deny udp"
mark
must ip -n host link add ve-a type veth peer name ve-b
check_logged "both ends here: let go after a while" '.message == "let go" and .interface == "ve-a"'
check_true "nothing is on them" wait_until 5 nothing_on ve-a
must ip -n host link delete ve-a
must ip -n host link add ve-bridge type bridge
mark
reload
check_logged "a bridge of such a name is never followed" \
	'.message == "never followed" and .interface == "ve-bridge" and .why == "it is a bridge"'
inside host "$POLICYCTL" daemon --check --config "$DAEMON_CONFIG" >"$WORK/out" 2>&1
check "--check refuses a pattern that fits one that is there" 2 $?
check_match "and says which" "the pattern .ve-\*. fits ve-bridge, .*: it is a bridge" "$(<"$WORK/out")"
must ip -n host link delete ve-bridge

say "the daemon is killed"
daemon_kill9
check "its policy stays" "deny udp" "$(policy_of ve-web)"
daemon_start
check "the next one takes it over" "deny udp" "$(policy_of ve-web)"
check "it was in force already" "" "$(log '.message == "policy in force" or .message == "policy changed"')"
must ip -n host link delete ve-web
live 41 ve-web
live 43 ve-web
check_held_to_its_policy "restarts" 41 41
check_held_to_its_policy "restarts" 43 43

say "quarantine outlives a restart of the guest"
new_guest ve-web
must wait_until 5 has_policy ve-web "deny udp"
does quarantine ve-web
must ip -n host link delete ve-web
guest_begins 51
new_guest ve-web
guest_ends 51
count
check "nothing gets out" 0 "$(counted_everywhere 'udp|tcp|icmp' 51)"
does release ve-web
check_true "released: its policy" wait_until 10 has_policy ve-web "deny udp"

say "the pattern goes"
printf '[daemon]\nlog-format = json\n[policy]\ndirectory = %s\n[follow "tap[0-9]*"]\npolicy = vm\n' "$POLICIES" >"$DAEMON_CONFIG"
reload
check_true "taken off" wait_until 10 nothing_on ve-web
write odd
reload
check_true "the pattern comes back: a guest that runs gets it" wait_until 10 has_policy ve-web "deny udp"
daemon_kill9
printf '[daemon]\nlog-format = json\n[policy]\ndirectory = %s\n' "$POLICIES" >"$DAEMON_CONFIG"
daemon_start
check_true "it goes while no daemon runs: taken off" wait_until 10 nothing_on ve-web
must ip -n host link delete ve-web
daemon_stop

say "faults"
write missing
inside host "$POLICYCTL" daemon --check --config "$DAEMON_CONFIG" >"$WORK/out" 2>&1
check "--check refuses a policy that is not there" 2 $?
check_match "and says for what" "missing.policy: error: .*interfaces ve-\*" "$(<"$WORK/out")"
daemon_start
guest_begins 61
new_guest ve-web
guest_ends 61
count
check "a guest whose policy is missing is held" 0 "$(counted_everywhere 'udp|tcp|icmp' 61)"
check "list says so" "held" "$(state_of ve-web | cut -d' ' -f1)"
printf 'deny udp\n' >"$POLICIES/missing.policy"
check_true "the file comes: its policy" wait_until 10 has_policy ve-web "deny udp"
must ip -n host link delete ve-web
write odd
reload

say "a tap, with something behind it"
cat >"$WORK/guest.py" <<'E2'
# Opens a tap as a hypervisor does and sends at once: frames of UDP and of TCP, by turns, until it is ended.
import fcntl, os, struct, sys, time
name, source, target = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", "")), bytes.fromhex(sys.argv[3].replace(":", ""))
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", name.encode(), 0x0002 | 0x1000))
def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return ~((total & 0xffff) + (total >> 16)) & 0xffff
def frame(protocol):
    rest = struct.pack("!HHHH", 5000, 10000, 8 + 20, 0) + bytes(20) if protocol == 17 else \
        struct.pack("!HHIIBBHHH", 5000, 10000, 1, 0, 0x50, 2, 1000, 0, 0)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(rest), 1, 0, 64, protocol, 0,
                         bytes([198, 18, 64, 10]), bytes([198, 18, 64, 1]))
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return target + source + b"\x08\x00" + header + rest
while True:
    for protocol in 17, 6:
        try:
            os.write(tap, frame(protocol))
        except OSError:
            pass
    time.sleep(0.001)
E2
tcp_in() { awk '/^Tcp:/ && !n { for (i = 1; i <= NF; i++) if ($i == "InSegs") n = i; next } /^Tcp:/ { print $n }' <(in_host cat /proc/net/snmp); }
udp_in() { awk '/^Udp:/ && !n { for (i = 1; i <= NF; i++) if ($i == "NoPorts") n = i; next } /^Udp:/ { print $n }' <(in_host cat /proc/net/snmp); }
udp_grew() { [ "$(udp_in)" -gt $((udp + 100)) ]; }
tap_gone() { ! ip -n host link show tap7 >/dev/null 2>&1; }
boot() { # the hypervisor makes the tap and sends from then on; the host's side follows
	spawn host python3 "$WORK/guest.py" tap7 "$(mac_of 198.18.64.10)" 02:00:00:00:64:01
	VM=$!
	must wait_until 5 ip -n host link set tap7 master br-guests up
}
stop "$FLOOD"
tcp=$(tcp_in)
for ((i = 0; i < 4; i++)); do
	udp=$(udp_in)
	mark
	boot
	check_true "start $i: it sends what is allowed" wait_until 10 udp_grew
	check_true "start $i: its policy is in force" wait_until 10 in_force_on tap7
	[ $i = 3 ] || stop "$VM"
	[ $i = 3 ] || must wait_until 5 tap_gone
done
check "nothing that is denied got out" "$tcp" "$(tcp_in)"
check "clsact alone" "enforcing tc - daemon" "$(state_of tap7)"
stop "$VM"
finish
