#!/usr/bin/env bash
# No source file above 500 lines, no function above 60.
set -euo pipefail
# shellcheck disable=SC2016 # awk's dollars, not the shell's
find kern policy loader netns-lab tests -type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' \) -print0 |
	xargs -0 awk '
	FNR == 1 { start = 0 }
	FNR == 501 { print FILENAME ": more than 500 lines"; bad = 1 }
	FILENAME ~ /\.c$/ && /^[A-Za-z_].*\(/ && !/;[ \t]*$/ { name = $0; start = FNR }
	/^}/ { if (start && FNR - start > 60) { print FILENAME ":" start ": " FNR - start " lines: " name; bad = 1 }; start = 0 }
	END { exit bad }'
