#!/bin/bash
# policyctl sidecar holds one container from its first packet on, prints its dropped packets, and touches no other
# container. Several at once, beside a daemon, and without an engine.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
network side 198.18.64.1/24
counter bridge br-side
daemon_configure
declare -A SIDECARS=() # name: pid

# Its packets go to $WORK/NAME, its messages to $WORK/NAME.err.
sidecar() { # NAME CONTAINER [OPTION...]
	spawn host "$POLICYCTL" sidecar "${@:2}" --config "$DAEMON_CONFIG" --docker-socket "$DOCKER_SOCKET" \
		>"$WORK/$1" 2>"$WORK/$1.err"
	SIDECARS[$1]=$!
	wait_until 10 says "$1" '.message == "ready"' && return
	fail "policyctl sidecar ${*:2}: is ready" "$(<"$WORK/$1.err")"
	finish
}

sidecar_end() { # NAME [SIGNAL]: its status is in $STATUS
	kill "-${2:-TERM}" "${SIDECARS[$1]}"
	wait "${SIDECARS[$1]}"
	STATUS=$?
}

says() { # NAME FILTER
	[ -n "$(jq -cR "fromjson? | select($2)" "$WORK/$1.err")" ]
}

# Whether it has logged "policy in force" that many times.
enforces() { # NAME [TIMES]
	[ "$(jq -cR 'fromjson? | select(.message == "policy in force")' "$WORK/$1.err" | wc -l)" -ge "${2:-1}" ]
}

start() { # NAME NUMBER [DOCKER-OPTION...]: its address ends with its number
	must talk "$1" "$2" -d --net side --ip "198.18.64.$2" --mac-address "$(mac_of "198.18.64.$2")" "${@:3}" \
		-- --rate 100 198.18.64.1
}

# No denied packet passed; allowed ones did, so the container was sending.
check_never_passed() { # TEXT NAME NUMBER DENIED ALLOWED
	local protocol
	MORE=0
	counts_more() { count && [ "$(counted_of bridge "$5" "$3")" -gt "$MORE" ]; }
	count
	MORE=$(($(counted_of bridge "$5" "$3") + 30))
	check_true "$1: $5 passes" wait_until 5 counts_more "$@"
	check "$1: $4 never got out" 0 "$(counted_of bridge "$(tr ' ' '|' <<<"$4")" "$3")"
	for protocol in $4; do
		check "$1: $protocol never got in" 0 "$(received_by "$2" "$protocol")"
	done
}

has_drops() { grep -qE "$2" "$WORK/$1"; } # NAME REGEX

kept_by() { # NAME: "manager source", a line for each of its veths that is enforced
	listed "$1" 'select(.enforcing) | "\(.manager) \(.policy_source)"' | jq -r .
}

programs_of_all() { # these must not change
	for name in web labels file; do
		programs_of $name
	done
}

is_kept() { [ "$(kept_by "$1")" = "$2" ]; }

bystander_start side
must talk stranger 8 -d --label policyctl.deny=udp --
flood br-side 2 200 198.18.64.{10..15}

say "one that does not exist yet"
sidecar web web --deny tcp --deny icmp
check "nothing is attached" "" "$(listed web)"
start web 10
check_true "in force" wait_until 10 enforces web
check_never_passed "started" web 10 "tcp icmp" udp
check "list: who keeps it, and what" "sidecar sidecar" "$(kept_by web)"
check_true "its drops are printed" wait_until 5 has_drops web \
	"^[0-9:.]+ $(veths_of web)\\(web\\) from DROP rule [0-9]+: deny tcp \\| IP 198\\.18\\.64\\.10\\.[0-9]+ > 198\\.18\\.64\\.1\\.10010: "
check_true "in both directions" wait_until 5 has_drops web "\\(web\\) to +DROP rule [0-9]+: deny icmp"

say "it follows"
must d restart -t 2 web
check_true "restart: in force" wait_until 10 enforces web 2
check_never_passed "restart" web 10 "tcp icmp" udp
must d kill web
must d start web
check_true "kill and start: in force" wait_until 10 enforces web 3
check_never_passed "kill and start" web 10 "tcp icmp" udp
check "of no other one a drop is printed" "" "$(grep -v '(web)' "$WORK/web")"

say "its end"
must wait_until 10 settled web
before=$(programs_of web)
sidecar_end web
check "TERM: status 0" 0 "$STATUS"
check "what is in force stays" "$before" "$(programs_of web)"
check_never_passed "while none runs" web 10 "tcp icmp" udp
sidecar web web --deny tcp --deny icmp
check "the next one takes it over as it is" "$before" "$(programs_of web)"
sidecar_end web KILL
check "killed: what is in force stays" "$before" "$(programs_of web)"

say "several at once: by labels, by a file, by id"
printf 'deny tcp\ndeny from udp\ndeny to udp\n' >"$WORK/file.policy"
sidecar labels labels
sidecar file file --policy "$WORK/file.policy" --json
must d create --name ident --volume "$RECORDS:/records" --net side --ip 198.18.64.13 image \
	/talker --number 13 --rate 100 198.18.64.1
