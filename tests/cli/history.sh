#!/bin/bash
# policyctl history: each change is an entry, with time, who and the rules that came and went. Nothing that happens to
# its files hinders enforcement.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
export SUDO_USER=alice

entries() { # FILTER: of each entry, the newest first
	in_host "$POLICYCTL" history "${IFACE:-veth0}" --json | jq -c "map($1)"
}

say "every change is an entry"
policyctl history veth0
check_match "none yet" '^4 policyctl: veth0: no history is known$' "$STATUS $ERR"
does attach veth0 --deny tcp
remember
does deny veth0 udp icmp
printf 'default to deny\nallow to tcp dport 22\ndeny from udp\n' >"$WORK/ssh.policy"
does apply veth0 --policy "$WORK/ssh.policy" --hook tc
applied=$(grep '^  ' <<<"$OUT")
does apply veth0 --policy "$WORK/ssh.policy"
does delete veth0 4
check "what happened, but nothing where nothing changed" '["changed","changed","changed","attached"]' "$(entries .event)"
check "numbered" '[4,3,2,1]' "$(entries .number)"
check "by which command" '["policyctl delete veth0 4","policyctl attach veth0 --deny tcp"]' \
	"$(entries .by.command | jq -c '[.[0], .[-1]]')"
check "by whom" '["root","alice"]' "$(entries '[.by.user, .by.sudo_user]' | jq -c '.[0]')"
check "when" true "$(entries ".time - $(date +%s) | . <= 0 and . > -60" | jq -c all)"
check "by hook and mode" '["tc","tc","auto","auto"]' "$(entries .mode)"
check "the newest is in force" '[true,false,false,false]' "$(entries .in_force)"
policyctl history veth0
check_match "as text" \
	"^veth0 4  $(date +%Y)-.* changed, in force, by root \(sudo by alice\): policyctl delete veth0 4   - allow to tcp dport 22  # id 4 3 " \
	"$(one_line <<<"$OUT")"
check "the difference is what apply printed" "$applied" "$(sed -n '/^3 /,/^2 /p' <<<"$OUT" | grep '^  [^b]')"
check_match "the hook too" "^  by tc, was by auto$" "$(sed -n '/^3 /,/^2 /p' <<<"$OUT" | tail -n 2 | head -n 1)"
check "--json has the policy and the difference" \
	'[["default from allow\ndefault to deny\ndeny from udp\n",[],["allow to tcp dport 22"]]]' \
	"$(entries '[.policy, .added, (.removed | map(.rule))]' | jq -c '.[:1]')"
does detach veth0
check "detached" '["detached",null]' "$(entries '[.event, .policy]' | jq -c '.[0]')"
check "nothing is in force" false "$(entries .in_force | jq any)"
must ip -n host link del veth0
must wait_until 5 test -z "$(ip -n container -br link show dev eth0 2>/dev/null)"
new_veth veth0 container 0
does attach veth0 --deny tcp
check "a new interface of this name goes on" '["attached","detached"]' "$(entries .event | jq -c '.[:2]')"
policyctl history veth7
check "no such interface" 4 "$STATUS"
policyctl history container:nobody
check "no such container" 4 "$STATUS"

say "confirm, quarantine"
does deny veth0 udp --confirm 1h
check "to be confirmed" '["changed",3600]' "$(entries '[.event, .confirm_seconds]' | jq -c '.[0]')"
policyctl history veth0
check_match "as text" 'changed, to be confirmed in 3600 s, in force' "$OUT"
does confirm veth0
check "confirmed" '"confirmed"' "$(entries .event | jq -c '.[0]')"
number=$(entries .number | jq '.[0]')
does deny veth0 icmp --confirm 1h
does undo veth0
check "undone, back to what was confirmed" "[\"undone\",$number]" "$(entries '[.event, .back_to]' | jq -c '.[0]')"
does deny veth0 icmp --confirm 1s
newest() { [ "$(entries .event | jq -r '.[0]')" = "$1" ]; }
check_true "nobody confirmed" wait_until 10 newest "not confirmed"
check "back to the same" "$number" "$(entries .back_to | jq '.[0]')"
does quarantine veth0
does release veth0
check "quarantine and release" '["released","quarantined"]' "$(entries .event | jq -c '.[:2]')"
check "back to the same" "$number" "$(entries .back_to | jq '.[0]')"
does detach veth0

say "what is kept"
does attach veth0 --deny tcp
for ((i = 0; i < 20; i++)); do
	in_host "$POLICYCTL" deny veth0 "udp/$((i + 1))" >"$WORK/stdout" 2>&1 || fail "deny" "$(<"$WORK/stdout")"
	in_host "$POLICYCTL" delete veth0 "$((i + 2))" >"$WORK/stdout" 2>&1 || fail "delete" "$(<"$WORK/stdout")"
