#!/bin/bash
# The daemon serves metrics and logs: what is routine is a line of its own, and what is missing in the metrics is
# named with its interface. Standard error belongs to the log all the time.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl
new_rooms
new_netns second
new_veth veth1 second 2

scrape() { # the log meanwhile, without times, in $LOG; the metrics in $BODY
	local before
	before=$(stat -c %s "$WORK/log")
	BODY=$(curl -sf --max-time 10 --unix-socket "$WORK/metrics" http://localhost/metrics)
	LOG=$(tail -c +$((before + 1)) "$WORK/log" | jq -c 'del(.time)')
}

printf '[daemon]\nmetrics=unix:%s/metrics\nlog-format=json\n[policy]\ndirectory=%s\n' "$WORK" "$WORK" >"$WORK/configuration"
spawn host "$POLICYCTL" daemon --config "$WORK/configuration" --docker-socket "$WORK/no-engine" 2>"$WORK/log"
daemon=$!
must wait_until 10 grep -q '"message":"ready"' "$WORK/log"
does attach veth0 --deny tcp
does attach veth1 --deny udp
remember
scrape
check_match "both attachments are in the metrics" 'interface="veth0"' "$BODY"
check "nothing is logged" "" "$LOG"

ifindex=$(ip -n host -j link show veth0 | jq ".[].ifindex")
must ip -n host link del veth0
scrape
check "an interface is gone: one line says so, as information" \
	'{"level":"info","message":"veth0 (ifindex '"$ifindex"') is gone: state removed"}' "$LOG"
check_no_match "the metrics are complete" 'not complete' "$LOG"
check_match "they have the other one" 'interface="veth1"' "$BODY"
check_no_match "and no more the one that is gone" 'interface="veth0"' "$BODY"

must rm "$PINS"/net-*/*/1/policy_text
scrape
check_match "an attachment that cannot be read: the log names it, and what is wrong" \
	'^[{]"level":"warning","message":"metrics are not complete","interface":"veth1","why":"somebody removed or replaced pins in [^"]*"}$' "$LOG"
check "  in one line" 1 "$(wc -l <<<"$LOG")"
stop "$daemon"
does detach veth1
finish
