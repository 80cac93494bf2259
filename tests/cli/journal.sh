#!/bin/bash
# To systemd's journal the log goes with its fields, by journald's own protocol. A process of the test stands in for
# journald.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3
SOCKET=/run/systemd/journal/socket
JOURNAL=$WORK/journal
new_netns host
spawn host /usr/bin/python3 "$TESTS/cli/journal.py" $SOCKET "$JOURNAL"
must wait_until 5 test -S $SOCKET

# Its standard error leads to the journal, as far as it can see.
daemon() { # NAME [ENVIRONMENT...]
	local stream
	: >"$WORK/$1"
	stream=$(stat -c %d:%i "$WORK/$1")
	JOURNAL_STREAM=$stream nsenter --net=/run/netns/host env "${@:2}" "$POLICYCTL" daemon \
		--config "$WORK/configuration" --docker-socket "$WORK/no-engine" 2>"$WORK/$1" &
	SPAWNED+=($!)
	DAEMON=$!
}
entries() { jq -c "select($1)" "$JOURNAL"; }
told() { [ -n "$(entries "$1")" ]; }

mkdir -p "$WORK/policies"
printf '%s\n' '[policy]' "directory = $WORK/policies" >"$WORK/configuration"
printf 'deny tcp\ndeny tpc\n' >"$WORK/policies/wrong.policy"
daemon first
check_true "ready" wait_until 10 told '.MESSAGE == "ready"'
check "with level and name" "6 policyctl" "$(entries '.MESSAGE == "ready"' | jq -r '"\(.PRIORITY) \(.SYSLOG_IDENTIFIER)"')"
check "nothing is written to standard error" "" "$(<"$WORK/first")"
refused='.MESSAGE | startswith("error: policy file refused")'
check "fields are fields of the journal" "3 $WORK/policies/wrong.policy" \
	"$(entries "$refused" | jq -r '"\(.PRIORITY) \(.POLICYCTL_FILE)"')"
check "one of several lines is whole" "$WORK/policies/wrong.policy:2:6: error: unknown protocol 'tpc', did you mean 'tcp'?
    deny tpc
         ^~~" "$(entries "$refused" | jq -r .POLICYCTL_DETAILS)"
check_match "and stands in the message, too" 'unknown protocol' "$(entries "$refused" | jq -r .MESSAGE)"
stop "$DAEMON"

echo '[daemon]
log-format = json' >>"$WORK/configuration"
lines=$(wc -l <"$JOURNAL")
daemon second
in_json() { jq -e 'select(.message == "ready")' "$WORK/second"; }
check_true "JSON, if it is asked for, goes to standard error" wait_until 10 in_json
check "and not to the journal" "$lines" "$(wc -l <"$JOURNAL")"
stop "$DAEMON"
finish
