#!/bin/bash
# The manual pages, --help and completion say the same: the same commands, the same options. The pages are made by the
# build, and man shows each without a warning.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need man lexgrog
PAGES=$POLICYCTL_BUILD/packaging/man/pages
[ -d "$PAGES" ] || skip "missing: lowdown, so the build made no manual pages"

# Each page as man shows it, and what man warns of.
export LC_ALL=C.UTF-8
for page in "$PAGES"/*; do
	MANWIDTH=300 man --warnings=all -l "$page" 2>"$WORK/${page##*/}.warnings" | col -b >"$WORK/${page##*/}"
done

words() { # of what is on standard input: options, one a line
	grep -oE '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,' | sort -u
}
options_of() { # of a page or of --help: what stands at the beginning of its lines
	sed -n 's/^ *\(-[^ ,]*\)\(, --[^ ]*\)\{0,1\}.*/\1\2/p' | words
}
pages_of() { # PATTERN
	(cd "$PAGES" && find . -type f -name "$1" -printf '%f\n' | sort)
}

commands=$("$POLICYCTL" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort)
check_true "--help names commands" test "$(wc -l <<<"$commands")" -gt 25
check "each command has a page, and each page a command" \
	"$(while read -r command; do echo "policyctl-$command.8"; done <<<"$commands")" "$(pages_of 'policyctl-*.8')"
check "completion offers the same" "$commands" \
	"$("$POLICYCTL" completion --line -- "" | cut -f1 | grep -v '^-' | sort)"
check "policyctl(8) names the same" "$commands" \
	"$(sed -n '/^COMMANDS/,/^ARGUMENTS/s/^ *policyctl-\([a-z]*\)(8).*/\1/p' "$WORK/policyctl.8" | sort)"
for command in $commands; do
	options=$("$POLICYCTL" "$command" --help | sed '1,/^Options:/d; /^$/,$d' | options_of)
	check "$command: the page has the options of --help" "$options" \
		"$(sed '1,/^OPTIONS/d; /^[A-Z]/,$d' "$WORK/policyctl-$command.8" | options_of)"
	check "$command: completion offers them" "$options" \
		"$("$POLICYCTL" completion --line -- "$command" x y - | cut -f1 | words)"
done

cp "$PAGES/../lab/policyctl-lab.8" "$WORK/lab.8"
lab=$(MANWIDTH=300 man --warnings=all -l "$WORK/lab.8" 2>"$WORK/lab.warnings" | col -b)
check "policyctl-lab(8) is shown without a warning" "" "$(<"$WORK/lab.warnings")"
check "it has the commands of lab --help" "" "$("$TESTS/../netns-lab/lab" --help | sed -n 's/.*lab \([a-z]* *[a-z[].*\)/\1/p' |
	sed 's/  .*//; s/ *$//' | while read -r usage; do grep -qF "policyctl-lab $usage" <<<"$lab" || echo "$usage"; done)"

for page in $(pages_of '*'); do
	check "man shows $page without a warning" "" \
		"$(grep -vE "can(no|')t (adjust|break) line|table (wider|squeezed)" "$WORK/$page.warnings")"
	check_match "its name can be found" "^${page%.*}\$" "$(lexgrog "$PAGES/$page" | sed 's/.*: "\([^ ]*\) .*/\1/')"
	check "it has no link that leads nowhere" "" "$(grep -E '<[a-z-]*\.md|\]\(' "$WORK/$page")"
done
finish
