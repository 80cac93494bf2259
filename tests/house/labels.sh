#!/usr/bin/env bash
# The labels of ctest are those of the table in tests/README.md.
set -euo pipefail
build=${POLICYCTL_BUILD:-build}
# shellcheck disable=SC2016 # no expansion
documented=$(sed -n 's/^| `\([a-z]*\)` |.*/\1/p' tests/README.md | sort)
# Fuzzers are built with an option only.
set_in_cmake=$({
	grep -q '^PCTL_FUZZ:BOOL=ON' "$build/CMakeCache.txt" || echo fuzz
	grep -rho --include=CTestTestfile.cmake 'LABELS "[^"]*"' "$build/tests" | cut -d'"' -f2 | tr ';' '\n'
} | sort -u)
diff --label tests/README.md --label "labels of ctest" <(echo "$documented") <(echo "$set_in_cmake")
