#!/bin/bash
# A container in quarantine sends and receives nothing, through restarts of the daemon, of the sidecar and of itself, and
# through new networks, until it is released. Then it has what labels and files say by then. No other command changes
# what a daemon or sidecar that runs keeps.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
network quar 198.18.64.1/24
network more 198.18.65.1/24
counter bridge br-quar
counter second br-more
daemon_configure
declare -A SENT=() GOT=() # by name, since it is in quarantine

start() { # NAME NUMBER [DOCKER-OPTION...]: it sends udp, tcp and icmp to both bridges
	must talk "$1" "$2" -d --net quar --ip "198.18.64.$2" --mac-address "$(mac_of "198.18.64.$2")" "${@:3}" \
		-- --rate 200 198.18.64.1 198.18.65.1
}

sent_by() { # NUMBER
	count
	counted_everywhere "tcp|udp|icmp" "$1"
}

got_by() { # NAME
	echo $(($(received_by "$1" udp) + $(received_by "$1" tcp) + $(received_by "$1" icmp)))
}

# From here on no packet may get out or in.
sealed() { # NAME NUMBER
	SENT[$1]=$(sent_by "$2") GOT[$1]=$(got_by "$1")
}

dropped_of() { # NAME
	policyctl stats "container:$1" --json
	jq '[.[].from.dropped.packets, .[].to.dropped.packets] | add' <<<"$OUT"
}

drops_more() { [ "$(dropped_of "$1")" -gt "$2" ]; }

check_sealed() { # TEXT NAME NUMBER: it goes on trying, in vain. After a restart its network is a new one: it got nothing
	check_true "$1: $2 is in quarantine on each of its networks" wait_until 10 quarantined "$2"
	check_true "$1: it goes on sending" wait_until 10 drops_more "$2" $(($(dropped_of "$2") + 100))
	check "$1: no packet got out" "${SENT[$2]}" "$(sent_by "$3")"
	check "$1: no packet got in" "${4:-${GOT[$2]}}" "$(got_by "$2")"
}

quarantined() { # NAME
	enforcing "$1" && [ -z "$(listed "$1" 'select(.quarantine | not)')" ]
}

check_talks() { # TEXT NUMBER PROTOCOL
	local before
	count
	before=$(counted_everywhere "$3" "$2")
	more() { count && [ "$(counted_everywhere "$1" "$2")" -gt $(($3 + 20)) ]; }
	check_true "$1: $3 of $2 passes" wait_until 10 more "$3" "$2" "$before"
}

kept() { # NAME: rules of its policy, as they are printed
	policyctl show "container:$1" --json
	jq -r '.[0] | "\(.manager) \(.quarantine) \(.counters | map(select(.kind == "rule").text) | join(", "))"' <<<"$OUT"
}

is_kept() { [ "$(kept "$1")" = "$2" ]; }

refused() { # REGEX COMMAND...
	local text=$1 before
	shift
	before=$(programs_of web)
	policyctl "$@" --docker-socket "$DOCKER_SOCKET"
	check_match "$*: refused" "^1 policyctl: .*$text.*\((nothing was changed|it stays attached)\)$" "$STATUS $ERR"
	check "  and it changed nothing" "$before" "$(programs_of web)"
}

export DOCKER_HOST=unix://$DOCKER_SOCKET
flood br-quar 2 200 198.18.64.{10..13}

say "what a daemon keeps is not changed by hand"
daemon_start
start web 10 --label policyctl.deny=tcp
start plain 11
must wait_until 10 in_force web
must wait_until 10 settled web
check_talks "before" 10 udp
check_talks "before" 11 tcp
veth=$(veths_of web)
out="the daemon keeps the policy of web \(from: labels policyctl.deny\) and would put it back: change it there, or drop all at once with policyctl quarantine $veth"
for command in "apply container:web --allow tcp" "deny container:web udp" "allow container:web tcp" \
	"delete container:web 1" "attach container:web --deny udp" "detach container:web"; do
	# shellcheck disable=SC2086
	refused "$out" $command
done
policyctl detach --all
check_match "detach --all: refused" "^policyctl: $veth: the daemon keeps the policy" "$ERR"
check "what is asked for already is no change" "0 " \
	"$(policyctl attach container:web --deny tcp; echo "$STATUS $ERR")"
policyctl apply container:web --allow tcp --dry-run
check "a preview neither" 0 "$STATUS"

say "in quarantine"
does quarantine container:web
check "nothing more is said" "" "$ERR"
sealed web 10
does quarantine "$(veths_of plain)"
check_match "the veth of a container stands for the container" 'leads to the container plain' "$ERR"
sealed plain 11
check_sealed "quarantine" web 10
check_sealed "quarantine" plain 11
check_logged "the daemon logs it" '.message == "in quarantine" and .container == "web"'
refused "it is in quarantine, which policyctl release $veth ends" apply container:web --allow tcp
refused "it is in quarantine, which policyctl release $veth ends" detach container:web

