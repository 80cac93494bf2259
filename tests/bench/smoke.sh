#!/usr/bin/env bash
# Everything that run.sh does, with few repetitions, to see that it works. Skipped without the programs to compare with.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit

docs=$(mktemp -d)
trap 'rm -rf "$docs"' EXIT
export BENCH_QUICK=yes BENCH_RESULTS=$docs/results
mkdir "$BENCH_RESULTS"
tests/bench/measure.sh || exit
cp docs/benchmarks.md "$docs"
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/bench/report.py "$BENCH_RESULTS" "$docs"
