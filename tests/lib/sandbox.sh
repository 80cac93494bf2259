# shellcheck shell=bash
# A sandbox for a script: what it sees does not depend on the machine, and nothing of it is left when it ends.
#
# sandbox "$@" comes first in a script. It runs the script again in mount and process namespaces of its own, with an
# empty bpffs on /sys/fs/bpf, an empty /run and an environment that is always the same. So the script's first look at
# each is exact, names cannot clash, and when the script ends, however it ends (kill -9 too), the kernel takes away its
# processes with it, and with them the network namespaces, the pins and the programs.

set -uo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
. "$(dirname "${BASH_SOURCE[0]}")/wait.sh"

export PATH=/usr/sbin:/usr/bin:/sbin:/bin
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export POLICYCTL_BUILD=${POLICYCTL_BUILD:-${TESTS%/*}/build}
export POLICYCTL=$POLICYCTL_BUILD/policyctl
export POLICY_OBJECT=$POLICYCTL_BUILD/policy.bpf.o
export CLI_PROBE=$POLICYCTL_BUILD/cli_probe

WORK=/run/work # files of this run

# What the environment may say to a script: sizes that it has a default for, and what the sanitizers are to do.
SETTINGS="APPLIES AT_ONCE CHANGES CHURN EVERY IDLE KILLS LATE MANY ROUNDS SECONDS_FOR_MANY SIZE SLOW STARTS RUN
	BENCH_PARTS BENCH_QUICK BENCH_RESULTS BENCH_ROUNDS ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS"

# No variable, dotfile, program in $PATH or time zone of who runs it. The zone is one that is not the machine's, most
# probably, and needs no file.
same_environment() { # COMMAND...
	local name settings=()
	for name in $SETTINGS; do
		[ -z "${!name+set}" ] || settings+=("$name=${!name}")
	done
	env -i PATH="$PATH" HOME="$WORK/home" LC_ALL=C TZ=NPT-5:45 TERM=dumb PYTHONDONTWRITEBYTECODE=1 \
		POLICYCTL_BUILD="$POLICYCTL_BUILD" POLICYCTL_HISTORY="$WORK/history" IN_SANDBOX=1 ${settings[@]+"${settings[@]}"} "$@"
}

sandbox() {
	if [ -z "${IN_SANDBOX:-}" ]; then
		[ "$(id -u)" = 0 ] || skip "needs root"
		need ip tc nsenter unshare setpriv bpftool jq ping
		unshare --mount true 2>/dev/null || skip "may not make namespaces here"
		for file in "$POLICYCTL" "$CLI_PROBE"; do
			[ -x "$file" ] || skip "$file is not built"
		done
		umask 022
		# unshare itself ignores INT and TERM; the end of this shell ends everything in it.
		same_environment setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
			bash "$0" "$@" </dev/null &
		trap 'kill -KILL $!; exit 130' INT TERM
		wait $!
		exit
	fi
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mount -t tmpfs tmpfs /run && mount -t bpf bpf /sys/fs/bpf && mkdir -p /run/netns "$WORK/home" || exit 1
	[ ! -e /etc/policyctl ] || mount -t tmpfs tmpfs /etc/policyctl || exit 1 # of this machine
	tap_begin "$WORK/checks"
	touch "$WORK/known.prog" "$WORK/known.map"
	BPFFS_AT_START=$(find /sys/fs/bpf | sort)
	SECONDS=0
}

# Runs a command that must succeed; otherwise ends the script.
must() {
	"$@" >"$WORK/out" 2>&1 || {
		fail "preparing: $*" "$(<"$WORK/out")"
		finish
	}
}

# --- network namespaces ---------------------------------------------------------------------------------

inside() { # NETNS COMMAND...
	nsenter --net="/run/netns/$1" "${@:2}"
}

# A new namespace has what the machine's own has set for IPv4: here it has what a kernel begins with.
new_netns() { # NAME...
	local name
	for name; do
		must ip netns add "$name"
		must inside "$name" sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.{all,default}.rp_filter=0 \
			net.ipv4.conf.{all,default}.arp_ignore=0 net.ipv4.conf.{all,default}.accept_source_route=0 \
			net.ipv4.conf.{all,default}.log_martians=0
		must ip -n "$name" link set lo up
	done
}

xdp_id() { # IFACE [NETNS]: 0 if there is none
	ip -n "${2:-host}" -j link show dev "$1" | jq '.[0].xdp.prog.id // 0'
}

tc_id() { # IFACE [NETNS]: of the filter of priority 1 on egress
	tc -n "${2:-host}" -j filter show dev "$1" egress 2>/dev/null |
		jq '[.[] | select(.pref == 1) | .options.prog.id // empty][0] // 0'
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

# --- the end --------------------------------------------------------------------------------------------

# Remembers the programs and maps that are pinned now, to see later that they are gone.
remember() {
	pinned prog >>"$WORK/known.prog"
	pinned map >>"$WORK/known.map"
}

pinned() { # prog|map: ids
	bpftool -f -j "$1" show |
		jq --arg under "${POLICYCTL_BPFFS:-/sys/fs/bpf/policyctl}/" \
			'.[] | select(any(.pinned[]?; startswith($under))) | .id'
}

# Those of the remembered ones that still exist.
known_left() {
	local kind
	for kind in prog map; do
		bpftool -j $kind show | jq ".[].id" | grep -xFf "$WORK/known.$kind" | sed "s/^/$kind /"
	done
}

none_known_left() { [ -z "$(known_left)" ]; }

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
	tap_end
	exit
}