done
check "32 entries of an interface" 32 "$(entries .number | jq length)"
check "the newest" 32 "$(entries .number | jq '.[0] - .[-1] + 1')"
check "only root may read it" "drwx------" "$(stat -c %A "$WORK/history")"
check "nor is a file open to others" "" "$(find "$WORK/history" -perm /077)"
must mkdir "$WORK/history/0123abcd-net-4711-interface-veth0-0123456789abcdef"
place=$(dirname "$(find "$WORK/history" -name '000*' | head -n 1)")
gone=${place/veth0/veth9}
must cp -r "$place" "$gone"
sed -i 's/"interface":"veth0"/"interface":"veth9"/' "$gone"/*
find "$gone" -exec touch -d '31 days ago' {} +
does deny veth0 sctp
check "what is of another boot, or gone for a month, is removed" "$place" "$(find "$WORK/history" -mindepth 1 -maxdepth 1)"

say "each interface has its own"
new_netns other
new_veth veth1 other 1
does attach veth1 --deny icmp
check "veth1" '["attached"]' "$(IFACE=veth1 entries .event)"
does detach veth1

say "it cannot be written: one warning, and the policy is in force"
warning='^policyctl: the history of policies is not written: .* \(the policies are not concerned\)$'
hindered() { # TEXT WHY
	does attach veth1 --deny tcp
	check_match "$1: one warning" "$warning" "$ERR"
	check_match "  that says why" "$2" "$ERR"
	check "  it drops" "4:tcp/80 0" \
		"$("$CLI_PROBE" send /run/netns/host veth1 /run/netns/other eth0 1 4:tcp/80 2>&1 | one_line)"
	does detach veth1
	check_match "  detach too" "$warning" "$ERR"
}
mkdir "$WORK/full" "$WORK/sealed" "$WORK/open" "$WORK/target"
chmod 777 "$WORK/open"
chmod 700 "$WORK/full" "$WORK/target"
ln -s "$WORK/target" "$WORK/link"
must mount -t tmpfs -o size=64k,mode=700 tmpfs "$WORK/full"
dd if=/dev/zero of="$WORK/full/zero" bs=4k 2>/dev/null
must mount -t tmpfs -o ro,mode=700 tmpfs "$WORK/sealed"
export POLICYCTL_HISTORY=$WORK/full
hindered "a full disk" "No space left"
export POLICYCTL_HISTORY=$WORK/sealed
hindered "a read-only one" "Read-only file system"
export POLICYCTL_HISTORY=$WORK/open
hindered "a directory that others can write to" "can be written by others"
export POLICYCTL_HISTORY=$WORK/link
hindered "a symbolic link" "cannot open"
export POLICYCTL_HISTORY=$WORK/zero/below
echo >"$WORK/zero"
hindered "a file in its place" "Not a directory|cannot"
export POLICYCTL_HISTORY=none
does attach veth1 --deny tcp
check "none: nothing is said" "" "$ERR"
does detach veth1
check "and nothing written" "" "$(find "$WORK/open" "$WORK/target" "$WORK/sealed" -mindepth 1)"
must umount "$WORK/full" "$WORK/sealed"
export POLICYCTL_HISTORY=$WORK/history

say "nothing in its files is trusted"
last=$(find "$place" -name '000*' | sort | tail -n 1)
cp "$last" "$WORK/good"
spoilt() { # TEXT
	check "$1: it cannot be read" false "$(entries .readable | jq '.[0]')"
	policyctl history veth0
	check_match "  as text" "^[0-9]+  cannot be read" "$(sed -n 2p <<<"$OUT")"
	rm -f "$last"
	cp "$WORK/good" "$last"
	chmod 600 "$last"
}
chmod 620 "$last"
spoilt "others can write to it"
chown 1234 "$last"
spoilt "it is of another user"
ln -sf "$WORK/good" "$last"
spoilt "a symbolic link"
echo "deny tpc" >>"$last"
spoilt "another policy"
printf '\0' >"$last"
spoilt "rubbish"
rm "$last" && mkfifo "$last"
spoilt "a FIFO"
sed -i '1s/"command":"[^"]*"/"command":"x\\u001b[2J\\u202e"/' "$last"
policyctl history veth0
check_false "a command with an escape does not reach the terminal" grep -qP '\x1b\[2J|\x{202e}' "$WORK/stdout"
does detach veth0
finish
