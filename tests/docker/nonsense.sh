#!/bin/bash
# An engine that answers nonsense, too much, or nothing: the cache reports it once, keeps what it had, and recovers when
# the engine does. And an engine with thousands of containers.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
. "$(dirname "$0")/watch.sh"

SOCKET=$WORK/fake.sock
SECONDS_FOR_MANY=${SECONDS_FOR_MANY:-20}

mode() { echo "$1" >"$WORK/mode.new" && mv "$WORK/mode.new" "$WORK/mode"; }

cpu_of() { # PID: in ticks
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

mode sane
spawn host /usr/bin/python3 "$(dirname "$0")/fake_engine.py" "$SOCKET" "$WORK/mode"
must wait_until 10 test -S "$SOCKET"
watch_start "$SOCKET"
check_told "a sane engine is found" synced

try() { # MODE ASKED LOST: what is told
	say "$1"
	watch_mark
	mode "$1"
	check_told "$1: lost" "lost: $3"
	watch_ask "ask x"
	check_told "$1: who waits is told" "asked: $2"
	mode sane
	check_told "$1: back" synced
	check_true "$1: lost once, or once more for each time it was back" losses_are_true
}

losses_are_true() { # between two there is a synced
	[ -z "$(told 'lost: |synced' | cut -d' ' -f1 | uniq -d)" ]
}

ids_and_states() { mirror | cut -d' ' -f2,3 | sort; }

misunderstood="the container engine's answer is not understood: "
try closed "EIO: the container engine at $SOCKET has closed the connection" ".*at $SOCKET"
try garbage "EIO: no answer from the container engine at $SOCKET: " ".*at $SOCKET"
try headers "E[A-Z]+: .*at $SOCKET" ".*at $SOCKET"
try endless "EMSGSIZE: the container engine at $SOCKET answers too much" ".*at $SOCKET"
try failing "EREMOTEIO: the container engine at $SOCKET: out of order" ".*at $SOCKET"
try silent "EREMOTEIO: the container engine at $SOCKET answers with HTTP status 500" ".*at $SOCKET"
for mode in html object number nested element; do
	try $mode "EPROTO: $misunderstood" ".*at $SOCKET"
done
try event "ENOENT: no container is called 'x'" "$misunderstood"

say "a list and an answer that are older than what the events told"
watch_mark
mode stale
check_told "lost" 'lost: '
check_told "and back" synced
check "what was removed is not there, what was made is, what ended has ended" "c1 0
c2 1
c3 0" "$(wait_until 5 has_told 'stopped c3'; ids_and_states)"
mode sane
check_told "gone" 'gone'

say "thousands of containers"
watch_mark
before=$(cpu_of "$WATCH")
mode many
check_told "all are known" synced "$SECONDS_FOR_MANY"
all_have_power() { has_told '(known|updated) .*power=plain' 5000; }
check_true "pid and power of all" wait_until "$SECONDS_FOR_MANY" all_have_power
say "processor: $((($(cpu_of "$WATCH") - before) * 10)) ms, memory: $(awk '/VmRSS/ { print $2 }' "/proc/$WATCH/status") kB"
watch_mark
mode sane
check_told "and gone" synced "$SECONDS_FOR_MANY"
check "each told once" 5000 "$(told gone | wc -l)"
watch_end
finish
