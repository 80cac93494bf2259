#!/bin/bash
# docs/agents.md, as a user would follow it: its policy and its commands are taken from the page, and run. The resolver
# is dnsmasq on the host, and the addresses are this test's.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../cli/dns.bash"
. "$(dirname "$0")/client.bash"
docker_sandbox "$@"
need dnsmasq curl
PAGE=$TESTS/../docs/agents.md
RESOLVER=198.18.1.1
export DOCKER_HOST=unix://$DOCKER_SOCKET
docker_up
dns_outside
dns_serve
RESOLVERS_IN=host dns_resolver $RESOLVER --host-record=api.example.com,198.18.9.70 --address=/pypi.org/198.18.9.71 \
	--host-record=evil.test,198.18.9.72
must wait_until 5 listens_udp host $RESOLVER 53

# The page's commands, one a line, as they are for this machine.
commands() {
	awk '/^    # / { line = substr($0, 7)
		while (line ~ /\\$/ && (getline next_line) > 0) line = substr(line, 1, length(line) - 1) next_line
		print line }' "$PAGE" |
		sed "s/ *#.*//; s/172\.17\.0\.1/$RESOLVER/g; s/--for 10m/--for 5s/; s/IMAGE/image \/bin\/busybox sleep 1000/"
}
block() { # PATTERN: the lines from this one on to the next empty one
	sed -n "/^    $1/,/^$/s/^    //p" "$PAGE" | sed "/^#/d; s/172\.17\.0\.1/$RESOLVER/g"
}
docker() { d "$@"; }
SEEN=
runs() { # FIRST-WORDS: the command of the page that begins so
	local command
	command=$(commands | grep "^$1")
	check "the page has one command \`$1\`" 1 "$(grep -c . <<<"$command")"
	SEEN+=$command$'\n'
	STATUS=
	eval "$command" || STATUS=$?
	check "\`$command\` ends well" 0 "${STATUS:-0}"
}
refused() { # ADDRESS PORT: at once, and it is told
	local status
	in_client curl -so /dev/null --max-time 5 "http://$1:$2/"
	status=$?
	[ "$status" = 7 ] # could not connect; a time-out would be 28
}
spoofed() { # how often, as show has it
	policyctl show container:agent
	grep '^deny from any spoofed' <<<"$OUT"
}
neighbour() { # NAME
	must d run -d --name "$1" --volume "$RECORDS:/records" image /bin/busybox httpd -f -p 5432 -h /records
}

say "the policy"
POLICIES=/etc/policyctl/policies
must mkdir -p $POLICIES
file=$(commands | sed -n 's/^cat //p')
SEEN+="cat $file"$'\n'
block "# cat" >"$file"
check_true "it has rules" grep -q '^allow  from tcp dport 443 peer @api' "$file"
does check "$file"
check "without a warning" "" "$ERR"
daemon_start
runs "docker run"
must wait_until 10 in_force agent
be_client agent
check_true "an allowed name is reached" reaches api.example.com
check_true "and one below a star" reaches files.pypi.org
check_false "another is not even asked for" reaches evil.test
check_match "it is told at once" REFUSED "$(in_client dig +tries=1 +time=1 evil.test)"
check_true "nor is its address reached, at once" refused 198.18.9.72 443
check_true "nor an allowed one by another port" refused 198.18.9.70 80
check_true "nor the host by another" refused $RESOLVER 80
check_true "nor the metadata" refused 169.254.169.254 80
check_match "nothing was spoofed" ' 0 packets' "$(spoofed)"
must in_client "$TESTS/cli/dns_forge.py" eth0 "$(ip -n host -j link show dev docker0 | jq -r '.[0].address')" 198.18.1.77 \
	198.18.9.70 4000 77 api.example.com 198.18.9.1
check_match "it does not speak for others" ' 1 packet' "$(spoofed)"
neighbour other
check_true "nor a container of the same network" refused "$(address_of other)" 5432

say "looking at it"
spawn host "$POLICYCTL" monitor container:agent >"$WORK/monitor"
monitor=$!
must wait_until 5 test -e "$WORK/monitor"
runs "policyctl show"
check_match "show has the counters and what was learnt" "198.18.9.70 +api.example.com" "$OUT"
drops_more() {
	refused 198.18.9.72 443
	grep -q '198.18.9.72.*443' "$WORK/monitor"
}
check_true "monitor has what is dropped" wait_until 5 drops_more
check_match "with the rule" 'default from reject' "$(grep 198.18.9.72 "$WORK/monitor" | head -1)"
SEEN+=$(commands | grep '^policyctl monitor')$'\n'
stop $monitor
runs "policyctl doctor"
policyctl stats --prometheus
check_match "the metric has the container" 'policyctl_rule_packets_total\{[^}]*container="agent"' "$OUT"

say "a database that it needs"
neighbour shop_db_1
block "set db" >>"$file"
does check "$file"
check_true "is reached, by name of the container" wait_until 10 \
	in_client curl -so /dev/null --max-time 1 "http://$(address_of shop_db_1):5432/"
check_true "the other one is not" refused "$(address_of other)" 5432
# shellcheck disable=SC2016 # the page's backticks
rule=$(grep -oE '`allow from [^`]* rate [^`]*`' "$PAGE" | tr -d '`')
check_match "a rule with a rate" '^allow from' "$rule"
sed "s/^allow  from tcp dport 443 peer @api.*/$rule/" "$file" >"$WORK/rate.policy"
does check "$WORK/rate.policy"

say "learning, and trying"
must d rm --force agent
must d run -d --name agent --dns $RESOLVER image /bin/busybox sleep 1000
be_client agent
learns() { in_host "$POLICYCTL" list --json 2>/dev/null | grep -q '"back_to": "nothing"'; }
goes_there() { # as soon as it is watched
	wait_until 5 learns
	reaches api.example.com
}
goes_there &
cd "$WORK" || exit 1
runs "policyctl learn"
check_match "what it used is in it" 'allow from tcp dport 443 peer @names1' "$(<agent.policy)"
must d rm --force agent
mark
must d run -d --name agent --label policyctl.policy=agent --label policyctl.audit=true --dns $RESOLVER image \
	/bin/busybox sleep 1000
must wait_until 10 logged '.message == "policy audited" and .container == "agent"'
be_client agent
check_true "with the label for trying, all is reached" reaches evil.test
policyctl show container:agent
check_match "and the counters say what would have been" 'would drop' "$OUT"
check "every command of the page was run" "$(commands)" "$(grep . <<<"$SEEN")"
finish
