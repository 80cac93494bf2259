# shellcheck shell=bash
# Shared by the scripts about doctor.

doctor() { # $STATUS, and $OUT is JSON
	policyctl doctor --json
}

field() { # CHECK level|what|why|do: of the first finding of that check
	jq -r --arg check "$1" --arg field "$2" 'first(.[] | select(.check == $check) | .[$field]) // empty' <<<"$OUT"
}

wrong() { # the checks that are not fine
	jq -r '.[] | select(.level == "warning" or .level == "fault") | .check' <<<"$OUT" | sort -u | one_line
}

content() {
	doctor
	check "doctor is content" "0: " "$STATUS: $(wrong)"
}

content_about() { # IFACE
	policyctl doctor "$1" --json
	check "doctor $1 is content" "0: " "$STATUS: $(wrong)"
}

# finds TEXT CHECK... -- LEVEL REGEX: exactly these checks are not fine; the first has this level and text. doctor
# changes nothing.
finds() {
	local text=$1 checks=() before
	shift
	while [ "$1" != -- ]; do
		checks+=("$1")
		shift
	done
	before=$(snapshot)
	doctor
	check "$text: found, and nothing else" "3: $(printf '%s\n' "${checks[@]}" | sort -u | one_line)" "$STATUS: $(wrong)"
	check_match "  and named" "^$2: .*$3" "$(field "${checks[0]}" level): $(field "${checks[0]}" what)"
	explained
	check_same "  and left as it is" "$before" "$(snapshot)"
}

explained() {
	check "  all that is said has its why and what to do" "" \
		"$(jq -r '.[] | select(.level != "ok") | select(.why == null or .do == null) | .check' <<<"$OUT")"
}

notes() { # TEXT CHECK REGEX: a note, and nothing is wrong
	doctor
	check_match "$1: a note" "^0: note: .*$3" "$STATUS: $(field "$2" level): $(field "$2" what)"
	explained
}

# Runs the advice of a finding in `host`, word for word.
does_what_it_says() { # CHECK
	local todo
	todo=$(field "$1" "do")
	(cd "$WORK" && PATH=$(dirname "$POLICYCTL"):$PATH in_host bash -ec "$todo") >"$WORK/out" 2>&1 ||
		fail "doing: $todo" "$(<"$WORK/out")"
	remember
	content
}
