#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. As root: most tests load programs into the kernel
# and work in network namespaces of their own; without root these are skipped and reported as such.
#
#   tests/run.sh [CTEST-ARGUMENTS]      for example: tests/run.sh -L unit, tests/run.sh -R killed
#
# Twice: the build that is installed (every test), and one by clang with AddressSanitizer and
# UndefinedBehaviorSanitizer (all but what only repeats the first under another compiler).
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=$(nproc)
build=${POLICYCTL_BUILD:-build}

say() {
	printf '\n== %s\n' "$*"
}

# configure DIRECTORY OPTIONS…: quiet unless it fails
build_in() {
	local directory=$1 log
	shift
	log=$(mktemp)
	if ! { cmake -S . -B "$directory" "$@" && cmake --build "$directory" -j"$jobs"; } >"$log" 2>&1; then
		tail -n 60 "$log"
		rm -f "$log"
		echo "run.sh: building in $directory failed" >&2
		return 1
	fi
	rm -f "$log"
}

say "packages"
.ci/install-packages
echo "all there"

say "build: gcc, -Wall -Wextra -Werror"
build_in "$build" -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPCTL_WERROR=ON
"$build/policyctl" version

say "build: clang, AddressSanitizer, UndefinedBehaviorSanitizer, libFuzzer"
build_in "$build-sanitize" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DPCTL_WERROR=ON -DPCTL_SANITIZE=ON \
	-DPCTL_FUZZ=ON
"$build-sanitize/policyctl" version

status=0
say "tests"
ctest --test-dir "$build" -j"$jobs" --output-on-failure --no-tests=error "$@" || status=1
if [ $# -eq 0 ]; then
	say "tests, sanitizer build"
	ctest --test-dir "$build-sanitize" -j"$jobs" --output-on-failure --no-tests=error \
		-L 'unit|golden|fuzz|prog|sanitize' -E '^house-' || status=1
fi
exit $status
