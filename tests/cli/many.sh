#!/bin/bash
# 200 veths in one namespace. Simultaneous commands take turns, in one namespace and in several. Nothing leaks.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_netns host container
MANY=${MANY:-200}

seq 1 "$MANY" | sed 's/.*/link add veth& up type veth peer name peer& netns container/' >"$WORK/batch"
must ip -n host -batch "$WORK/batch"
before=$(snapshot)

say "$MANY attached"
attach_all() {
	local i
	for ((i = 1; i <= MANY; i++)); do
		"$POLICYCTL" attach "veth$i" --deny tcp >/dev/null || echo "veth$i"
	done
}
export -f attach_all
export MANY
check "attach $MANY times" "" "$(in_host bash -c attach_all 2>&1)"
remember
check "there are $((MANY * 3)) programs" $((MANY * 3)) "$(wc -l <"$WORK/known.prog")"
check "and $((MANY * 8 + 3)) maps, 3 of them for all" $((MANY * 8 + 3)) "$(wc -l <"$WORK/known.map")"
policyctl list --json
check "list has them all, enforcing" "$MANY" "$(jq '[.[] | select(.enforcing)] | length' <<<"$OUT")"
policyctl list
check "a line for each in the table" $((MANY + 1)) "$(wc -l <<<"$OUT")"
policyctl stats --json
check "and stats" "$MANY" "$(jq length <<<"$OUT")"
does apply veth7 --deny udp
does detach veth8
policyctl list --json
check "one detached: the others stay" $((MANY - 1)) "$(jq '[.[] | select(.enforcing)] | length' <<<"$OUT")"
does detach --all
check "detach --all says each" $((MANY - 1)) "$(grep -c ': detached$' <<<"$OUT")"
check_same "all is as before" "$before" "$(snapshot)"
check_true "their programs and maps are gone" wait_until 10 none_known_left

say "at the same time"
# together COMMAND...: runs it twenty times at once, with & replaced by 1 to 20; prints the exit statuses, counted.
together() {
	local i pids=() statuses=()
	for ((i = 1; i <= 20; i++)); do
		nsenter --net=/run/netns/host "${@//&/$i}" >"$WORK/together.$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
		statuses+=($?)
	done
	printf '%s\n' "${statuses[@]}" | sort | uniq -c | sed 's/ *\(.*\) \(.*\)/\1 with \2/' | one_line
}
check "20 attaches to 20 interfaces: exit statuses" "20 with 0" "$(together "$POLICYCTL" attach 'veth&' --deny tcp)"
remember
policyctl list --json
check "all enforce" 20 "$(jq '[.[] | select(.enforcing)] | length' <<<"$OUT")"
check "20 applies to one: exit statuses" "20 with 0" "$(together "$POLICYCTL" apply veth1 --deny 'tcp/&')"
policyctl show veth1 --json
check_match "one of them is in force" '^deny tcp dport [0-9]+$' "$(jq -r '.counters[0].text' <<<"$OUT")"
check "and nothing of the others is left" 20 "$(find "$PINS" -name meta | wc -l)"
check "20 denies to one: exit statuses" "20 with 0" "$(together "$POLICYCTL" deny veth2 'udp/&')"
policyctl show veth2 --json
check "none is lost" "$(seq 1 20 | sed 's/^/deny udp dport /' | sort)" \
	"$(jq -r '.counters[] | select(.kind == "rule") | .text' <<<"$OUT" | grep udp | sort)"
check "20 detaches: exit statuses" "20 with 0" "$(together "$POLICYCTL" detach 'veth&')"
check "20 attaches of one policy to one interface" "20 with 0" "$(together "$POLICYCTL" attach veth1 --deny tcp)"
check "20 detaches of one: the first does it" "1 with 0 19 with 4" "$(together "$POLICYCTL" detach veth1)"
check_same "all is as before" "$before" "$(snapshot)"

say "in several namespaces at the same time"
turns() { # NETNS
	local i
	for ((i = 1; i <= 40; i++)); do
		inside "$1" "$POLICYCTL" attach same0 --deny tcp >/dev/null || return
		inside "$1" "$POLICYCTL" detach same0 >/dev/null || return
	done
}
pids=()
for i in 1 2 3; do
	new_netns "many$i"
	must ip -n "many$i" link add same0 type veth peer name peer0
	turns "many$i" 2>"$WORK/many$i" &
	pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
check "40 times attach and detach in each of three: no error" "" "$(cat "$WORK"/many[123])"
check_same "all is as before" "$before" "$(snapshot)"
finish
