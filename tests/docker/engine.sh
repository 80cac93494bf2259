#!/bin/bash
# The cache of dockerd's containers: it reports each change, never blocks, and is right again after dockerd was away,
# stuck or killed, whatever changed meanwhile.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
. "$(dirname "$0")/watch.sh"

AT_ONCE=${AT_ONCE:-30}

# A runtime whose containers do not start, and stay locked, while $WORK/slow is there.
slow_runtime() {
	cat >"$WORK/slow-runc" <<-END
		#!/bin/sh
		case " \$* " in *" create "*)
			for i in \$(seq 600); do [ -e $WORK/slow ] && sleep 0.1; done
		esac
		exec runc "\$@"
	END
	chmod +x "$WORK/slow-runc"
	echo "{\"runtimes\": {\"slow\": {\"path\": \"$WORK/slow-runc\"}}}" >"$DOCKER_DIR/daemon.json"
}

what_docker_knows() {
	d ps --all --no-trunc --format '{{.ID}} {{.Names}} {{.State}}' |
		awk '{ print substr($1, 1, 12), $2, $3 ~ /^(running|paused)$/ }' | sort
}

mirror_is_true() { [ "$(what_docker_knows)" = "$(mirror)" ]; }

check_true_mirror() { # TEXT
	if wait_until 20 mirror_is_true; then
		pass "$1"
	else
		fail "$1" "$(diff <(what_docker_knows) <(mirror))"
	fi
}

id_of() { d inspect --format '{{.Id}}' "$1"; }

idle() { # NAME [DOCKER-OPTION...]
	must d create --name "$1" "${@:2}" image /bin/busybox sleep 1000
}

say "before dockerd is there"
watch_start "$DOCKER_SOCKET"
check_told "the engine is missed" "lost: cannot reach the container engine at $DOCKER_SOCKET: No such file"
slow_runtime
docker_up
check_told "and found" synced
check "it was missed once" 1 "$(told 'lost:' | wc -l)"
check_told "the default network has a bridge" 'networks .*bridge:bridge:docker0'
check_true_mirror "the mirror is true"

say "the life of a container"
watch_mark
idle web --label policyctl.deny=tcp --label 'a=b c'
check_told "created" 'known web .* running=0 .*networks=bridge .*\[a=b c\]'
check_told "its labels" 'known web .*\[policyctl.deny=tcp\]'
check_told "its power is known before it starts" '(known|updated) web .* running=0 pid=0 power=plain'
must d start web
check_told "started" 'started web .* running=1'
check_told "its pid" '(started|updated) web .* running=1 pid=1'
must d rename web shop
check_told "renamed" 'updated shop .* running=1 pid=1'
must d network create --subnet 198.18.70.0/24 more
check_told "a network is made" 'networks .*more:bridge:br-[0-9a-f]{12}( |$)'
must d network connect more shop
check_told "connected" 'connected shop .*networks=bridge,more'
must d network disconnect more shop
check_told "disconnected" 'connected shop .*networks=bridge( |$)'
watch_mark
must d network rm more
wait_until 10 has_told 'networks '
check "a network is gone" "" "$(told 'networks .*more')"
watch_mark
must d pause shop
must d unpause shop
must d exec shop /bin/busybox true
must d restart --time 0 shop
check_told "restarted: stopped" 'stopped shop .* running=0 pid=0'
check_told "restarted: started" 'started shop .* running=1'
check "each once, and not for pause" "1 1" "$(told 'stopped shop' | wc -l) $(told 'started shop' | wc -l)"
watch_mark
must d stop --time 0 shop
check_told "stopped" 'stopped shop '
must d rm shop
check_told "removed" 'gone id='
must d run --rm image /bin/busybox true
check_told "one that lives for a moment is known" 'known .*networks=bridge'
wait_until 10 mirror_is_true
check "and gone" 2 "$(told 'gone id=' | wc -l)"

say "capabilities"
watch_mark
idle admin --cap-add NET_ADMIN
idle every --cap-add all
idle privileged --privileged
idle raw --cap-add NET_RAW --cap-drop CHOWN
for name in admin every privileged; do
	check_told "$name may have CAP_NET_ADMIN" "(known|updated) $name .*power=net-admin"
done
check_told "raw may not" '(known|updated) raw .*power=plain'
must d rm admin every privileged raw

