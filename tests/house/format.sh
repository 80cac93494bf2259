#!/usr/bin/env bash
# Every C file is as clang-format 14 leaves it: other versions format otherwise.
set -euo pipefail
format=$(command -v clang-format-14 || command -v clang-format) || format=false
found=$("$format" --version || true)
[[ $found = *version\ 14.* ]] || { echo "skipped: clang-format 14 is not here (${found:-none is})"; exit 77; }
find kern policy loader tests -name '*.[ch]' -print0 | xargs -0 "$format" --dry-run --Werror
