#!/bin/bash
# Many containers that are created and not started, each with a policy of many sets, which the daemon prepares. What it
# keeps open for them must leave room for the next container that starts.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
MANY=30
docker_up

for i in {1..16}; do
	echo "198.51.100.$i" >"$POLICIES/$i.txt"
	echo "set s$i file \"$i.txt\""
done >"$POLICIES/web.policy"
for i in {1..16}; do
	echo "deny from udp peer @s$i"
done >>"$POLICIES/web.policy"

open_files() { find "/proc/$DAEMON/fd" -mindepth 1 | wc -l; }

all_prepared() { [ "$(open_files)" -gt $((before + 300)) ]; }

ulimit -Sn 256
daemon_start
before=$(open_files)
for ((i = 1; i <= MANY; i++)); do
	must d create --name "made$i" --label policyctl.policy=web image /bin/busybox true
done
check_true "policies are prepared" wait_until 10 all_prepared
check_true "not without limit" test "$(open_files)" -lt 900
must talk web 11 -d --label policyctl.policy=web -- --rate 100 198.18.1.1
check_true "the next one that starts gets its policy" wait_until 10 in_force web
check "and nothing went wrong" "" "$(log '.level == "error"')"
finish
