#!/usr/bin/env bash
# Include direction is kern/abi.h <- policy/ <- loader/, and policy/ prints nothing and never exits.
set -euo pipefail
status=0

headers() {
	find "$1" -name '*.h' -printf '%f\n' | sort -u
}

# none_of ROOM OTHER-ROOM [EXCEPT]: no file of ROOM includes a header of OTHER-ROOM
none_of() {
	while read -r header; do
		[ "$header" = "${3-}" ] && continue
		if grep -rn "#include \"$header\"" "$1"; then
			echo "$1/ must not include $header of $2/"
			status=1
		fi
	done < <(headers "$2")
}

none_of kern policy
none_of kern loader
none_of policy loader
none_of policy kern abi.h
none_of loader kern abi.h
# What stands on interfaces knows nothing of who asks: loader/ itself includes no header of its rooms, but for the
# maps of events, which attachments share.
for room in cli doctor engine events explain follow packets stats; do
	while read -r header; do
		[ "$header" = events.h ] && continue
		if grep -nE "#include \"$header\"" loader/*.[ch]; then
			echo "loader/*.[ch] must not include $header of loader/$room/"
			status=1
		fi
	done < <(headers "loader/$room")
done
if grep -rnE '\b(printf|puts|perror|exit|abort|fprintf\(std(out|err))\b *\(' policy --include='*.c' | grep -v 'fprintf(out'; then
	echo "policy/ must not print or exit"
	status=1
fi
exit $status
