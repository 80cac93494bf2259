#!/usr/bin/env bash
# The measurements of run.sh, in a sandbox (tests/lib/sandbox.sh) that leaves nothing behind.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/cli/lib.sh
. "$here/../cli/lib.sh"
# shellcheck source=tests/bench/rooms.sh
. "$here/rooms.sh"

sandbox "$@"
need nft iptables-restore jq python3
export BENCH_WORK=$WORK

if [ -n "${BENCH_QUICK:-}" ]; then
	packets=(-n 1 -r 1000 -s 64)
	policies=('no-rules*' 'deny*' '* 10' '* 1000' 'established 65536' 'opening*')
	control=(--rounds 1 --sizes 10 1000 --set-sizes 1000)
	live=(--rounds 1 --packets 2000 --seconds 0)
	connections=(--rounds 1 --opened 100 --packets 2000)
	names=(-n 3)
else
	packets=(-n "${BENCH_ROUNDS:-11}" -r 100000 -s 262144)
	policies=()
	control=(--rounds "${BENCH_ROUNDS:-9}")
	live=(--rounds "${BENCH_ROUNDS:-7}")
	connections=(--rounds "${BENCH_ROUNDS:-11}")
	names=(-n 3001)
fi

machine() {
	jq -cn --arg kernel "$(uname -sr)" --arg cpu "$(sed -n 's/^model name\s*: //p;T;q' /proc/cpuinfo)" \
		--arg cpus "$(nproc)" --arg date "$(date -I)" \
		--arg nft "$(nft --version)" --arg iptables "$(iptables --version)" \
		--arg xdpfilter "xdp-tools $(dpkg-query -W -f '${Version}' xdp-tools 2>/dev/null)" \
		--arg iproute2 "$(ip -V)" --arg commit "$(git -C "$here" describe --always --dirty 2>/dev/null)" \
		--arg quick "${BENCH_QUICK:-}" \
		'{kind: "machine", kernel: $kernel, cpu: $cpu, cpus: $cpus, date: $date, nft: $nft, iptables: $iptables,
		xdpfilter: $xdpfilter, iproute2: $iproute2, commit: $commit, quick: $quick}' \
		>"$BENCH_OUTPUT"
}

# For comparison: xdp-filter denies the ports of the subject `ports 1000`, in two builds of its program. Its cost does
# not depend on the number of ports.
xdp_filter_rows() { # sets FOREIGN
	local i features id
	FOREIGN=()
	for features in all tcp; do
		must ip -n host link add "filter-$features" type veth peer name "rest-$features"
		must ip -n host link set "filter-$features" up
		must in_host xdp-filter load -m skb -f "$features" "filter-$features"
	done
	for ((i = 0; i < 500; i++)); do
		in_host xdp-filter port -m dst -p tcp,udp $((1024 + i * 129)) >/dev/null
	done
	id=$(xdp_id filter-all)
	FOREIGN+=(-x "xdp-filter=$id=ports 1000" -x "xdp-filter=$id=ports-spread 1000")
	id=$(xdp_id filter-tcp)
	FOREIGN+=(-x "xdp-filter tcp=$id=ports 1")
}

# In the smoke run the programs to compare with may be missing; run.sh installs them.
measure_packets() {
	FOREIGN=()
	! command -v xdp-filter >/dev/null || xdp_filter_rows
	# Inside `host`: the kernel must find the interface of the frames.
	in_host "$POLICYCTL_BUILD/bench_packets" "${packets[@]}" "${FOREIGN[@]}" -j "$BENCH_OUTPUT" \
		"${policies[@]}"
	local status=$?
	for features in all tcp; do
		[ ${#FOREIGN[@]} = 0 ] || must in_host xdp-filter unload "filter-$features"
	done
	return $status
}

in_python() { # SCRIPT ARGUMENTS...
	in_host env -u PYTHONPATH PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$here/$1" "${@:2}"
}

bench_rooms
for part in ${BENCH_PARTS:-packets control live connections names}; do
	export BENCH_OUTPUT=$BENCH_RESULTS/$part.jsonl
	machine
	case $part in
	packets) measure_packets ;;
	control) in_python control.py "${control[@]}" ;;
	live) in_python live.py "${live[@]}" ;;
	connections) in_python connections.py "${connections[@]}" ;;
	names) in_host "$POLICYCTL_BUILD/bench_dns" "${names[@]}" -j "$BENCH_OUTPUT" ;;
	*) false ;;
	esac
	check "$part" 0 $?
done
# Directories in which iproute2 pins, and xdp-filter its maps.
rm -rf /sys/fs/bpf/ip /sys/fs/bpf/tc /sys/fs/bpf/xdp /sys/fs/bpf/xdp-filter
finish
