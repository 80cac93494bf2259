#!/bin/bash
# Text of others on its way to a terminal: names of interfaces, arguments, paths, what the engine says, tampered pins.
# Control bytes, and characters that turn text around, never get there raw. And no file makes its reader wait for ever.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need script python3
cd "$WORK" || exit 1
new_rooms

EVIL=$'\e[31m\e]0;owned\a\x9b\r\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b' # U+202E, U+2066, U+200B
NAME=$'v\e[31m\xe2\x80\xae'

# The bytes of a file that a terminal must not get raw: controls but newline and tab, C1, direction, what is not seen.
raw_bytes() { # FILE
	/usr/bin/python3 -c '
import re, sys
text = open(sys.argv[1], "rb").read().decode("utf-8", "surrogateescape")
print(*sorted({ascii(c) for c in re.findall("[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\udc80-\udcff]", text)}))' "$1"
}

# clean TEXT ARGUMENTS...: neither stream has such bytes; an error is one line.
clean() {
	policyctl "${@:2}"
	check "$1: nothing raw on standard output" "" "$(raw_bytes "$WORK/stdout")"
	check "$1: nothing raw on standard error" "" "$(raw_bytes "$WORK/stderr")"
}

one_error() { # TEXT ARGUMENTS...
	clean "$@"
	check "$1: one line of error" 1 "$(wc -l <"$WORK/stderr")"
}

say "the name of an interface"
must ip -n host link set veth0 down
must ip -n host link set veth0 name "$NAME"
must ip -n host link set "$NAME" up
must wait_until 5 in_host ping -qc1 -W0.1 198.18.0.2
clean "attach" attach "$NAME" --deny tcp
check "it is attached" 0 "$STATUS"
remember
for command in list stats show doctor; do
	operand=("$NAME")
	[ $command != list ] || operand=()
	clean "$command" $command ${operand[@]+"${operand[@]}"}
	clean "$command --json" $command ${operand[@]+"${operand[@]}"} --json
done
clean "stats --prometheus" stats --prometheus
clean "diff" diff "$NAME" --deny udp
clean "explain" explain "$NAME" from tcp 80
spawn host "$POLICYCTL" monitor "$NAME" >"$WORK/seen" 2>"$WORK/seen.err"
watcher=$!
must wait_until 10 grep -q watching "$WORK/seen.err"
spawn container bash -c 'exec 3<>/dev/tcp/198.18.0.1/9' 2>/dev/null
caller=$!
check_true "monitor shows a packet" wait_until 10 grep -q DROP "$WORK/seen"
stop $caller
stop $watcher
check "monitor: nothing raw in its lines" "" "$(raw_bytes "$WORK/seen")"
check "monitor: nothing raw in \"watching NAME\"" "" "$(raw_bytes "$WORK/seen.err")"
check_match "the name is there, escaped" 'watching v\\x1b\[31m\\xe2\\x80\\xae:' "$(<"$WORK/seen.err")"

say "a terminal gets our colours, and nobody else's"
in_host script -qec "TERM=xterm '$POLICYCTL' list; TERM=xterm '$POLICYCTL' monitor '$EVIL'" "$WORK/typescript" >/dev/null
tr -d '\r' <"$WORK/typescript" | sed '1d; $d' >"$WORK/screen"
check "list: no bytes of the name" "" "$(grep -v policyctl: "$WORK/screen" | raw_bytes /dev/stdin)"
must in_host tc qdisc del dev "$NAME" clsact
in_host script -qec "TERM=xterm '$POLICYCTL' list" "$WORK/typescript" >/dev/null
check_match "a line of list is red" $'^\e\\[31mv' "$(<"$WORK/typescript")"
check "and its colour ends" 1 "$(grep -c $'\e\\[0m' "$WORK/typescript")"
does attach "$NAME" --deny tcp
in_host script -qec "printf 'deny tcp\nnonsense\n' >p; TERM=xterm '$POLICYCTL' check p $'$(printf %q "$EVIL")'
	TERM=xterm '$POLICYCTL' check p" "$WORK/typescript" >/dev/null
check_match "an error is red" $'^\e\\[31m.*error' "$(<"$WORK/typescript")"
check "and its colour ends" "$(grep -o $'\e\\[31m' "$WORK/typescript" | wc -l)" \
	"$(grep -o $'\e\\[0m' "$WORK/typescript" | wc -l)"

