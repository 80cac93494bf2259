#!/usr/bin/env bash
# Collecting is not telling: only loader/cli/ prints on standard error and knows exit statuses, beside the log
# (base/log.c) and the streams themselves (base/guarded_output.c, base/terminal.c). Other rooms return an error and
# words (base/error.h), a list of failures, or call notice().
set -euo pipefail
status=0
rooms=(loader policy)

# Without comments, whose text may speak of standard error. A line keeps its number.
code() { # FILE
	sed -E 's,/\*.*\*/,,; s,//.*,,; /^[[:space:]]*(\/\*|\*)/s/.*//' "$1"
}

refuse() { # WHAT PATTERN [FILE that may]...
	local what=$1 pattern=$2 file found
	shift 2
	while read -r file; do
		[[ " $* " = *" $file "* ]] && continue
		found=$(code "$file" | grep -nE "$pattern") || continue
		printf '%s %s, line %s\n' "$file" "$what" "${found//$'\n'/$'\n  '}"
		status=1
	done < <(grep -rlE --include='*.[ch]' "$pattern" "${rooms[@]}" | grep -v '^loader/cli/' | sort)
}

refuse "speaks of standard error" '\b(stderr|STDERR_FILENO)\b' loader/base/log.c loader/base/terminal.c \
	loader/base/guarded_output.c
refuse "prints errors" '\bperror\(|#include <err(or)?\.h>'
refuse "knows exit statuses" '\bEXIT_[A-Z_]+\b|(^|[^_[:alnum:]])exit\(|#include "command\.h"'
exit $status
