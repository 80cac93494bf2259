#!/bin/bash
# A container's policy gains `established` while transfers of it run: at the daemon's first start, by a policy file and
# SIGHUP, and by a sidecar. None that it would let begin is lost, and the log says what was not adopted. Daemon and
# sidecar have given up the privileges for that: the lookout, a process of theirs, has them, and dies with them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../cli/transfers.bash"
need /usr/bin/python3 pgrep setpriv
docker_sandbox "$@"
docker_up
network6 side 64
new_netns outside
new_veth outside0 outside 9
must ip -n outside route add default via 198.18.9.1
ROOMS=/run/rooms # not where policyctl looks for names: it must find the namespace by its processes
mkdir "$ROOMS"

container() { # NAME NUMBER [DOCKER-OPTION...]: for spawn it is ../rooms/NAME
	must d run -d --name "$1" --net side --ip "198.18.64.$2" --ip6 "2001:db8:64::$2" "${@:3}" image \
		/bin/busybox sleep 1000
	ln -sfn "/proc/$(pid_of "$1")/ns/net" "$ROOMS/$1"
}
container web 10 --label policyctl.policy=web -p 8001:7001
container neighbour 11

cat >"$WORK/connections.policy" <<'POLICY'
default deny
allow from { tcp, udp } dport 7000
allow to { tcp, udp } dport 7001
allow to established
allow from established
POLICY
echo 'allow any' >"$WORK/open.policy"
policy() { cp "$WORK/$1.policy" "$POLICIES/new" && mv "$POLICIES/new" "$POLICIES/web.policy"; }

# Both kinds (the server pushes and the client is silent, and the other way), both directions and families; a neighbour
# on the bridge, and a client of the published port.
ALL="out4:11 out6:6 in4:6 in6:4 neighbour:4 published:4" COUNT=35
open_all() {
	transfer out4 ../rooms/web 198.18.64.1 7000 "$(letters du 5)n"
	transfer out6 ../rooms/web 2001:db8:64::1 7000 "$(letters du 3)"
	transfer in4 host 198.18.64.10 7001 "$(letters du 3)"
	transfer in6 host 2001:db8:64::10 7001 "$(letters du 2)"
	transfer neighbour ../rooms/neighbour 198.18.64.10 7001 "$(letters du 2)"
	transfer published outside 198.18.9.1 8001 "$(letters du 2)"
}
all_go_on() { # TEXT
	local name
	for name in $ALL; do mark_transfers "${name%:*}"; done
	for name in $ALL; do check_go_on "$1: ${name%:*}" "${name%:*}" "${name#*:}"; done
}

hook_up() { nsenter --net=/run/netns/host "$POLICYCTL" "$@" >"$WORK/stdout" 2>&1; }
lookout_of() { pgrep -P "$1" policyctl-look; } # PID
capabilities_of() { sed -n 's/^CapEff:[[:space:]]*//p' "/proc/$1/status"; }
reaches_web() { in_host timeout 0.3 bash -c 'exec 3<>/dev/tcp/198.18.64.10/7010'; } # a port that is not allowed

serve_transfers host 7000
serve_transfers ../rooms/web 7001
serve_transfers ../rooms/web 7010
open_all
transfer denied host 198.18.64.10 7010 du

say "the daemon's first start"
policy connections
daemon_start
check_true "its policy is in force" wait_until 10 in_force web
all_go_on "started"
check_logged "how many were adopted" ".message | endswith(\": $COUNT open connections are adopted\")"
check_logged "and what was not" \
	'.message | endswith(": 2 open connections are not adopted, since the policy would not let them begin")'
check_stand "which stands" denied in4 6
lookout=$(lookout_of "$DAEMON")
check "the daemon has no CAP_SYS_ADMIN" 000000c000001000 "$(capabilities_of "$DAEMON")"
check "the lookout has CAP_SYS_ADMIN, CAP_SYS_PTRACE and CAP_NET_ADMIN" 0000000000281000 "$(capabilities_of "$lookout")"
check "  a filter of system calls, and can gain nothing" "2 1" \
	"$(awk '/^Seccomp:|^NoNewPrivs:/ { word = word " " $2 } END { print substr(word, 4), substr(word, 2, 1) }' "/proc/$lookout/status")"