say "arguments and paths"
line=$'a\nb'
for evil in "$EVIL" "$line" $'\xff\xfe' $'caf\xc3\xa9'; do
	shown=$(printf '%q' "$evil")
	one_error "command $shown" "$evil"
	one_error "attach $shown" attach "$evil" --deny tcp
	one_error "option $shown" attach "--$evil"
	one_error "mode $shown" attach "$NAME" --deny tcp --mode "$evil"
	one_error "check $shown" check "$evil"
	one_error "netns:$shown" show "netns:$evil"
	one_error "pid:$shown" show "pid:$evil"
	one_error "container:$shown" show "container:$evil"
	one_error "socket $shown" show container:web --docker-socket "/$evil"
	one_error "capture $shown" capture "$NAME" -w "$WORK/$evil/x"
	one_error "daemon $shown" daemon --config "$WORK/$evil"
	one_error "delete $shown" delete "$NAME" "$evil"
	clean "SPEC $shown" attach "$NAME" --deny "$evil"
	clean "PACKET $shown" explain "$NAME" from "$evil"
	clean "FILTER $shown" monitor "$NAME" "$evil"
	printf 'deny tcp dport %s\nset x file "%s"\n' "$evil" "$evil" >"$WORK/evil.policy"
	clean "policy $shown" check "$WORK/evil.policy"
	printf '[daemon]\nlog-format = %s\n' "$evil" >"$WORK/evil.conf"
	clean "configuration $shown" daemon --check --config "$WORK/evil.conf"
done
check_match "what can be read stays" 'café' "$(in_host "$POLICYCTL" "café" 2>&1)"

say "JSON"
FEED=$WORK/f$'\xe2\x80\xae\xf3\xa0\x81\x81'.txt # U+202E, U+E0041
echo 198.51.100.0/24 >"$FEED"
printf 'set x file "%s"\ndeny from any peer @x\n' "$FEED" >"$WORK/rtl.policy"
does apply "$NAME" --policy "$WORK/rtl.policy"
remember
clean "show --json" show "$NAME" --json
check_match "they are escaped as JSON says" '/f\\u202e\\udb40\\udc41\.txt' "$OUT"
check "and read back as they were" "$FEED" \
	"$(jq -r '.. | strings | select(test("/f")) | match("/run[^\"]*txt").string' <<<"$OUT" | head -1)"
clean "show" show "$NAME"

say "an engine that says anything"
/usr/bin/python3 - "$WORK/engine" "$EVIL" <<'END' &
import os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(8)
body = b'{"message":"' + os.fsencode(sys.argv[2]).replace(b"\x1b", b"\\u001b").replace(b"\x07", b"\\n").replace(b"\r", b"").replace(b"\x9b", b"") + b'"}'
while True:
    peer, _ = server.accept()
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 500 Bad\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    peer.close()
END
SPAWNED+=($!)
must wait_until 10 test -S "$WORK/engine"
one_error "its error" show container:web --docker-socket "$WORK/engine"
check_match "it is told" owned "$ERR"

say "tampered pins: the message names the pin, or says what happened"
tampered() { # TEXT ARGUMENTS...
	policyctl "${@:2}"
	check_no_match "$1: $ERR" '(^|: )(No such file or directory|Invalid argument|Unknown error 524)' "$ERR"
}
for pin in carried_stats guard policy_text port_rules rule_ids rule_stats tc unknown_stats xdp; do
	for what in removed program map; do
		does attach "$NAME" --policy "$WORK/rtl.policy"
		remember
		path=$(find $PINS -name $pin)
		rm "$path"
		case $what in
		program) must "$CLI_PROBE" program tc "$path" ;;
		map) must bpftool map create "$path" type hash key 8 value 3 entries 1 name other ;;
		esac
		for command in list "show $NAME" "diff $NAME --deny udp" "explain $NAME from tcp 80"; do
			# shellcheck disable=SC2086
			tampered "$pin $what, ${command%% *}" $command
		done
		check_match "it says so" 'somebody removed or replaced pins in /sys' "$(in_host "$POLICYCTL" show "$NAME" 2>&1)"
		does detach "$NAME"
	done
done
for pin in event_rings lost_events subscriptions; do
	does attach "$NAME" --deny tcp
	remember
	path=$(find $PINS -name $pin)
	rm "$path"
	must bpftool map create "$path" type hash key 8 value 3 entries 1 name other
	tampered "$pin replaced, monitor" monitor "$NAME"
	check_match "it names the pin" "$pin is not what policyctl pinned there" "$ERR"
	does detach "$NAME"
	rm -f "$path"
done

say "files that make their reader wait"
mkfifo "$WORK/fifo"
ends() { # TEXT STATUS REGEX PATH
	in_host timeout 20 "$POLICYCTL" check "$4" >"$WORK/stdout" 2>"$WORK/stderr"
	check "$1: status $2" "$2" $?
	check_match "$1: says why" "$3" "$(cat "$WORK/stdout" "$WORK/stderr")"
}
ends "a FIFO that nobody writes to" 2 'fifo: error: nobody writes to this FIFO' "$WORK/fifo"
(wait_until 1 false; echo "deny tcp" >"$WORK/fifo") &
ends "a FIFO with a writer who comes later" 0 'ok, 1 rule' "$WORK/fifo"
wait $!
ends "a pipe whose writer takes its time" 0 'ok, 2 rules' <(echo deny tcp; wait_until 1 false; echo deny udp)
ends "/proc/kmsg" 2 'kmsg: error' /proc/kmsg
ends "/dev/zero" 2 'zero: error: File too large' /dev/zero
ends "/dev/null" 0 'says nothing' /dev/null
finish