say "restarts"
daemon_stop
daemon_start
check_sealed "the daemon is started again" web 10
daemon_kill9
daemon_start
check_sealed "it is killed" web 10
before=$(programs_of web)
kill -HUP "$DAEMON"
must wait_until 10 logged '.message == "reloaded"'
check_sealed "SIGHUP" web 10
check "  nothing is replaced" "$before" "$(programs_of web)"
must d restart -t 1 web plain
check_sealed "the container is started again" web 10 0
check_sealed "so is one without labels" plain 11 0
# docker.connect counts the packets of the moment itself.
must d network connect more web
must wait_until 10 quarantined web
sealed web 10
check "connected to another network: it has two veths" 2 "$(veths_of web | wc -l)"
check_sealed "connected to another network" web 10
must d network disconnect quar web
check_sealed "disconnected from the first" web 10
must d network connect --ip 198.18.64.10 quar web
must wait_until 10 quarantined web
sealed web 10
daemon_stop
must d stop -t 1 web plain
daemon_start
must d start web plain
check_sealed "started beside a new daemon" web 10 0
check_sealed "started beside a new daemon" plain 11 0

say "what is named passes, after a restart too"
count
tcp=$(counted_everywhere tcp 10)
does quarantine container:web --allow from:icmp
must d restart -t 1 web
check_talks "named" 10 icmp
check "tcp does not" "$tcp" "$(counted_everywhere tcp 10)"
does quarantine container:web
SENT[web]=$(sent_by 10)
check_sealed "nothing is named any more" web 10 0

say "released: what the daemon wants now"
does release container:web
check_match "it says so" "^$(veths_of web | head -1) \(web\): released: the daemon has put its policy in force$" "$OUT"
check "the policy of its labels" "daemon false deny tcp" "$(kept web)"
check_talks "released" 10 udp
check "  tcp, which its labels deny, never passed" "$tcp" "$(counted_everywhere tcp 10)"
does release container:plain
check_talks "released" 11 tcp
check "plain: nothing is attached" "" "$(listed plain)"
must d restart -t 1 web plain
check_talks "released, started again" 10 udp
check_talks "released, started again" 11 tcp

say "a container that does not run"
must d stop -t 1 web
does quarantine container:web
check_match "it says when it will be" 'web does not run: it is in quarantine from its next start on' "$ERR"
policyctl doctor
check_match "doctor tells" 'note +quarantine +web is in quarantine, and nothing is attached for it' "$OUT"
SENT[web]=$(sent_by 10)
must d start web
check_sealed "started" web 10 0
must d stop -t 1 web
does release container:web
check_match "released" 'web: released; it has no interface here' "$ERR"
must d start web
check_talks "released" 10 udp

say "the policy changes meanwhile; a quarantine by hand, without a daemon"
daemon_stop
printf 'deny udp\n' >"$POLICIES/late.policy"
start file 12 --label policyctl.policy=late
daemon_start
must wait_until 10 in_force file
does quarantine container:file
sealed file 12
printf 'deny tcp\n' >"$POLICIES/late.policy"
must wait_until 10 logged '.message == "policy file read"'
check_sealed "its file changed" file 12
daemon_stop
check_sealed "without a daemon" file 12
does release container:file
check "released without a daemon: what was before" "daemon false deny udp" "$(kept file)"
daemon_start
check_true "the daemon puts in force what the file says" wait_until 10 is_kept file "daemon false deny tcp"
does quarantine container:file
does release container:file
check "released beside it: the same at once" "daemon false deny tcp" "$(kept file)"
daemon_stop
policyctl apply container:file --deny icmp
check_match "what kept it does not run: it is changed, and told" \
	'^0 .*the daemon that kept the policy of file does not run' "$STATUS $ERR"

say "a sidecar"
sidecar() {
	: >"$WORK/sidecar.err"
	spawn host "$POLICYCTL" sidecar side --deny tcp --config "$DAEMON_CONFIG" --docker-socket "$DOCKER_SOCKET" "$@" \
		>"$WORK/sidecar" 2>"$WORK/sidecar.err"
	SIDECAR=$!
	must wait_until 10 grep -q '"ready"' "$WORK/sidecar.err"
}
start side 13
sidecar
check_true "its policy" wait_until 10 is_kept side "sidecar false deny tcp"
policyctl deny container:side udp
check_match "is not changed by hand" "^1 .*the sidecar keeps the policy of side" "$STATUS $ERR"
does quarantine container:side
sealed side 13
check_sealed "sidecar" side 13
must d restart -t 1 side
check_sealed "the container is started again" side 13 0
kill "$SIDECAR"
wait "$SIDECAR"
check_sealed "the sidecar ends" side 13 0
sidecar --detach-on-exit
check_sealed "and begins" side 13 0
kill "$SIDECAR"
wait "$SIDECAR"
check_sealed "one with --detach-on-exit ends" side 13 0
daemon_start
sidecar
must d restart -t 1 side
check_sealed "beside a daemon" side 13 0
check "  the sidecar keeps it" "sidecar true " "$(kept side)"
does release container:side
check "released" "sidecar false deny tcp" "$(kept side)"
count
tcp=$(counted_everywhere tcp 13)
check_talks "released" 13 udp
check "  tcp, which the sidecar denies, does not" "$tcp" "$(counted_everywhere tcp 13)"
kill "$SIDECAR"
wait "$SIDECAR"
does detach container:side
finish
