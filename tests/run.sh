#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests. As root: most tests load programs into the kernel
# and work in network namespaces of their own; without root these are skipped and reported as such. What else is
# skipped fails the run, unless tests/allowed-skips says why it may.
#
#   tests/run.sh                        what CI runs
#   tests/run.sh --all                  the long ones too: for a release, or after a change of what they are about
#   tests/run.sh CTEST-ARGUMENTS        for example: tests/run.sh -L unit, tests/run.sh -R killed
#
# Twice: the build that is installed (every test), and one by clang with AddressSanitizer and
# UndefinedBehaviorSanitizer (all but what only repeats the first under another compiler).
set -euo pipefail
cd "$(dirname "$0")/.."

build=${POLICYCTL_BUILD:-build}

say() {
	printf '\n== %s\n' "$*"
}

# build_in DIRECTORY OPTIONS…: quiet unless it fails
build_in() {
	local directory=$1 log
	shift
	log=$(mktemp)
	if ! { cmake -S . -B "$directory" -DPCTL_WERROR=ON -DBUILD_TESTING=ON "$@" &&
		cmake --build "$directory" -j"$(nproc)"; } >"$log" 2>&1; then
		tail -n 60 "$log"
		rm -f "$log"
		echo "run.sh: building in $directory failed" >&2
		return 1
	fi
	rm -f "$log"
}

# -O1: what the sanitizers add is mostly what an optimiser takes away again.
build_sanitized() {
	build_in "$build-sanitize" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-g -O1" \
		-DPCTL_SANITIZE=ON -DPCTL_FUZZ=ON
}

# run_tests BUILD-DIRECTORY [CTEST-ARGUMENTS]: two at a time for each processor, since most of them wait most of their
# time. What they say is kept whole in tests.xml there, for skips.
run_tests() {
	reports+=("$1/tests.xml")
	rm -f "$1/tests.xml" "$1/Testing/Temporary/LastTestsFailed.log"
	set -m
	ctest --test-dir "$1" -j"$((2 * $(nproc)))" --output-on-failure --no-tests=error --output-junit tests.xml \
		--test-output-size-passed 1000000 --test-output-size-failed 1000000 "${@:2}" </dev/null &
	tests=$!
	set +m
	wait "$tests" || run_again "$1" || status=1
	tests=
}

# What waits for packets, processes and containers can fail since the machine was busy. Alone it has to pass: it runs
# once more, and is told of in the end. Not what computes, and nothing about packets that must not pass.
run_again() { # BUILD-DIRECTORY
	local failed name list="$1/Testing/Temporary/LastTestsFailed.log"
	mapfile -t failed < <(cut -d: -f2 "$list" 2>/dev/null)
	[ ${#failed[@]} -gt 0 ] && [ ${#failed[@]} -le 5 ] || return
	for name in "${failed[@]}"; do
		[[ $name =~ ^(cli|lab|docker)\. ]] && [[ ! $name =~ leak|churn|held|created|past-clsact ]] || return
	done
	say "once more, alone: ${failed[*]}"
	reports+=("$1/again.xml")
	set -m
	ctest --test-dir "$1" -j1 --output-on-failure --output-junit again.xml --test-output-size-passed 1000000 \
		-R "^($(printf '%s|' "${failed[@]//./\\.}")no-more)\$" </dev/null &
	tests=$!
	set +m
	wait "$tests" || return
	alone+=("${failed[@]}")
}

# Neither tests nor a build outlive this script, however it ends: each is a process group.
# shellcheck disable=SC2317 # a trap calls it
end_all() {
	local group
	for group in $tests $sanitized; do
		kill -TERM -- "-$group" 2>/dev/null || true
	done
	wait
}

chosen=(-LE '^long$')
whole=yes
case ${1-} in
"") ;;
--all) chosen=() ;;
*) chosen=("$@") whole= ;;
esac

say "packages"
.ci/install-packages
echo "all there"

say "build: gcc, -Wall -Wextra -Werror"
build_in "$build" -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo
"$build/policyctl" version

status=0 reports=() alone=() tests='' sanitized=''
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ "$whole" ]; then # built while the first tests run
	set -m
	(renice -n 19 $BASHPID >/dev/null && build_sanitized) &
	sanitized=$!
	set +m
fi
say "tests"
run_tests "$build" ${chosen[@]+"${chosen[@]}"}
if [ "$whole" ]; then
	say "tests, clang with AddressSanitizer, UndefinedBehaviorSanitizer and libFuzzer"
	wait "$sanitized"
	sanitized=
	"$build-sanitize/policyctl" version
	run_tests "$build-sanitize" -L '^sanitize$' ${chosen[@]+"${chosen[@]}"}
fi
say "skips"
tests/skips.py tests/allowed-skips "${reports[@]}" || {
	echo "run.sh: what was skipped and may not be: install what it misses, or say in tests/allowed-skips why not" >&2
	status=1
}
[ ${#alone[@]} = 0 ] || say "failed beside others, and passed alone: ${alone[*]}"
say "$([ $status = 0 ] && echo passed || echo FAILED), after $((SECONDS / 60)) min $((SECONDS % 60)) s"
exit $status
