#!/bin/bash
# Sets from files: one in the kernel for all attachments, gone with the last of them. show, deny and delete need no
# file; apply reads it again and reports the change.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3
new_rooms
new_netns second
new_veth veth1 second 1
SIZE=${SIZE:-20000}

# feed SEED: a file of prefixes that do not touch each other, of both families, unordered; four of them are known.
feed() {
	python3 -c '
import random, sys
seed, size = int(sys.argv[1]), int(sys.argv[2])
lines = ["198.19.7.7", "198.19.8.0/24", "2001:db8:51::/48", "2001:db8:52::1"]
lines += ["%d.%d.%d.%d/30" % (n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255)
          for n in random.Random(seed).sample(range(0x0a000000, 0x40000000, 8), size - 4 - size // 4)]
lines += ["2001:db8:%x:%x::/64" % (0x8000 + n // 65536, n % 65536)
          for n in random.Random(seed).sample(range(0, 2000000, 2), size // 4)]
random.Random(seed).shuffle(lines)
print("\n".join(lines))' "$1" "$SIZE"
}

set_maps() { # the ids of those that are pinned
	bpftool -f -j map show |
		jq --arg under "$PINS/" '.[] | select(any(.pinned[]?; startswith($under) and test("/set_[0-9]+$"))) | .id'
}

denies() { # TEXT IFACE CONTAINER
	local IFACE=$2 text=$1 container=$3 seen direction
	for direction in from to; do
		seen=$(between "$direction" "$container" 2 4:tcp/80@198.19.7.7 4:udp/53@198.19.8.200 6:tcp/80@2001:db8:51:9::3 \
			6:icmpv6/128@2001:db8:52::1 4:tcp/80@198.19.7.8 6:tcp/80@2001:db8:52::2)
		check "$text ($direction the container)" "0 0 0 0 2 2" "$seen"
	done
}

between() { # from|to CONTAINER COUNT CLASS...: how many arrive
	local container=(/run/netns/"$2" eth0) host=(/run/netns/host "$IFACE") ends
	ends=("${container[@]}" "${host[@]}")
	[ "$1" = from ] || ends=("${host[@]}" "${container[@]}")
	"$CLI_PROBE" send "${ends[@]}" "${@:3}" | cut -d' ' -f2 | one_line
}

cd "$WORK" || exit 1
mkdir lists
feed 1 >lists/feed.txt
echo 'set feed file "lists/feed.txt"
deny any peer @feed' >one.policy
echo 'set other file "feed.txt"
allow to tcp dport 22
deny any peer @other
deny tcp dport 9' >lists/two.policy

say "two attachments, two policies, one set"
before=$(snapshot)
does attach veth0 --policy one.policy
does attach veth1 --policy lists/two.policy
remember
check "one map in the kernel" 1 "$(set_maps | wc -l)"
denies "the first denies its members, both families" veth0 container
denies "the second too" veth1 second
say "$(bpftool -j map show id "$(set_maps)" | jq '"\(.max_entries) cells, \(.bytes_memlock / 1024 | floor) KiB"')"
does attach veth0 --policy one.policy
check_match "attach again: it is the same" "^veth0: attached already" "$OUT"
does apply veth0 --policy one.policy
check "apply again: nothing to change" "veth0: nothing to change, this policy is in force" "$OUT"
sort -r lists/feed.txt | sed 's/$/   # from elsewhere/' >copy.txt
echo 'set feed file "copy.txt"
deny any peer @feed' >copy.policy
does apply veth0 --policy copy.policy
check_match "from another file, which is said" "^  set feed: $SIZE prefixes from $WORK/copy.txt, was $SIZE prefixes from $WORK/lists/feed.txt$" "$OUT"
check "with the same members: the same map" 1 "$(set_maps | wc -l)"
does apply veth0 --policy one.policy

say "without the file"
mv lists/feed.txt kept.txt
policyctl show veth0
check_match "show prints the set by its absolute path" "^set feed file \"$WORK/lists/feed.txt\" # $((SIZE - SIZE / 4 - 2)) IPv4 and $((SIZE / 4 + 2)) IPv6 prefixes$" "$OUT"
policyctl show veth0 --json
check "and as JSON" "{\"ipv4\":$((SIZE - SIZE / 4 - 2)),\"ipv6\":$((SIZE / 4 + 2))}" "$(jq -c '.sets[0].prefixes' <<<"$OUT")"
digest=$(jq -r '.sets[0].digest' <<<"$OUT")
check_match "with a digest" '^[0-9a-f]{64}$' "$digest"
policyctl show veth1 --json
check "which the other has too" "$digest" "$(jq -r '.sets[0].digest' <<<"$OUT")"
does deny veth0 udp/7
does allow veth0 tcp/81
does delete veth0 2
check "deny, allow, delete: still the one map" 1 "$(set_maps | wc -l)"
denies "and still the policy" veth0 container
policyctl apply veth0 --policy one.policy
check "apply fails" 2 "$STATUS"
check_match "and says why" "one.policy:1:15: error: cannot read .lists/feed.txt.: No such file" "$ERR"
denies "the policy in force stays" veth0 container

say "the file changes"
{
	cat kept.txt
	echo 198.19.7.100
} >lists/feed.txt
does apply veth0 --policy one.policy --dry-run
check_match "dry run says it" "^  set feed: $((SIZE + 1)) prefixes, was $SIZE$" "$OUT"
policyctl diff veth0 --policy one.policy --json
check "diff too, as JSON: status" 3 "$STATUS"
file="$WORK/lists/feed.txt"
check "  and contents" "[\"feed\",\"changed\",$SIZE,\"$file\",$((SIZE + 1)),\"$file\"]" \
	"$(jq -c '.sets[] | [.name, .change, .was, .was_path, .prefixes, .path]' <<<"$OUT")"
check "neither has loaded anything" 1 "$(set_maps | wc -l)"
does apply veth0 --policy one.policy
remember
check "the other attachment keeps the old set: two maps" 2 "$(set_maps | wc -l)"
IFACE=veth0
check "the first denies what came" "0 0" "$(between from container 2 4:tcp/80@198.19.7.100 4:tcp/80@198.19.7.7)"
IFACE=veth1
check "the second does not" "2 0" "$(between from second 2 4:tcp/80@198.19.7.100 4:tcp/80@198.19.7.7)"
sed -i 's/^198.19.7.100$/198.19.7.102/' lists/feed.txt
does apply veth0 --policy one.policy
check_match "as many, but others: said too" "^  set feed: $((SIZE + 1)) prefixes, as many as before, but not the same$" "$OUT"
does apply veth1 --policy lists/two.policy
remember
check "the second follows: one map" 1 "$(set_maps | wc -l)"

say "a list that lost most of its addresses"
head -n 3 kept.txt >lists/feed.txt
does apply veth0 --policy one.policy --dry-run
check_match "the dry run warns, with both sizes" "veth0: the set feed went from $((SIZE + 1)) prefixes to 3: is $WORK/lists/feed.txt whole\?" "$ERR"
: >lists/feed.txt
does apply veth0 --policy one.policy --dry-run
check_match "one that is empty is warned of by itself" "one.policy:1:5: warning: the file of the set 'feed' has no address" "$ERR"
check_match "  and for what it was" "the set feed went from $((SIZE + 1)) prefixes to 0" "$ERR"
head -n $((SIZE - SIZE / 4)) kept.txt >lists/feed.txt
does apply veth0 --policy one.policy --dry-run
check "one that has most of them is not" "" "$ERR"

say "sets come and go"
echo 'set feed file "kept.txt"
set more { 198.19.9.0/24 }
set spare file "copy.txt"
deny any peer { @feed, @more }' >three.policy
does apply veth0 --policy three.policy
check_match "the one that came" "^  \+ set more: 1 prefix$" "$OUT"
check_match "one that no rule names, a warning" "no rule names the set 'spare'" "$ERR"
does delete veth0 "$(policyctl show veth0 --json && jq '.counters[0].id' <<<"$OUT")"
does apply veth0 --deny tcp
check_match "the one that went" "^  - set feed: $SIZE prefixes from $WORK/kept.txt$" "$OUT"
check "the map of the other stays" 1 "$(set_maps | wc -l)"

say "another version of policyctl, whose sets may be built differently"
policyctl list --json
meta=$(find "$PINS" -path "*/$(jq '.[] | select(.interface == "veth1") | .ifindex' <<<"$OUT")/*" -name meta)
set_version() { # NUMBER
	bpftool -j map lookup pinned "$meta" key 0 0 0 0 | jq -r '.value[]' | sed "1s/.*/$1/" |
		xargs bpftool map update pinned "$meta" key 0 0 0 0 value
}
version=$(bpftool -j map lookup pinned "$meta" key 0 0 0 0 | jq -r '.value[0]')
set_version 0xfe
does apply veth0 --policy one.policy
check "has its own map" 2 "$(set_maps | wc -l)"
set_version "$version"

does detach --all
check "the set is gone with the last attachment" "" "$(set_maps)"
check_true "from the kernel too" wait_until 10 none_known_left
check_same "all is as before" "$before" "$(snapshot)"
finish
