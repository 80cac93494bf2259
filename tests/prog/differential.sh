#!/usr/bin/env bash
# The differential test at length: differential.sh BUILD-DIRECTORY [POLICIES [FRAMES [SEED]]], as root.
# Without arguments behind the directory 10,000 policies with 1,000 frames each; 0 policies: without end. Each run
# without a seed has other policies.
# Failing cases are shrunk and kept in ./failures (PROG_KEEP).
set -euo pipefail
build=${1:?the build directory}
export PROG_POLICIES=${2:-10000} PROG_FRAMES=${3:-1000}
export PROG_SEED=${4:-${PROG_SEED:-$(($(date +%s) << 20))}}
exec "$build/prog_random_test"
