#!/bin/bash
# Applies a large set again and again, with UDP in both directions at full speed. Addresses in both the old and the new
# set never get through; addresses in neither are never lost. SIZE=1000000 and APPLIES=20 for the full measure.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3
new_rooms
SIZE=${SIZE:-200000}
APPLIES=${APPLIES:-6}

# Two sets that share only 198.19.7.0/24, and do not contain 198.19.8.8.
cd "$WORK" || exit 1
python3 -c '
import random, sys
size = int(sys.argv[1])
for name, low in ("a", 0x0a000000), ("b", 0x30000000):
    with open(name + ".txt", "w") as out:
        print("198.19.7.0/24", file=out)
        for n in random.Random(name).sample(range(low, low + 0x20000000, 16), size - 1):
            print("%d.%d.%d.%d/%d" % (n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255, 29 + n // 16 % 4), file=out)
    with open(name + ".policy", "w") as out:
        print("set feed file \"%s.txt\"\ndeny any peer @feed" % name, file=out)' "$SIZE"

does attach veth0 --policy a.policy
remember
mkfifo until
"$CLI_PROBE" flood /run/netns/container eth0 /run/netns/host veth0 4:udp/7@198.19.7.7 4:udp/7@198.19.8.8 <until >seen &
flood=$!
SPAWNED+=("$flood")
exec 3>until
must wait_until 10 grep -q ready seen

started=$SECONDS failed=""
for ((i = 1; i <= APPLIES; i++)); do
	if ((i % 2)); then name=b; else name=a; fi
	in_host "$POLICYCTL" apply veth0 --policy $name.policy >stdout 2>&1 || failed+=$(<stdout)
	grep -q "set feed: $SIZE prefixes" stdout || failed+=" $(<stdout)"
done
say "$APPLIES times a set of $SIZE in $((SECONDS - started)) s"
exec 3>&-
wait "$flood"
sed 's/^/# /' seen
check "$APPLIES times apply: none failed, each said what changed" "" "$failed"
remember
while read -r direction _ sent _ denied _ lost; do
	[ "$direction" != ready ] || continue
	check_true "$direction the container: more packets than applies" test "$sent" -gt $((APPLIES * 100))
	check "  of $sent to a member of both sets none arrived" 0 "$denied"
	check "  of $sent to a member of neither none was lost" 0 "$lost"
done <seen
check "one set is left" 1 "$(find "$PINS" -name 'set_*' | wc -l)"
does detach veth0
finish
