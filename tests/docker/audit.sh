#!/bin/bash
# The label policyctl.audit, the setting `audit` and sidecar --audit: what the policy denies passes, and is counted. What
# is wrong is held all the same.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
daemon_start

starts() { # NAME LABEL...
	local label options=()
	for label in "${@:2}"; do
		options+=(--label "$label")
	done
	must d run -d --name "$1" ${options[@]+"${options[@]}"} image /bin/busybox sleep 1000
}
reaches() { # NAME
	in_docker "$1" ping -qc2 -i0.1 -W1 198.18.1.1 >/dev/null 2>&1
}
audited() { # NAME
	[ -n "$(listed "$1" 'select(.state == "audit" and .audit and (.enforcing | not))')" ]
}
held() { # NAME
	[ -n "$(listed "$1" 'select(.held and (.audit | not))')" ]
}
would_drop() { # NAME
	policyctl stats "container:$1" --json --docker-socket "$DOCKER_SOCKET"
	jq '.[0].from.would_drop.packets' <<<"$OUT"
}

say "by label"
starts tried policyctl.deny=from:icmp policyctl.audit=true
starts strict policyctl.deny=from:icmp policyctl.audit=false
starts wrong policyctl.deny=from:icmp policyctl.audit=yes
starts alone policyctl.audit=true
check_true "list: audited" wait_until 10 audited tried
check_true "what is denied passes" reaches tried
check_true "and is counted" test "$(would_drop tried)" -ge 2
check "the log warns" '"warning"' "$(log '.message == "policy audited" and .container == "tried"' | jq -c .level | head -n 1)"
check_true "false: enforced" wait_until 10 enforcing strict
check_false "  it is dropped" reaches strict
check_true "neither: held" wait_until 10 held wrong
check_match "  the log says why" 'label policyctl.audit:1:1: expected' "$(log '.message == "container held" and .container == "wrong"' | jq -r .why)"
check "alone it asks for no policy" "" "$(listed alone)"
check_true "  so nothing is denied" reaches alone

say "by the configuration"
daemon_stop
daemon_configure policy.audit=on
daemon_start
check_true "what has a policy is audited" wait_until 10 audited tried
check_true "but where the label says no" enforcing strict
starts other policyctl.deny=from:icmp
check_true "a new one, too" wait_until 10 audited other
check_true "  what is denied passes" reaches other
check_true "what is wrong is held" held wrong
policyctl quarantine container:other --docker-socket "$DOCKER_SOCKET"
check "quarantine" 0 "$STATUS"
check_false "enforces" reaches other
policyctl release container:other
check "release" 0 "$STATUS"
check_true "release: audited as before" wait_until 10 audited other
daemon_stop
daemon_configure
daemon_start
check_true "without the setting it is enforced" wait_until 10 enforcing other
check_false "  and dropped" reaches other
check_true "the label stays" audited tried
daemon_stop
must d rm -f tried strict wrong alone other

say "sidecar --audit"
policyctl detach --all
spawn host "$POLICYCTL" sidecar side --deny from:icmp --audit --docker-socket "$DOCKER_SOCKET" --config /dev/null \
	>"$WORK/side.out" 2>"$WORK/side.err"
sidecar=$!
starts side
check_true "audited" wait_until 10 audited side
check_true "what is denied passes" reaches side
check_true "and is printed" wait_until 5 grep -q ' would drop ' "$WORK/side.out"
stop "$sidecar"
must d rm -f side
must wait_until 10 in_host "$POLICYCTL" detach --all
finish
