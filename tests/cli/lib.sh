# shellcheck shell=bash
# What the scripts of this directory share: a sandbox, two ends of a veth, words for checks.
#
# sandbox "$@" comes first in each script. It runs the script again in mount and process namespaces of its
# own, with an empty bpffs on /sys/fs/bpf and an empty /run. So the script's first look at both is exact, names
# cannot clash, and when the script ends, however it ends (kill -9 too), the kernel takes away its processes
# with it, and with them the network namespaces, the pins and the programs.

set -uo pipefail

BUILD=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build
export POLICYCTL=${POLICYCTL:-$BUILD/policyctl}
export POLICY_OBJECT=${POLICY_OBJECT:-$BUILD/policy.bpf.o}
export CLI_PROBE=${CLI_PROBE:-$BUILD/cli_probe}
export LC_ALL=C

SKIP=77
WORK=/run/work # files of this run
PINS=/sys/fs/bpf/policyctl

skip() {
	echo "1..0 # SKIP $*"
	exit "$SKIP"
}

need() { # TOOL...
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is missing"
	done
}

sandbox() {
	if [ -z "${IN_SANDBOX:-}" ]; then
		[ "$(id -u)" = 0 ] || skip "needs root"
		need ip tc nsenter unshare setpriv bpftool jq ping
		unshare --mount true 2>/dev/null || skip "may not make namespaces here"
		for file in "$POLICYCTL" "$CLI_PROBE"; do
			[ -x "$file" ] || skip "$file is not built"
		done
		export IN_SANDBOX=1
		# unshare itself ignores INT and TERM; the end of this shell ends everything in it.
		setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "$@" &
		trap 'kill -KILL $!; exit 130' INT TERM
		wait $!
		exit
	fi
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mount -t tmpfs tmpfs /run && mount -t bpf bpf /sys/fs/bpf && mkdir /run/netns "$WORK" || exit 1
	touch "$WORK/known.prog" "$WORK/known.map"
	BPFFS_AT_START=$(find /sys/fs/bpf | sort)
	SECONDS=0
}

# --- checks ---------------------------------------------------------------------------------------------

CHECKS=0
FAILED=0

pass() {
	echo "ok $((++CHECKS)) - $*"
}

fail() { # TEXT [DETAIL...]
	echo "not ok $((++CHECKS)) - $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/#     /'
	FAILED=$((FAILED + 1))
}

check() { # TEXT EXPECTED SEEN
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected: $2" "seen:     $3"; fi
}

check_same() { # TEXT BEFORE AFTER: many lines
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "$(diff -U0 --label before --label after <(echo "$2") <(echo "$3"))"
	fi
}

check_match() { # TEXT REGEX SEEN
	if grep -qE -- "$2" <<<"$3"; then pass "$1"; else fail "$1" "expected: /$2/" "seen:     $3"; fi
}

check_no_match() { # TEXT REGEX SEEN
	if grep -qE -- "$2" <<<"$3"; then fail "$1" "not expected: /$2/" "seen: $3"; else pass "$1"; fi
}

check_true() { # TEXT COMMAND...
	if "${@:2}" >"$WORK/out" 2>&1; then pass "$1"; else fail "$1" "${*:2}" "$(cat "$WORK/out")"; fi
}

check_false() { # TEXT COMMAND...
	if "${@:2}" >"$WORK/out" 2>&1; then fail "$1" "${*:2}" "$(cat "$WORK/out")"; else pass "$1"; fi
}

say() {
	echo "# $*"
}

# Runs a command that must succeed; otherwise ends the script.
must() {
	"$@" >"$WORK/out" 2>&1 || {
		fail "preparing: $*" "$(<"$WORK/out")"
		finish
	}
}

wait_until() { # SECONDS COMMAND...
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
	return 0
}

# --- rooms ----------------------------------------------------------------------------------------------

inside() { # NETNS COMMAND...
	nsenter --net="/run/netns/$1" "${@:2}"
}

in_host() { inside host "$@"; }
in_container() { inside container "$@"; }

new_netns() { # NAME...
	local name
	for name; do
		must ip netns add "$name"
		must ip -n "$name" link set lo up
	done
}

# A veth between `host` (IFACE, for example veth0) and CONTAINER (eth0). NUMBER makes its addresses unique.
new_veth() { # IFACE CONTAINER NUMBER
	local iface=$1 container=$2 number=$3
	must ip -n host link add "$iface" type veth peer name eth0 netns "$container"
	must ip -n host addr add "198.18.$number.1/24" dev "$iface"
	must ip -n host addr add "2001:db8:$number::1/64" dev "$iface" nodad
	must ip -n "$container" addr add "198.18.$number.2/24" dev eth0
	must ip -n "$container" addr add "2001:db8:$number::2/64" dev eth0 nodad
	must ip -n host link set "$iface" up
	must ip -n "$container" link set eth0 up
	must wait_until 5 carries "$iface"
	must wait_until 5 carries eth0 "$container"
	must wait_until 5 in_host ping -qc1 -W0.1 "198.18.$number.2"
	must wait_until 5 in_host ping -qc1 -W0.1 "2001:db8:$number::2"
}