check "  no descriptors but the standard streams and its socket" 4 "$(find "/proc/$lookout/fd" -type l | wc -l)"

say "a policy file and SIGHUP"
policy open
must wait_until 10 logged '.message == "policy changed"'
mark
policy connections
kill -HUP "$DAEMON"
check_logged "adopted again" '.message | endswith(" open connections are adopted")'
all_go_on "changed"

say "a new daemon"
before=$(programs_of web)
daemon_stop
check_true "the lookout ends with the daemon" wait_until 5 test ! -e "/proc/$lookout"
daemon_start
check "nothing is attached anew" "$before" "$(programs_of web)"
all_go_on "taken over"
lookout=$(lookout_of "$DAEMON")
daemon_kill9
check_true "the lookout ends with a daemon that is killed" wait_until 5 test ! -e "/proc/$lookout"
must hook_up detach --all

say "a sidecar"
sidecar() { # its messages go to $WORK/sidecar.err
	spawn host "$POLICYCTL" sidecar web "$@" --config "$DAEMON_CONFIG" --docker-socket "$DOCKER_SOCKET" \
		>"$WORK/sidecar" 2>"$WORK/sidecar.err"
	SIDECAR=$!
}
sidecar_says() { [ -n "$(jq -cR "fromjson? | select($1)" "$WORK/sidecar.err")" ]; }
sidecar --policy "$WORK/connections.policy"
check_true "its policy is in force" wait_until 10 sidecar_says '.message == "policy in force"'
all_go_on "sidecar"
check_true "how many were adopted" wait_until 5 sidecar_says '.message | endswith(" open connections are adopted")'
lookout=$(lookout_of "$SIDECAR")
stop "$SIDECAR"
check_true "the lookout ends with it" wait_until 5 test ! -e "/proc/$lookout"
must hook_up detach --all

say "the lookout is killed"
policy open
daemon_start
check_true "in force" wait_until 10 in_force web
kill -KILL "$(lookout_of "$DAEMON")"
check_logged "that is an error" \
	'.level == "error" and .message == "connections of running containers are no longer adopted"'
mark
policy connections
check_logged "the policy comes into force all the same" '.message == "policy changed"'
check_logged "and what is not adopted is told" \
	'.message | test(": connections that are open now are not adopted: the process .* has ended; a restart")'
check_false "it is enforced" reaches_web
check "and the daemon lives" 0 "$(kill -0 "$DAEMON" && echo 0)"
check_stand "transfers that the policy does not know stand" published neighbour 0

say "after a restart of the daemon"
daemon_stop
must hook_up detach --all
stop_all
serve_transfers host 7000
serve_transfers ../rooms/web 7001
open_all
daemon_start
check_true "in force" wait_until 10 in_force web
all_go_on "restarted"

say "containers that start"
mark
must d restart -t 0 web
check_true "in force" wait_until 10 in_force web
container other 12 --label policyctl.policy=web
check_true "in force" wait_until 10 in_force other
check "have nothing to be adopted, and no word is lost about it" "" "$(log '.message | test("adopt")')"
daemon_stop
must hook_up detach --all

say "without the privileges"
nsenter() { # of daemon_start
	exec nsenter "$1" setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "${@:2}"
}
daemon_start
unset -f nsenter
check_logged "that is a warning" \
	'.level == "warning" and .message == "connections of running containers are not adopted" and (.why | test("CAP_SYS_ADMIN"))'
check "there is no lookout" "" "$(lookout_of "$DAEMON")"
check_logged "and said of each container that runs already" \
	'.message | test(": connections that are open now are not adopted: to enter .* takes CAP_SYS_ADMIN")'
must wait_until 10 in_force web
must wait_until 10 in_force other
mark
must d restart -t 0 web
check_true "in force" wait_until 10 in_force web
check "but not of one that starts" "" "$(log '.message | test("adopt")')"
finish
