#!/usr/bin/env bash
# Every C file is as clang-format leaves it.
set -euo pipefail
command -v clang-format >/dev/null || { echo "skipped: no clang-format"; exit 77; }
find kern policy loader tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run --Werror