sidecar ident "$(d inspect --format '{{.Id}}' ident | cut -c1-12)" --deny udp --detach-on-exit
start labels 11 --label "policyctl.deny=tcp icmp" &
both=$!
start file 12 &
must d start ident
wait $both $!
for name in labels file ident; do
	check_true "$name: in force" wait_until 10 enforces $name
done
check_never_passed "labels" labels 11 "tcp icmp" udp
check_never_passed "file" file 12 "tcp udp" icmp
check_never_passed "ident" ident 13 udp tcp
check_true "labels are named" is_kept labels "sidecar labels policyctl.deny"
drops_as_json() { jq -e 'select(.container.name == "file" and .verdict == "deny")' "$WORK/file" >/dev/null; }
check_true "--json: drops are objects" wait_until 5 drops_as_json
check "--json: nothing else is printed" "" "$(jq -cR 'select((fromjson? | .container.name) != "file")' "$WORK/file" | head -n 3)"
must d rename ident other
must d restart -t 2 other
check_true "by id: through another name and a restart" wait_until 10 enforces ident 2
check_never_passed "ident" other 13 udp tcp
must d rename labels renamed
must d restart -t 2 renamed
check_true "by name: it stays the same container under another one" wait_until 10 enforces labels 2
check_never_passed "renamed" renamed 11 "tcp icmp" udp
must d rename renamed labels
for name in web labels file; do
	must wait_until 10 settled $name
done
before=$(programs_of_all)
sidecar_end ident
check "--detach-on-exit: status 0" 0 "$STATUS"
check "and its own is gone" "" "$(hooks_of "$(veths_of other)")"
check_same "all others are what they were" "$before" \
	"$(programs_of_all)"
check "who has labels, but nobody who reads them, is left alone" "" "$(hooks_of "$(veths_of stranger)")"

say "beside a daemon"
daemon_start
check_true "the daemon finds whom nobody follows" wait_until 10 in_force stranger
check_same "and leaves alone whom a sidecar follows" "$before" \
	"$(programs_of_all)"
mark
start both 14 --label policyctl.deny=tcp
sidecar late both --deny udp
must wait_until 10 in_force both
check_true "a sidecar of one that the daemon follows says so" wait_until 5 says late \
	'.level == "warning" and .message == "left alone"'
check_never_passed "the daemon's policy holds" both 14 tcp udp
sidecar_end late
mark
must d restart -t 2 file
check_true "the sidecar follows as before" wait_until 10 enforces file 2
check_never_passed "file, beside a daemon" file 12 "tcp udp" icmp
must d rm --force both
daemon_stop
check "nobody ever touched the bystander" "" "$(hooks_of "$(veths_of bystander)")"
bystander_check

say "without an engine"
sidecar_end labels
sidecar_end file
docker_down
sidecar away away --deny tcp --deny icmp
check_true "it says so, and waits" says away '.message == "no engine yet"'
must docker_start
start away 15
check_true "when it is there: in force" wait_until 10 enforces away
check_never_passed "away" away 15 "tcp icmp" udp
sidecar_end away

say "what a sidecar waits for"
must d create --name created image /bin/busybox true
sidecar nobody container:nobody --deny tcp
check_true "nothing is called so" wait_until 5 says nobody \
	'.message == "waiting for the container" and .container == "nobody" and (.why | test("yet"))'
sidecar created created --deny tcp
check_true "it does not run" wait_until 5 says created '.message == "waiting for the container" and (.why | test("running"))'
must d run -d --name onhost --network host --label policyctl.deny=udp image /bin/busybox sleep 60
sidecar onhost onhost --deny tcp
check_true "it has no veth" wait_until 5 says onhost '.message == "not enforceable" and .container == "onhost"'
check_false "which is no concern of others" says created '.message == "not enforceable"'
for name in nobody created onhost; do
	sidecar_end $name
	check "$name: status 0" 0 "$STATUS"
done

say "what is wrong"
wrong() { # TEXT STATUS REGEX ARGUMENT...
	policyctl sidecar "${@:4}" --docker-socket "$DOCKER_SOCKET"
	check "$1" "$2" "$STATUS"
	check_match "$1: why" "$3" "$ERR"
}
wrong "no container" 2 "missing argument"
wrong "a SPEC that is none" 2 "unknown protocol 'tpc'" web --deny tpc
wrong "a file that is not there" 2 "nowhere\\.policy" web --policy "$WORK/nowhere.policy"
wrong "a name that no container has" 2 "is not the name or the id of a container" "we b"
wrong "no name" 2 "is not the name or the id of a container" container:
wrong "two containers" 2 "unexpected|one CONTAINER|too many" web away
stop "$FLOOD"
remove_containers
policyctl list # a veth that is not followed: the next command notices it
finish
