#!/bin/bash
# A database that only `compose { shop/web }` may reach, under load, while the service is scaled up and down: nobody who
# should pass is refused, nobody else passes. Without the daemon it stays as it was.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
need docker-compose
docker_up
SUBNET=198.18.200
echo yes >"$RECORDS/index.html"
mkdir "$WORK/shop"
cat >"$WORK/shop/docker-compose.yml" <<END
version: "3"
networks:
  default:
    ipam:
      config: [{subnet: $SUBNET.0/24}]
services:
  db:
    image: image
    command: /bin/busybox httpd -f -p 5432 -h /records
    volumes: ["$RECORDS:/records"]
    labels: {policyctl.policy: db}
    networks: {default: {ipv4_address: $SUBNET.250}}
  web: &client
    image: image
    command: ["/bin/sh", "-c", "exec 2>/dev/null; while :; do printf 'GET / HTTP/1.0\\r\\n\\r\\n' | /bin/busybox nc -w 1 $SUBNET.250 5432 | /bin/busybox grep -q yes && echo yes || echo no; /bin/busybox usleep 50000; done >>/records/web-\$\$HOSTNAME"]
    volumes: ["$RECORDS:/records"]
  other:
    <<: *client
    command: ["/bin/sh", "-c", "exec 2>/dev/null; while :; do printf 'GET / HTTP/1.0\\r\\n\\r\\n' | /bin/busybox nc -w 1 $SUBNET.250 5432 | /bin/busybox grep -q yes && echo yes || echo no; /bin/busybox usleep 50000; done >>/records/other-\$\$HOSTNAME"]
END
cat >"$POLICIES/db.policy" <<'END'
set web compose { shop/web }
allow to tcp dport 5432 peer @web
allow from established
default to reject
default from reject
END

shop() { # ARGUMENTS...
	DOCKER_HOST=unix://$DOCKER_SOCKET timeout 120 docker-compose --project-name shop \
		--file "$WORK/shop/docker-compose.yml" "$@" >"$WORK/compose.out" 2>&1
}

scale() { # WEB OTHER
	shop up -d --no-recreate --scale "web=$1" --scale "other=$2" || fail "scaled to $1 and $2" "$(tail -n 5 "$WORK/compose.out")"
}

answers() { # web|other yes|no: how often all of them together heard it
	cat "$RECORDS/$1"-* 2>/dev/null | grep -c "^$2$"
}
has_more() { [ "$(answers "$1" "$2")" -gt "$3" ]; }
go_on() { # both services have asked again
	must wait_until 20 has_more web yes $(($(answers web yes) + 20))
	must wait_until 20 has_more other no $(($(answers other no) + 20))
}
members() {
	policyctl show container:shop_db_1 --docker-socket "$DOCKER_SOCKET" --json
	jq -r '.[0].live_sets[]? | select(.name == "web") | .members[]?.address' <<<"$OUT" | sort | paste -sd' '
}
addresses() { # of the containers of a service
	shop ps -q web
	xargs -r "$DOCKER" -H "unix://$DOCKER_SOCKET" inspect \
		--format '{{.NetworkSettings.Networks.shop_default.IPAddress}}' <"$WORK/compose.out" | sort | paste -sd' '
}
are_members() { [ "$(members)" = "$(addresses)" ]; }

daemon_start
check_true "the database is up" shop up -d db
must wait_until 10 in_force shop_db_1
say "scaled up and down"
for counts in '1 1' '5 2' '2 3' '5 1' '1 2' '5 3'; do
	# shellcheck disable=SC2086 # two words
	scale $counts
	go_on
	check_true "$counts: the set has them" wait_until 5 are_members
done
say "allowed: $(answers web yes), refused: $(answers other no)"
check "refused that should pass" 0 "$(answers web no)"
check "passed that should not" 0 "$(answers other yes)"

say "without the daemon"
before=$(members)
daemon_stop
scale 2 1
go_on
check "the set stays as it was" "$before" "$(members)"
check "refused that should pass" 0 "$(answers web no)"
check "passed that should not" 0 "$(answers other yes)"
daemon_start
check_true "with it the set is right again" wait_until 5 are_members
shop down --timeout 0
finish
