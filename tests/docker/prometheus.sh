#!/bin/bash
# packaging/prometheus and packaging/grafana beside a real Prometheus that scrapes a real daemon: each expression of the
# dashboard and of the alerts is taken, what should have figures has some, and alerts come when they should.
. "$(dirname "$0")/lib.sh"
need prometheus promtool
docker_sandbox "$@"
docker_up

rules=$TESTS/../packaging/prometheus/policyctl.rules.yml
dashboard=$TESTS/../packaging/grafana/policyctl.json

ask() { # PATH [PARAMETER=VALUE]: Prometheus' API
	in_host curl -sG "http://127.0.0.1:9090/api/v1/$1" ${2:+--data-urlencode "$2"}
}
scraped() { [ "$(ask query 'query=up{job="policyctl"} == 1' | jq '.data.result | length')" = 1 ]; }
is_pending() { # ALERT
	ask alerts | jq -e --arg name "$1" '.data.alerts | any(.labels.alertname == $name)' >/dev/null
}
expressions() { # of the dashboard's panels: TITLE, a tab, EXPRESSION
	jq -r '.panels[] | .title as $title | .targets[]? | [$title, .expr] | @tsv' "$dashboard" |
		sed -E 's/[$]__rate_interval/5m/g; s/[$](instance|container)/.*/g'
}
# What of the dashboard has no figures now. What is refused is told with Prometheus' reason.
empty() {
	local title expression answer
	while IFS=$'\t' read -r title expression; do
		answer=$(ask query "query=$expression")
		jq -r --arg title "$title" 'if .status != "success" then "\($title): \(.error)"
			elif .data.result == [] then $title else empty end' <<<"$answer"
	done < <(expressions) | sort -u
}

say "the files alone"
must promtool check rules "$rules"
check_true "the alerts' own tests pass" promtool test rules "${rules%.yml}.test.yml"
check_true "the dashboard has panels" test "$(expressions | wc -l)" -gt 20

say "a daemon, a container with everything in its policy, Prometheus"
must ip -n host link add ids0 type veth peer name ids1
must ip -n host link set ids0 up
must ip -n host link set ids1 up
cat >"$POLICIES/all.policy" <<'END'
set web container { web }
allow from icmp rate 5pps burst 5p
allow from established
deny from tcp dport 25
deny from tcp dport 26 audit
deny from udp peer @web
allow from udp dport 5000 shape 3mbit
allow to established mirror ids0
default from allow
END
daemon_configure "daemon.metrics=127.0.0.1:9469"
daemon_start
must d run -d --name web --label policyctl.policy=all image /bin/busybox sleep 1000
check_true "enforced" wait_until 10 enforcing web
cat >"$WORK/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["$rules"]
scrape_configs:
  - job_name: policyctl
    static_configs: [{targets: ["127.0.0.1:9469"]}]
END
spawn host prometheus --config.file "$WORK/prometheus.yml" --storage.tsdb.path "$WORK/tsdb" \
	--web.listen-address 127.0.0.1:9090 --log.level=error
check_true "it scrapes" wait_until 20 scraped

say "packets"
# shellcheck disable=SC2016 # of the container
in_docker web timeout 12 bash -c 'while :; do
	for port in 25 26 27 9469; do (: </dev/tcp/198.18.1.1/$port) 2>/dev/null & done
	echo >/dev/udp/198.18.1.1/5000
	ping -qc8 -i0.02 -W1 198.18.1.1 >/dev/null
	sleep 0.5
done'
seen=$(empty)
check "all panels have figures but these, of what is not there" "DNS: not learnt
Not enforced" \
	"$(grep -vx "Decided with a field unknown" <<<"$seen")"
dropping=$(expressions | sed -n 's/^What drops: rules\t//p')
check "what drops is told: two rules and no other" "allow from icmp rate 5pps burst 5p
deny from tcp dport 25" "$(ask query "query=$dropping > 0" | jq -r '.data.result[].metric.rule' | sort)"
check "no alert" "[]" "$(ask alerts | jq -c .data.alerts)"

say "alerts"
echo 'deny nonsense' >"$POLICIES/all.policy"
must kill -HUP "$DAEMON"
check_true "a file with an error" wait_until 10 is_pending PolicyctlFilesRefused
must d run -d --name wrong --label policyctl.policy=missing image /bin/busybox sleep 1000
check_true "a container that is held" wait_until 10 is_pending PolicyctlContainersHeld
must ip -n host link del ids0
check_true "no interface for copies" wait_until 10 is_pending PolicyctlMirrorTargetGone
docker_down
check_true "no engine" wait_until 15 is_pending PolicyctlEngineLost
daemon_stop
check_true "no daemon" wait_until 10 is_pending PolicyctlDown
must docker_start
remove_containers
policyctl detach --all
finish