carries() { # IFACE [NETNS]
	[ "$(ip -n "${2:-host}" -j link show dev "$1" | jq -r '.[0].operstate')" = UP ]
}

new_rooms() {
	new_netns host container
	new_veth veth0 container 0
}

# --- policyctl ------------------------------------------------------------------------------------------

# Runs it in `host`: $STATUS, $OUT, $ERR.
policyctl() {
	in_host "$POLICYCTL" "$@" >"$WORK/stdout" 2>"$WORK/stderr"
	STATUS=$?
	OUT=$(<"$WORK/stdout")
	ERR=$(<"$WORK/stderr")
}

# The same; it must end with status 0.
does() {
	policyctl "$@"
	if [ "$STATUS" = 0 ]; then
		pass "policyctl $*"
	else
		fail "policyctl $*" "status $STATUS" "$OUT" "$ERR"
	fi
}

# Remembers the programs and maps that are pinned now, to see later that they are gone.
remember() {
	pinned prog >>"$WORK/known.prog"
	pinned map >>"$WORK/known.map"
}

pinned() { # prog|map: ids
	bpftool -f -j "$1" show |
		jq --arg under "${POLICYCTL_BPFFS:-$PINS}/" '.[] | select(any(.pinned[]?; startswith($under))) | .id'
}

# Those of the remembered ones that still exist.
known_left() {
	local kind
	for kind in prog map; do
		bpftool -j $kind show | jq ".[].id" | grep -xFf "$WORK/known.$kind" | sed "s/^/$kind /"
	done
}

none_known_left() { [ -z "$(known_left)" ]; }

maps_of() { # PROGRAM
	bpftool -j prog show id "$1" | jq '.map_ids[]?'
}

# Runs the command undisturbed, and prints the numbers of its calls of SYSCALL at which to stop it: all of them, except
# that of bpf calls only those that leave something behind, and of the others one in $EVERY.
points() { # SYSCALL ARGUMENTS...
	in_host strace -qq -o "$WORK/trace" -e "trace=$1" "$POLICYCTL" "${@:2}" >/dev/null 2>&1
	awk -v every="${EVERY:-8}" -v call="$1" \
		'call != "bpf" || /BPF_OBJ_PIN|BPF_MAP_UPDATE/ || NR % every == 0 { print NR }' "$WORK/trace"
}

# --- what is there --------------------------------------------------------------------------------------

# Everything that policyctl could have changed, as ip, tc and find print it.
snapshot() {
	local device
	for device in $(ip -n host -j link | jq -r '.[].ifname'); do
		echo "== $device"
		ip -n host -d link show dev "$device"
		tc -n host qdisc show dev "$device"
		tc -n host filter show dev "$device" ingress 2>&1
		tc -n host filter show dev "$device" egress 2>&1
	done
	echo "== container"
	ip -n container -d link show
	find /sys/fs/bpf | sort
}

xdp_id() { # IFACE [NETNS]
	ip -n "${2:-host}" -j link show dev "$1" | jq '.[0].xdp.prog.id // 0'
}

tc_id() { # IFACE [NETNS]
	tc -n "${2:-host}" -j filter show dev "$1" egress 2>/dev/null |
		jq '[.[] | select(.pref == 1) | .options.prog.id // empty][0] // 0'
}

# Foreign programs. The pin that hands one over is removed.
foreign_xdp() { # IFACE xdpgeneric|xdpdrv
	must "$CLI_PROBE" program xdp /sys/fs/bpf/handed
	must in_host ip link set dev "$1" "$2" pinned /sys/fs/bpf/handed
	must rm /sys/fs/bpf/handed
}

foreign_filter() { # IFACE PRIORITY HANDLE
	must "$CLI_PROBE" program tc /sys/fs/bpf/handed
	must in_host tc filter add dev "$1" egress prio "$2" handle "$3" bpf da object-pinned /sys/fs/bpf/handed
	must rm /sys/fs/bpf/handed
}

# How many of COUNT frames of each class arrive: "CLASS N" lines.
sent_from() { # COUNT CLASS...: by the container
	"$CLI_PROBE" send /run/netns/container eth0 /run/netns/host "${IFACE:-veth0}" "$@"
}

