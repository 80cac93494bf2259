#!/bin/bash
# apply 300 times, back and forth, with TCP SYNs in both directions at full speed. No SYN gets through to a port that
# both policies deny; none to a port that both allow is lost. APPLIES=1000 for the full measure.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
APPLIES=${APPLIES:-300}

A=(--deny tcp/80 --deny tcp/8080)
B=(--deny tcp/443 --deny tcp/8080)

does attach veth0 "${A[@]}"
remember
mkfifo "$WORK/until"
"$CLI_PROBE" flood /run/netns/container eth0 /run/netns/host veth0 4:tcp/8080 4:tcp/9000 <"$WORK/until" >"$WORK/flood" &
flood=$!
SPAWNED+=("$flood")
exec 3>"$WORK/until"
must wait_until 10 grep -q ready "$WORK/flood"

failed=0 first=""
started=$SECONDS
for ((i = 1; i <= APPLIES; i++)); do
	if ((i % 2)); then policy=("${B[@]}"); else policy=("${A[@]}"); fi
	in_host "$POLICYCTL" apply veth0 "${policy[@]}" >"$WORK/stdout" 2>&1 ||
		{ failed=$((failed + 1)) first=${first:-$(<"$WORK/stdout")}; }
done
say "$APPLIES times apply in $((SECONDS - started)) s"
exec 3>&-
wait "$flood"
sed 's/^/# /' "$WORK/flood"

check "$APPLIES times apply: none failed" "0 " "$failed $first"
remember
while read -r direction _ sent _ denied _ lost; do
	[ "$direction" != ready ] || continue
	check_true "$direction the container: more SYNs than applies" test "$sent" -gt $((APPLIES * 10))
	check "  of $sent SYNs to the denied port none arrived" 0 "$denied"
	check "  of $sent SYNs to the allowed port none was lost" 0 "$lost"
done <"$WORK/flood"
policyctl show veth0 --json
last=80
((APPLIES % 2 == 0)) || last=443
check "the last policy is in force" "deny tcp dport $last" "$(jq -r '.counters[0].text' <<<"$OUT")"

say "the rule that stayed counted each packet, over all the applies"
counted=$(jq -c '[.counters[] | select(.text == "deny tcp dport 8080") | .from.packets, .to.packets]' <<<"$OUT")
sent=$(sed -n 's/^\(from\|to\) sent \([0-9]*\) .*/\2/p' "$WORK/flood" | jq -sc .)
check "deny tcp dport 8080: from, to" "$sent" "$counted"
check "one generation is left" 1 "$(find "$PINS" -name meta | wc -l)"
does detach veth0
finish
