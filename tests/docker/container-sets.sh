#!/bin/bash
# Sets of containers: a database that only members may reach, and tells others no at once. Members come before their
# first packet, and go with the container. Who keeps them: the daemon, or a sidecar; without either they stay.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
STARTS=${STARTS:-10}
docker_up --live-restore
network front 198.18.64.1/24
network back 198.18.72.1/24
DB=198.18.64.9
echo yes >"$RECORDS/index.html"

database() { # NAME ADDRESS [DOCKER-OPTION...]
	must d run -d --name "$1" --net front --ip "$2" --volume "$RECORDS:/records" "${@:3}" image \
		/bin/busybox httpd -f -p 5432 -h /records
}

idle() { # NAME NETWORK [DOCKER-OPTION...]
	must d run -d --name "$1" --net "$2" "${@:3}" image /bin/busybox sleep 1000
}

reaches() { in_docker "$1" curl -so /dev/null --max-time 0.9 "http://${2:-$DB}:5432/"; }

# The members of a set as the kernel has them, one a line.
members() { # SET
	policyctl show container:db --docker-socket "$DOCKER_SOCKET" --json
	jq -r --arg set "$1" '.[0].live_sets[]? | select(.name == $set) | .members[]?.address' <<<"$OUT" | sort
}
has_members() { [ "$(members "$1" | paste -sd' ')" = "$2" ]; }
check_members() { # TEXT SET ADDRESSES
	wait_until 5 has_members "$2" "$3"
	check "$1" "$3" "$(members "$2" | paste -sd' ')"
}
check_reaches() { check_true "$1 reaches it" wait_until 5 reaches "$1"; }
check_refused() {
	wait_until 5 refused "$1"
	check_false "$1 does not" reaches "$1"
}
refused() { ! reaches "$1"; }

cat >"$POLICIES/db.policy" <<'END'
set web container { web, web2 }
set tier label { tier=web, kind=batch }
set near network { front }
set shop compose { shop/web }
allow to tcp dport 5432 peer { @web, @tier, @shop }
allow to icmp type echo-request peer @near
allow from established
default to reject
default from reject
END

say "by hand, without a keeper"
database bare 198.18.64.8
policyctl attach container:bare --docker-socket "$DOCKER_SOCKET" --policy "$POLICIES/db.policy"
check "it is refused" 1 "$STATUS"
check_match "with what to do" "@web names containers.*start policyctl daemon" "$ERR"
check "and nothing is attached" "" "$(hooks_of "$(veths_of bare)")"
must d rm --force bare

daemon_start
say "a container of the set, and others"
database db $DB --label policyctl.policy=db
must wait_until 10 in_force db
idle other front
check_refused other
idle web front
check_reaches web
check_refused other
check_members "its address is a member" web "$(address_of web front)"
policyctl show container:db --docker-socket "$DOCKER_SOCKET" --json
check "and is known as its" "$(d inspect --format '{{.Id}}' web | cut -c1-8)" \
	"$(jq -r '.[0].live_sets[]? | select(.name == "web") | .members[0].container' <<<"$OUT")"
idle labelled front --label kind=batch
check_reaches labelled
idle alike front --label kind=batches --label kin=batch --label com.docker.compose.project=shops \
	--label com.docker.compose.service=web
check_refused alike
must d rm --force alike
check_true "who is in the network may ping" in_docker other ping -qc1 -W1 $DB

say "$STARTS starts: the first packet is the main program's"
# The container's program connects at once. A lost SYN comes again after a second: so that is no success.
FIRST=(/bin/busybox timeout 1 /bin/busybox wget -q -O /dev/null "http://$DB:5432/")
first() { # NAME
	d run --rm --name "$1" --net front image "${FIRST[@]}"
}
lost=0
passed=0
for ((i = 0; i < STARTS; i++)); do
	first web2 >/dev/null 2>&1 || lost=$((lost + 1))
	! first nobody >/dev/null 2>&1 || passed=$((passed + 1))
done
check "members were refused" 0 "$lost"
check "others passed" 0 "$passed"

say "it is renamed, paused, disconnected, connected, stopped"
must d rename web was
must d rename other web
check_reaches web
check_refused was
must d rename web other
must d rename was web
must d pause web
check_members "a paused one stays" web "$(address_of web front)"
must d unpause web
must d network disconnect front web
check_members "disconnected, it is none" web ""
must d network connect back web
must d network connect front web
check_reaches web
check_members "with its addresses on all networks" web \
	"$(printf '%s\n' "$(address_of web front)" "$(address_of web back)" | sort | paste -sd' ')"
check_members "in the set of a network with that alone" near \
	"$(for name in db other labelled web; do address_of $name front; done | sort | paste -sd' ')"
must d network disconnect back web
must d stop --time 0 web
check_members "stopped, it is none" web ""
must d start web
check_reaches web

say "another container gets the address of one that was just killed"
address=$(address_of web front)
for ((i = 0; i < 5; i++)); do
	must d rm --force web
	d run -d --name thief --net front --ip "$address" image "${FIRST[@]}" >/dev/null
	thief=$(d wait thief)
	[ "$thief" != 0 ] || fail "it passes with the address of the dead"
	must d rm --force thief
	idle web front --ip "$address"
	check_reaches web
done

say "the daemon ends"
daemon_stop
check_true "who was a member stays it" reaches web
check_false "others stay out" reaches other
before=$(members web)
must d rm --force web
idle web front --ip "${address%.*}.77"
check "nobody keeps the set" "$before" "$(members web)"
check_false "so the new one is none" reaches web
mark
daemon_start
check_members "a new daemon puts it right" web "${address%.*}.77"
check_reaches web

say "the daemon is killed, and the engine ends"
daemon_kill9
check_true "who was a member stays it" reaches web
daemon_start
check_true "and with the next daemon" reaches web
docker_restart --live-restore
must wait_until 20 logged '.message == "engine connected"'
check_members "the engine again" web "${address%.*}.77"
check_true "it still reaches it" reaches web
check_false "others do not" reaches other

say "a sidecar keeps them too, when no daemon runs"
spawn host "$POLICYCTL" sidecar side --deny tcp/9 --config "$DAEMON_CONFIG" --docker-socket "$DOCKER_SOCKET" \
	>"$WORK/sidecar" 2>"$WORK/sidecar.err"
sidecar=$!
must wait_until 10 grep -q '"ready"' "$WORK/sidecar.err"
daemon_stop
must d rm --force web
idle web front
check_reaches web
check_true "by the sidecar" grep -q 'live set changed.*web' "$WORK/sidecar.err"
kill "$sidecar"
wait "$sidecar"
daemon_start

say "many share a set"
for ((i = 0; i < 10; i++)); do
	database "more$i" "198.18.64.$((100 + i))" --label policyctl.policy=db
done
must wait_until 20 in_force more9
mark
must d rm --force web
idle web front
check_reaches web
for ((i = 0; i < 10; i++)); do
	reaches web "198.18.64.$((100 + i))" || fail "more$i does not know it"
done
most=$(log '.message == "live set changed"' | jq -s "map(.ms | tonumber) | max")
check_true "all know it after one write for each set: $most ms at most" [ "$(jq "$most < 100" <<<null)" = true ]

mapfile -t all < <(d ps -aq)
must d rm --force "${all[@]}"
daemon_stop
in_host "$POLICYCTL" detach --all # the next command frees the sets that nothing names any more
finish
