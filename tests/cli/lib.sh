# shellcheck shell=bash
# Shared by the scripts of this directory, beside tests/lib/sandbox.sh: a host and a container, functions for policyctl.

. "$(dirname "${BASH_SOURCE[0]}")/../lib/sandbox.sh"

PINS=/sys/fs/bpf/policyctl

# --- rooms ----------------------------------------------------------------------------------------------

in_host() { inside host "$@"; }
in_container() { inside container "$@"; }

# A veth between HOST (IFACE, for example veth0) and CONTAINER (eth0). NUMBER makes its addresses unique.
new_veth() { # IFACE CONTAINER NUMBER [HOST]
	local iface=$1 container=$2 number=$3 host=${4:-host}
	must ip -n "$host" link add "$iface" type veth peer name eth0 netns "$container"
	must ip -n "$host" addr add "198.18.$number.1/24" dev "$iface"
	must ip -n "$host" addr add "2001:db8:$number::1/64" dev "$iface" nodad
	must ip -n "$container" addr add "198.18.$number.2/24" dev eth0
	must ip -n "$container" addr add "2001:db8:$number::2/64" dev eth0 nodad
	must ip -n "$host" link set "$iface" up
	must ip -n "$container" link set eth0 up
	must wait_until 5 carries "$iface" "$host"
	must wait_until 5 carries eth0 "$container"
	must wait_until 5 inside "$host" ping -qc1 -W0.1 "198.18.$number.2"
	must wait_until 5 inside "$host" ping -qc1 -W0.1 "2001:db8:$number::2"
}

carries() { # IFACE [NETNS]
	[ "$(ip -n "${2:-host}" -j link show dev "$1" | jq -r '.[0].operstate')" = UP ]
}

new_rooms() {
	new_netns host container
	new_veth veth0 container 0
}

# Puts a process into a cgroup that names its container, as docker does: in a hierarchy of version 1, or the one of
# version 2. remove_groups() before the end.
group_of() { # PID CONTAINER-ID
	local root
	root=$(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts |
		grep -E '/(pids|freezer|systemd|cgroup|unified)$' | head -1)
	GROUP=$(mktemp -d "${root:-/nowhere}/policyctl-group-XXXXXX" 2>/dev/null) || skip "may not make cgroups here"
	trap 'stop_all; remove_groups' EXIT
	must mkdir "$GROUP/$2"
	echo "$1" >"$GROUP/$2/cgroup.procs" || fail "cannot move process $1 into $GROUP/$2"
}

# A group is free a moment after its last process is gone.
remove_groups() {
	wait_until 5 rmdir "$GROUP"/*/ "$GROUP"
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
		tc -n host qdisc show dev "$device" | sed 's/direct_packets_stat [0-9]*/direct_packets_stat/'
		tc -n host filter show dev "$device" ingress 2>&1
		tc -n host filter show dev "$device" egress 2>&1
	done
	echo "== container"
	ip -n container -d link show
	find /sys/fs/bpf | sort
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
