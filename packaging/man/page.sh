#!/bin/sh
# Makes a manual page of a document: page.sh DOCUMENT NAME SECTION SUMMARY DATE VERSION, to standard output. A document
# is Markdown, or the commented configuration file. Links become their text, since a page has nowhere to lead; lowdown
# does the rest.
set -eu
document=$1 name=$2 section=$3 summary=$4 date=$5 version=$6

# Comments become paragraphs, `#name = value` the setting that they are about, in front of them.
settings() {
	awk '
		function flush() {
			if (term != "") printf "**%s**\n\n", term
			if (text != "") printf "%s\n", text
			term = text = ""
		}
		/^\[/ { flush(); printf "\n## %s\n\n", $0; next }
		/^#[^ ]/ { term = substr($0, 2); flush(); next }
		/^# *$/ { text = text "\n"; next }
		/^#   *[a-z]/ && !/^# [^ ]/ { sub(/^#/, "   "); text = text (text ~ /    [^\n]*\n$/ ? "" : "\n") $0 "\n"; next }
		/^#/ { sub(/^# /, ""); text = text $0 "\n"; next }
		/^$/ { if (text != "") { printf "%s\n", text; text = "" } }
		END { flush() }' "$document"
}

markdown() {
	case $document in
	*.md)
		sed -E -e '1{/^# /d}' -e '/^Contents: /,/^$/d' -e 's/^##/#/' -e 's/\]\([^()]*(\([^()]*\))?[^()]*\)/]/g' \
			-e '/^    /!s/\[([^][]*)\]/\1/g' "$document"
		;;
	*) settings | sed -e '/^    /!s/[][*]/\\&/g' -e 's/^\\\*\\\*\(.*\)\\\*\\\*$/**\1**/' -e 's/^##/#/' ;;
	esac
}

pages=$(mktemp)
trap 'rm -f "$pages"' EXIT
markdown >"$pages"
# mandoc knows no \fC.
lowdown -s -tman --parse-no-intraemph -M "title=$name" -M "section=$section" -M "date=$date" -M "volume=policyctl" \
	-M "source=policyctl $version" "$pages" |
	sed 's/\\fC/\\fB/g' |
	awk -v "name=$name" -v "summary=$summary" '
		{ print }
		/^\.TH / {
			gsub(/-/, "\\-", name)
			printf ".SH NAME\n%s \\- %s\n.SH DESCRIPTION\n", name, summary
		}'
