#!/bin/bash
# packaging/compose.yaml: an application and its sidecar start together. The policy is in force, also after a restart,
# while the sidecar is dead, and when it is back. packaging/compose-daemon.yaml: a daemon in a container follows labels.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
need strip ldd docker-compose ss /usr/bin/python3
docker_up -H unix:///var/run/docker.sock

PACKAGING=$(cd "$(dirname "$0")/../../packaging" && pwd)
must "$PACKAGING/image/build.sh" "$POLICYCTL" "$WORK/context"
must d build --quiet --tag policyctl "$WORK/context"
mkdir "$WORK/application"
printf '%s\n' 'FROM image' 'CMD ["/bin/busybox", "httpd", "-f", "-p", "80"]' >"$WORK/application/Dockerfile"
must d build --quiet --tag application "$WORK/application"
cp "$PACKAGING"/compose*.yaml "$WORK/"
d run --rm --cap-add BPF policyctl --version >/dev/null 2>&1 ||
	sed -i 's/^\( *- \)BPF\b.*/\1SYS_ADMIN/; /^ *- PERFMON\b/d' "$WORK"/compose*.yaml # as they say
if ! d run --rm --ulimit rtprio=1 policyctl --version >/dev/null 2>&1; then
	say "dockerd may not raise limits here (CAP_SYS_RESOURCE): without them"
	sed -i '/ulimits:/d; /rtprio:/d; /nice:/d' "$WORK"/compose*.yaml
fi

compose() { # FILE ARGUMENTS...
	DOCKER_HOST=unix:///var/run/docker.sock WEB_IMAGE=application timeout 60 \
		docker-compose --project-name test --file "$WORK/$1.yaml" "${@:2}"
}

# The output of sidecar or daemon since its container was started.
said() { # CONTAINER TEXT
	d logs --since "$(d inspect --format '{{.State.StartedAt}}' "$1")" "$1" 2>&1 | grep -q "$2"
}
answers_http() { in_host curl -so /dev/null -m 1 "http://$(address_of web test_default)/"; }
answers_ping() { in_host ping -qc1 -W1 "$(address_of web test_default)"; }
is_held_to_it() { # WHEN
	check_true "$1: HTTP" wait_until 5 answers_http
	check_false "$1: no ping" answers_ping
}

say "application and sidecar"
check_true "they start together" compose compose up -d
sidecar=$(compose compose ps -q policyctl)
check_true "the sidecar is ready" wait_until 20 said "$sidecar" 'ready'
check_true "the policy is in force" wait_until 20 said "$sidecar" 'policy in force.*container=web'
is_held_to_it "at first"
check_true "the sidecar prints drops" wait_until 5 said "$sidecar" 'DROP.*ICMP echo request'

say "the application restarts"
must d restart --time 0 web
is_held_to_it "afterwards"

say "the sidecar is killed"
must d kill "$sidecar"
is_held_to_it "without it"
must d restart --time 0 web
check_true "who starts meanwhile has none" wait_until 5 answers_ping
must d start "$sidecar"
check_true "it is back" wait_until 20 said "$sidecar" 'policy in force.*container=web'
is_held_to_it "with it"

say "both end"
check_true "together" compose compose down --timeout 1
check_true "and nothing stays in force" wait_until 10 no_pins_left

say "the daemon"
mkdir -p /etc/policyctl/policies
sed -i 's/# - SYS_PTRACE/- SYS_PTRACE/' "$WORK/compose-daemon.yaml"
grep -q '^ *- SYS_ADMIN' "$WORK/compose-daemon.yaml" || sed -i 's/# - SYS_ADMIN/- SYS_ADMIN/' "$WORK/compose-daemon.yaml"
printf '%s\n' 'default deny' 'allow to tcp dport 10020' 'allow to established' 'allow from established' \
	>/etc/policyctl/policies/running.policy
must talk running 20 -d --label policyctl.policy=running --
talker_listens() { in_docker running ss -Hltn "sport = 10020" | grep -q .; }
must wait_until 10 talker_listens
open_talk running 10020
talks "a connection is open"
check_true "it starts" compose compose-daemon up -d
check_true "it is ready" wait_until 20 said policyctl 'ready'
check_true "with what the file names, open connections are adopted" wait_until 10 said policyctl \
	'1 open connection is adopted'
talks "which go on"
kill "$TALK_PID"
must d rm --force running
must d run -d --name labelled --label policyctl.deny=icmp application
check_true "labels are followed" wait_until 10 said policyctl 'policy in force.*container=labelled'
check_false "and hold" in_host ping -qc1 -W1 "$(address_of labelled)"
must d rm --force labelled
check_true "no longer than their container" wait_until 10 no_pins_left
check_true "it ends" compose compose-daemon down --timeout 5
rm -rf "$PINS"
finish