say "asked for"
watch_mark
idle known
check_told "known" 'known known '
nobody=$(printf 'f%.0s' {1..64})
watch_ask "want $(id_of known)"
watch_ask "want $nobody"
watch_ask "want ../../networks"
check_told "of one that is not there that is told" 'missing id=ffffffffffff'
check "of others nothing" "1 1" "$(told 'known' | wc -l) $(told 'missing' | wc -l)"
watch_ask "find known"
check_told "found by name" 'find known id='
watch_ask "find $(id_of known | cut -c1-10)"
wait_until 10 has_told 'find known id=.*' 2
check "and by id" 2 "$(told 'find known id=' | wc -l)"
watch_ask "find nobody"
check_told "or not" 'find nothing'
watch_ask "ask known"
check_told "a question that waits is answered" 'asked: known id=.* power=plain'
watch_ask "ask $(id_of known | cut -c1-10)"
wait_until 10 has_told 'asked: known id=.* power=plain' 2
check "by id, too" 2 "$(told 'asked: known id=' | wc -l)"
watch_ask "ask ../networks"
check_told "not what is no name" "asked: ENOENT: no container is called '../networks'"
watch_ask "ask nobody"
check_told "nor of nobody" "asked: ENOENT: no container is called 'nobody'"
for number in {0..16}; do idle "other$number"; done
twice=$(d ps --all --no-trunc --quiet | cut -c1 | sort | uniq -d | head -n 1)
watch_ask "ask $twice"
check_told "nor of several" "asked: ENOTUNIQ: [0-9]+ containers have an id that begins with '$twice': "
watch_ask refresh
check_told "the networks, asked for, are told unchanged" 'networks '
remove_containers

say "while one starts slowly, the others are followed"
idle slow --runtime slow
idle quick
touch "$WORK/slow"
d start slow >/dev/null &
SPAWNED+=($!)
must wait_until 10 pgrep -f slow-runc
check_false "it is locked" timeout 1 "$DOCKER" -H "unix://$DOCKER_SOCKET" inspect slow
watch_end
watch_start "$DOCKER_SOCKET"
check_told "a new mirror is complete all the same" synced
check_told "and has its labels, not its power" 'known slow .*power=unknown'
check_told "that of others it has" 'updated quick .*power=plain'
must d start quick
must d rename quick rabbit
check_told "what they do is told" 'updated rabbit .*pid=1'
rm "$WORK/slow"
check_told "in the end it starts" 'started slow '
check_told "and its power is told" 'updated slow .*power=plain'
check_told_before "not before" 'updated rabbit' 'started slow|updated slow'
remove_containers

say "$AT_ONCE at once"
watch_mark
seq "$AT_ONCE" | timeout 200 xargs -P 8 -I {} "$DOCKER" -H "unix://$DOCKER_SOCKET" run -d --name many{} \
	--label number={} image /bin/busybox sleep 1000 >"$WORK/out" 2>&1
check "all started" "$AT_ONCE" "$(d ps -q | wc -l)"
check_true_mirror "the mirror is true"
all_told() { # REGEX
	[ "$(told "$1" | cut -d' ' -f2 | sort -u | wc -l)" = "$AT_ONCE" ]
}
check_true "of all, power and pid are told" wait_until 20 all_told '(updated|started) many.* running=1 pid=1 power=plain'
say "started before their power was known: $(told 'started many.*power=unknown' | wc -l)"
remove_containers
check_true_mirror "the mirror is empty"
check "each is gone once" "$AT_ONCE" "$(told 'gone' | sort -u | wc -l)"

say "dockerd is killed, and what it has changes meanwhile"
idle stays
must d start stays
idle dies
must d start dies
idle vanishes
vanishes=$(id_of vanishes)
dies=$(pid_of dies)
must wait_until 10 mirror_is_true
watch_mark
docker_kill9
check_told "the engine is lost" 'lost: '
watch_ask "find vanishes"
check_told "the mirror stays as it was" 'find vanishes '
kill -KILL "$dies"
rm -r "$DOCKER_DIR/data/containers/$vanishes"
must docker_start
check_told "and back" synced
check_told "what is not there any more is gone" "gone id=${vanishes:0:12}"
check_told "what ended has ended" 'stopped dies '
check_true_mirror "the mirror is true"
must d start dies
check_told "and follows" 'started dies '
check "it was lost once" 1 "$(told 'lost: ' | wc -l)"

say "dockerd is stopped and started"
watch_mark
docker_restart
check_told "lost" 'lost: '
check_told "and back" synced
check_true_mirror "the mirror is true"

say "dockerd is stuck"
watch_mark
kill -STOP "$DOCKERD"
check_told "that is noticed" 'lost: .*does not answer' 40
kill -CONT "$DOCKERD"
check_told "and its end" synced
check_true_mirror "the mirror is true"
watch_end
finish
