#!/usr/bin/env bash
# Runs the benchmarks of docs/benchmarks.md, about ten minutes, and writes the document's tables and plots.
# As root; all of it happens in network namespaces of its own. Nothing else should run on the machine meanwhile.
#
#   tests/bench/run.sh [--quick] [--results DIRECTORY] [--only packets|control|live|connections|names]… [--no-report]
#
# BENCH_ROUNDS=3 in the environment: fewer rounds than the 7 to 19 of each measurement.
# --quick: a few repetitions of everything, to see that it works; its figures are worth nothing.
# --only: that part alone; the report takes the other parts' results from the run before.
# --no-report: leaves docs/ alone. The results are JSON lines in DIRECTORY (build/bench-results).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
	sed -n '2,10s/^# \{0,1\}//p' tests/bench/run.sh
	exit "$1"
}

build=$(realpath -m "${POLICYCTL_BUILD:-build}")
export POLICYCTL_BUILD=$build BENCH_RESULTS=$build/bench-results BENCH_QUICK='' BENCH_PARTS=''
report=yes
while [ $# -gt 0 ]; do
	case $1 in
	--quick) BENCH_QUICK=yes ;;
	--results) BENCH_RESULTS=$(realpath -m "${2?a directory}") && shift ;;
	--only) BENCH_PARTS+=" ${2?a part}" && shift ;;
	--no-report) report='' ;;
	-h | --help) usage 0 ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
BENCH_PARTS=${BENCH_PARTS:-packets control live connections names}

.ci/install-packages build lab bench
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
cmake --build "$build" -j"$(nproc)" --target policyctl bench_packets bench_send bench_connect bench_dns cli_probe >/dev/null
mkdir -p "$BENCH_RESULTS"

tests/bench/measure.sh
[ -z "$report" ] || /usr/bin/python3 tests/bench/report.py "$BENCH_RESULTS" docs
