#!/usr/bin/env bash
# The differential test at length: differential.sh BUILD-DIRECTORY [POLICIES [FRAMES [SEED]]], as root.
# Without arguments behind the directory 10,000 policies with 1,000 frames each; 0 policies: without end.
# Failing cases are shrunk and kept in ./failures (PROG_KEEP).
set -euo pipefail
build=${1:?the build directory}
export PROG_POLICIES=${2:-10000} PROG_FRAMES=${3:-1000}
[ -z "${4-}" ] || export PROG_SEED=$4
exec "$build/prog_random_test"