sent_to() { # COUNT CLASS...: to the container
	"$CLI_PROBE" send /run/netns/host "${IFACE:-veth0}" /run/netns/container eth0 "$@"
}

one_line() {
	tr '\n' ' ' | sed 's/ $//'
}

# check_arrives TEXT from|to COUNT "CLASS N"...: N of COUNT arrive.
check_arrives() {
	local text=$1 direction=$2 count=$3 seen expected
	shift 3
	seen=$("sent_$direction" "$count" "${@% *}" 2>&1 | one_line)
	expected=$(printf '%s\n' "$@" | one_line)
	check "$text ($direction the container)" "$expected" "$seen"
}

# --- processes ------------------------------------------------------------------------------------------

SPAWNED=()

spawn() { # NETNS COMMAND...: in the background; its pid is in $!
	nsenter --net="/run/netns/$1" "${@:2}" &
	SPAWNED+=($!)
}

stop() { # PID: one that spawn started
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	:
}

stop_all() {
	local pid
	for pid in ${SPAWNED[@]+"${SPAWNED[@]}"}; do
		stop "$pid"
	done
	SPAWNED=()
}

other_processes() {
	local process
	for process in /proc/[0-9]*; do
		process=${process#/proc/}
		[ "$process" = "$$" ] || [ "$process" = "$BASHPID" ] ||
			[ ! -d "/proc/$process" ] || tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null
	done
}

# --- watching -------------------------------------------------------------------------------------------

declare -A MONITORS=() # name: pid

# Starts `policyctl monitor ARGUMENTS` in `host`, and waits until it listens. Its lines go to $WORK/NAME, its messages
# to $WORK/NAME.err.
monitor() { # NAME ARGUMENTS...
	spawn host "$POLICYCTL" monitor "${@:2}" >"$WORK/$1" 2>"$WORK/$1.err"
	MONITORS[$1]=$!
	wait_until 10 grep -q watching "$WORK/$1.err" || {
		fail "policyctl monitor ${*:2}: is watching" "$(<"$WORK/$1.err")"
		finish
	}
}

# Ends monitor; its output is then complete. Its status is in $STATUS.
monitor_end() { # NAME [SIGNAL]
	kill "-${2:-TERM}" "${MONITORS[$1]}"
	wait "${MONITORS[$1]}"
	STATUS=$?
}

# Numbers of its summary: shown, filtered out, lost.
monitor_sums() { # NAME
	sed -n 's/,//g; s/^policyctl: \([0-9]*\) packets\{0,1\} shown \([0-9]*\) filtered out \([0-9]*\) lost$/\1 \2 \3/p' \
		"$WORK/$1.err"
}

# The counters of an attachment.
counted() { # IFACE passed|dropped
	in_host "$POLICYCTL" stats "$1" --json | jq "[.[0][\"from\", \"to\"].$2.packets] | add"
}

# --- talking for real -----------------------------------------------------------------------------------

listens() { # NETNS PORT
	[ -n "$(inside "$1" ss -Hltn "sport = $2")" ]
}

# An HTTP server on a port of both families.
serve() { # NETNS PORT
	spawn "$1" /usr/bin/python3 -c '
import http.server, socket, sys
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_): pass
Server(("::", int(sys.argv[1])), Quiet).serve_forever()' "$2"
	must wait_until 10 listens "$1" "$2"
}

fetch() { # NETNS ADDRESS:PORT [SECONDS]
	inside "$1" curl -gso /dev/null --max-time "${3:-5}" "http://$2/"
}

pings() { # NETNS ADDRESS
	inside "$1" ping -qc3 -i0.01 -W2 "$2"
}

# --- the end --------------------------------------------------------------------------------------------

hooks_left() {
	local netns
	for netns in $(ip netns list | cut -d' ' -f1); do
		ip -n "$netns" link | grep -o 'prog/xdp.*'
		tc -n "$netns" qdisc | grep clsact
	done
}

# What must end before the check for leftovers; the scripts of tests/docker define it.
leave() {
	:
}

# The last assertion of each script, and its exit status.
finish() {
	local left netns
	trap - EXIT
	leave
	left=$(hooks_left)
	stop_all
	for netns in $(ip netns list | cut -d' ' -f1); do
		ip netns delete "$netns"
	done
	wait_until 10 none_known_left
	left+=$(known_left)
	left+=$(comm -3 <(echo "$BPFFS_AT_START") <(find /sys/fs/bpf | sort))
	left+=$(ip netns list)
	left+=$(other_processes)
	check "nothing is left behind: programs, maps, pins, qdiscs, namespaces, processes" "" "$left"
	echo "1..$CHECKS"
	say "$SECONDS s"
	[ "$FAILED" = 0 ]
	exit
}
