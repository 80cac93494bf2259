#!/bin/bash
# doctor where it may not look into the namespaces of other processes, as in the daemon's container: it calls no living
# container dead.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/findings.bash"
sandbox "$@"
need capsh
new_rooms
ID=$(printf 'c0ffee%058d' 7)

examine() { # CAPABILITIES-TO-DROP
	OUT=$(in_host "$(command -v capsh)" --drop="$1" -- -c "exec '$POLICYCTL' doctor veth0 --json" 2>/dev/null)
}

does attach veth0 --deny tcp
remember
printf 'search example\nnameserver 127.0.0.11\noptions ndots:0\n' >"$WORK/resolv.conf"
spawn container unshare --mount --propagation private sleep 600
PID=$!
must wait_until 5 grep -q sleep /proc/$PID/comm
must umount /run/netns/container
must rm /run/netns/container

for capability in cap_sys_ptrace cap_sys_admin,cap_sys_ptrace; do
	examine $capability
	check "without $capability: where it leads to is left open" "note: where it leads to was not looked at" \
		"$(field peer level): $(field peer what)"
	check_no_match "  detach is not the advice" detach "$(field peer "do")"
	check "  what was not seen is said" "some other network namespaces cannot be looked at" "$(field namespaces what)"
	check "  no pins are to be removed" "" "$(field gone-namespaces "do" | grep 'rm ')"
done
group_of $PID "$ID"
examine cap_sys_ptrace
check "a container there is found by its cgroup" "ok: leads to the container ${ID:0:12} (process $PID)" \
	"$(field peer level): $(field peer what)"

say "lookups that go by docker's resolver, whatever the policy says of port 53"
lookups() {
	OUT=$(in_host "$POLICYCTL" doctor veth0 --json 2>/dev/null)
	field name-lookups what
}
said='^the policy drops DNS, but the container asks docker.s resolver, 127.0.0.11$'
does apply veth0 --deny from:udp/53
remember
check "another resolver: nothing to say" "" "$(lookups)"
nsenter -t "$PID" -m mount --bind "$WORK/resolv.conf" /etc/resolv.conf || fail "cannot give the container a resolver"
check_match "docker's" "$said" "$(lookups)"
does apply veth0 --deny from:tcp/25
remember
check "a policy that does not drop DNS" "" "$(lookups)"
does apply veth0 --policy <(printf 'default from deny\n')
remember
check_match "one that drops it by default" "$said" "$(lookups)"
stop $PID
remove_groups
policyctl list # the veth went with its namespace
finish
