# shellcheck shell=bash
TITLE="a set of 100,000 blocks from a file: members dropped, neighbours not, the file replaced under traffic"
DRIVERS=policyctl

BLOCKS=100000
PINGS=1000 # to each address that is allowed, one in 2 ms
LOST=200   # to each that is denied: without answers ping takes its time
ALWAYS=${OUTSIDE_MORE[0]} ALWAYS6=${OUTSIDE6_MORE[0]}  # in both files
BEFORE=${OUTSIDE_MORE[1]} BEFORE6=${OUTSIDE6_MORE[1]}  # in the first only
AFTERWARDS=${OUTSIDE_MORE[2]} AFTERWARDS6=${OUTSIDE6_MORE[2]} # in the second only
RULE="deny any peer @feed"

experiment() {
	feeds
	cp "$LAB_STATE/feed.before" "$LAB_STATE/feed.txt"
	POLICY=$LAB_STATE/feed.policy
	printf '%s\n' 'set feed file "feed.txt"' "$RULE" >"$POLICY"
	timed enforce attach
	members_and_neighbours
	edges_of_blocks
	pinging_while_the_file_changes
	undeny "$VETH"
	ping_is answered httpserver "$ALWAYS"
}

# Many blocks without hosts of the lab, and a few with them.
feeds() {
	local feed=$LAB_STATE/feed
	/usr/bin/python3 "$LAB_DIR/lib/blocks.py" $BLOCKS >"$feed.blocks"
	printf '%s\n' "$ALWAYS" "$ALWAYS6" 198.18.0.64/30 2001:db8:0:77::/64 >>"$feed.blocks"
	{ cat "$feed.blocks" && printf '%s\n' "$BEFORE" "$BEFORE6"; } >"$feed.before"
	{ printf '%s\n' "$AFTERWARDS" "$AFTERWARDS6" && cat "$feed.blocks"; } >"$feed.afterwards"
	say "host# wc -l feed.txt: $(wc -l <"$feed.before")"
}

timed() {
	local start=${EPOCHREALTIME/./}
	"$@"
	say "that took $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}

members_and_neighbours() {
	local address
	ping_is lost httpserver "$ALWAYS"
	ping_is lost httpserver "$BEFORE6"
	ping_is lost outside "$CONTAINER6" "$ALWAYS6"
	for address in "$OUTSIDE" "$OUTSIDE6" "$AFTERWARDS" "$AFTERWARDS6"; do
		ping_is answered httpserver "$address"
	done
	ping_is answered outside "$CONTAINER" "$OUTSIDE"
}

edges_of_blocks() {
	local direction
	packets_start
	count_now
	for direction in from to; do
		judged $direction 198.18.0.63 udp/9 passed "default allow"
		judged $direction 198.18.0.64 udp/9 dropped "$RULE"
		judged $direction 198.18.0.67 47 dropped "$RULE"
		judged $direction 198.18.0.68 47 passed "default allow"
		judged $direction 2001:db8:0:76:ffff:ffff:ffff:ffff tcp/80 passed "default allow"
		judged $direction 2001:db8:0:77:: tcp/80 dropped "$RULE"
		judged $direction 2001:db8:0:77:ffff:ffff:ffff:ffff icmpv6/128 dropped "$RULE"
		judged $direction 2001:db8:0:78:: icmpv6/128 passed "default allow"
	done
	packets_stop
}

pinging_while_the_file_changes() {
	local address applies=0 failed=0 changed
	count_now
	start_pings $PINGS "$OUTSIDE" "$OUTSIDE6"
	start_pings $LOST "$ALWAYS" "$ALWAYS6"
	until all_pinged; do
		if ((applies % 2)); then next_feed before; else next_feed afterwards; fi || failed=$((failed + 1))
		applies=$((applies + 1))
	done
	say "$applies times the file was replaced and applied meanwhile"
	check "each of them changed the policy" 0 "$failed"
	check "every state met pings" yes "$(yes_or_no test "$applies" -ge 4)"
	for address in "$OUTSIDE" "$OUTSIDE6"; do
		check "nothing is lost to $address, which both allow" "$PINGS of $PINGS" "$(pinged "$address")"
	done
	for address in "$ALWAYS" "$ALWAYS6"; do
		check "nothing gets through to $address, which both deny" "0 of $LOST" "$(pinged "$address")"
	done
	check "and the rule counted each, over all the files" "$((2 * LOST)) by $RULE" \
		"$(counted_since from | grep "$RULE")"
	the_last_file_holds $((applies % 2))
}

start_pings() { # COUNT ADDRESS...
	local address
	for address in "${@:2}"; do
		say "httpserver# ping -q -i 0.002 -c $1 -W 1 $address &"
		spawn httpserver "ping-$address" ping -q -i 0.002 -c "$1" -W 1 "$address"
	done
}

# Replaces the whole file at once, as a program that fetches such lists does.
next_feed() { # before|afterwards
	cp "$LAB_STATE/feed.$1" "$LAB_STATE/feed.next" && mv "$LAB_STATE/feed.next" "$LAB_STATE/feed.txt" || return
	[ "$(run_in host policyctl apply "$VETH" --policy "$POLICY" --json | jq .changed)" = true ]
}

all_pinged() {
	local address
	for address in "$OUTSIDE" "$OUTSIDE6" "$ALWAYS" "$ALWAYS6"; do
		grep -q transmitted "$LAB_STATE/ping-$address.out" || return
	done
}

pinged() { # ADDRESS
	sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\2 of \1/p' "$LAB_STATE/ping-$1.out"
}

the_last_file_holds() { # 1: afterwards, 0: before
	local denied=$BEFORE denied6=$BEFORE6 allowed=$AFTERWARDS allowed6=$AFTERWARDS6
	[ "$1" = 0 ] || denied=$AFTERWARDS denied6=$AFTERWARDS6 allowed=$BEFORE allowed6=$BEFORE6
	ping_is lost httpserver "$denied"
	ping_is lost httpserver "$denied6"
	ping_is answered httpserver "$allowed"
	ping_is answered httpserver "$allowed6"
	must_in host policyctl apply "$VETH" --policy "$POLICY" --json
	check "applied once more: nothing changes" false "$(jq .changed <<<"$SAW")"
}
