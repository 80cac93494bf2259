#!/bin/bash
# stats --watch: the live view on a terminal (tmux), and text or JSON elsewhere. It follows changes, and leaves the
# terminal as it was.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need tmux pgrep flock
export TMUX_TMPDIR=$WORK TERM=xterm-256color
unset NO_COLOR TMUX
new_netns host container other
new_veth veth0 container 0
new_veth veth1 other 1
mkfifo "$WORK/forever"
exec 9<>"$WORK/forever" # a pipe to wait on

cat >"$WORK/pane" <<'END'
stty -g >"$WORK/stty.before"
"$POLICYCTL" stats --watch "$@"
echo "ended $?"
stty -g >"$WORK/stty.after"
read -r _ <"$WORK/forever"
END
export WORK

terminal() { tmux -f /dev/null -L policyctl "$@"; }

# watches COLUMNSxLINES ARGUMENTS...: in a new terminal.
watches() {
	must terminal new-session -d -x "${1%x*}" -y "${1#*x}" nsenter --net=/run/netns/host bash "$WORK/pane" "${@:2}"
}

screen() { terminal capture-pane -p; }
shows() { screen | grep -qE -- "$1"; }
shows_not() { ! shows "$1"; }
runs() { pgrep -x policyctl >/dev/null; }
runs_not() { ! runs; }
close() {
	terminal kill-server
	wait_until 5 no_terminal
}
no_terminal() { ! pgrep tmux >/dev/null; }
keys() { terminal send-keys "$@"; }
size() { terminal resize-window -x "${1%x*}" -y "${1#*x}"; }

# The first rule, the line behind the titles.
first_rule() { screen | grep -A1 '^INTERFACE *DIR ' | tail -n +2 | tr -s ' '; }
first_is() { grep -qE "$1" <<<"$(first_rule)"; }
drops_show() { # PATTERN: while datagrams are being dropped
	sent_from 30 4:udp/53 >/dev/null
	shows "$1"
}

# The terminal is as before, and the command has ended with 0.
given_back() { # TEXT
	check_true "$1: it ends with status 0" wait_until 10 shows '^ended 0$'
	wait_until 5 test -s "$WORK/stty.after"
	check "  the terminal's modes are as before" "$(<"$WORK/stty.before")" "$(<"$WORK/stty.after")"
	check "  its screen and cursor are back" "0 1" "$(terminal display-message -p '#{alternate_on} #{cursor_flag}')"
	close
	rm "$WORK/stty.after"
}

does attach veth0 --allow to:tcp/80 --deny to:tcp --deny from:udp/53
does attach veth1 --default deny --allow icmp
remember

say "80x24"
watches 80x24 --interval 0.2
check_true "it says what there is" wait_until 10 shows '^policyctl stats  [-0-9]+ [:0-9]+  2 attachments, all enforcing +every 0.2 s$'
check_true "a table of the attachments" shows '^veth0 .* 3 enforcing$'
check_true "and of the rules, their texts whole" shows '^veth0 +from drop .* 3: deny from udp dport 53$'
check_true "its keys" shows '^q quit  *space pause'
check "it fills 24 lines" 24 "$(screen | wc -l)"
check "of 80 columns" "" "$(screen | grep -E '.{81}')"
check_true "packets come: a rate" wait_until 10 drops_show '^veth0 +from drop +[1-9][0-9,.]* '
check_true "the total says it too" wait_until 10 drops_show '^dropped +[1-9][0-9,.k]* packets/s '
check_true "what drops comes first" first_is '^veth0 from drop .* 3: deny from udp dport 53$'
check_true "drops are red" grep -qE $'\e\\[[0-9;]*31m.*veth0 +from drop' <(terminal capture-pane -pe)
check_true "packets stop: the rate goes, the count stays" wait_until 10 shows '^veth0 +from drop +0 +0 +[1-9]'
policyctl stats veth0 --json
count=$(jq '.[0].counters[] | select(.id == 3) | .from.packets' <<<"$OUT")
check_true "as stats counts it" shows "^veth0 +from drop +0 +0 +$count "

say "keys"
keys o
check_true "o: in the order of rules" wait_until 5 shows '^Rules by rule order: '
check_true "  rule 1 comes first" first_is '^veth0 to pass .* 1: allow to tcp dport 80$'
keys v
check_true "v: reversed" wait_until 5 shows '^Rules by rule order, reversed: '
check_true "  the other interface comes first" first_is '^veth1 '
keys v p
check_true "p: by packets" wait_until 5 shows '^Rules by packets: '
check_true "  most come first" first_is " $count "
keys b
check_true "b: by bytes" wait_until 5 shows '^Rules by bytes: '
keys r
check_true "r: by rate" wait_until 5 shows '^Rules by packets per second: '
keys i
check_true "i: by interface" wait_until 5 shows '^Rules by interface: '
keys d
check_true "d: by drops" wait_until 5 shows '^Rules by drops per second: '
keys z
check_true "z: rules that never counted are not shown" wait_until 5 shows_not ' 1: allow to tcp dport 80$'
keys z
check_true "z: and are again" wait_until 5 shows ' 1: allow to tcp dport 80$'
keys / u d p
check_true "/: asks" wait_until 5 shows 'Only with .*: udp$'
check_true "  and has only these" wait_until 5 shows '^Rules by drops per second: 1 to 1 of 1, filter udp$'
check_true "  of the attachments too" shows_not '^veth1 '
keys BSpace BSpace BSpace Enter
check_true "  nothing to filter by: all" wait_until 5 shows '^veth1 '
keys Space
check_true "space: paused" wait_until 5 shows ' PAUSED$'
seen=$(screen)
sent_from 30 4:udp/53 >/dev/null
policyctl stats --interval 0.5
check_same "  it stands still" "$seen" "$(screen)"
keys Space
check_true "space: it goes on" wait_until 5 shows "^veth0 +from drop .* $((count + 30)) "

say "sizes"
size 200x50
check_true "200x50: whole texts" wait_until 5 shows ' implicit: icmpv6 type \{ router-solicitation, neighbour-solicitation, neighbour-advertisement \}$'
check "  the keys are in the last line" "q quit" "$(screen | tail -n 1 | cut -c 1-6)"
check "  it fills 50 lines" 50 "$(screen | wc -l)"
drawn() { # COLUMNS: as much of the title as there is room for
	[ "$(screen | head -n 1 | cut -c "1-15")" = "$(cut -c "1-$1" <<<"policyctl stats")" ]
}
for tiny in 20x5 40x12 9x2 2x1; do
	size $tiny
	check_true "$tiny: it is drawn anew" wait_until 5 drawn "${tiny%x*}"
	keys Down Up / u Escape
done
size 60x12
keys o
check_true "60x12: the first rules" wait_until 5 first_is ' 1: allow to tcp'
keys Down
check_true "down: one on" wait_until 5 shows '^Rules by rule order: 2 to '
keys NPage
check_true "page down" wait_until 5 shows '^Rules by rule order: [4-9] to '
keys End
check_true "end: the last line is the last rule" wait_until 5 shows '^Rules by rule order: .* to ([0-9]+) of \1$'
keys PPage
check_true "page up: no longer" wait_until 5 shows_not '^Rules by rule order: .* to ([0-9]+) of \1$'
keys Home Down Down Up
check_true "home, down, down, up: at the second" wait_until 5 shows '^Rules by rule order: 2 to '
size 80x24

say "while it runs"
check_true "it does not hold the lock while it waits" wait_until 5 flock -n "$PINS"/net-* true
does apply veth0 --allow to:tcp/80 --deny from:udp/53 --deny from:tcp/25
check_true "apply: a new rule" wait_until 5 shows ' 4: deny from tcp dport 25$'
check_true "  what stays goes on counting" shows "^veth0 +from drop .* $((count + 30)) .* 3: deny from udp dport 53$"
check_true "  what is gone is gone" wait_until 5 shows_not ' 2: deny to tcp$'
must in_host ip link set dev veth1 xdpgeneric off
check_true "a program is taken off: it says so" wait_until 5 shows '2 attachments, 1 NOT ENFORCING'
size 40x12
check_true "  where there is little room, too" wait_until 5 shows '^1 of 2 NOT ENFORCING'
size 80x24
wait_until 5 shows '^INTERFACE +DROPPED'
check_true "  and which" shows '^veth1 .* xdp program missing$'
does detach veth1
check_true "detach: one is left" wait_until 5 shows ' 1 attachment, enforcing '
does detach veth0
check_true "and none" wait_until 5 shows '^nothing is attached in this network namespace$'
does attach veth0 --deny from:udp/53
remember
check_true "attach: it is there, and its rates" wait_until 10 drops_show '^veth0 +from drop +[1-9][0-9,.]* .* 1: deny from udp dport 53$'
keys q
given_back "q"

say "signals"
for signal in INT QUIT TERM HUP; do
	watches 80x24
	wait_until 10 shows '^veth0 '
	check_true "a screen of its own" wait_until 5 test "$(terminal display-message -p '#{alternate_on}')" = 1
	kill -s $signal "$(pgrep -x policyctl)"
	given_back "SIG$signal"
done
watches 80x24
wait_until 10 shows '^veth0 '
keys C-c
given_back "Ctrl-C"
# For tests with more than one signal: LeakSanitizer hangs if a signal comes while it works.
ASAN_OPTIONS=detect_leaks=0 watches 80x24 --interval 0.1
wait_until 10 shows '^veth0 '
flock "$PINS"/net-* bash -c 'echo locked >&8; read -r _ <&9' 8>"$WORK/locked" &
holder=$!
wait_until 5 test -s "$WORK/locked"
check_true "somebody holds the lock" wait_until 5 pgrep -x policyctl
keys C-c C-c
given_back "Ctrl-C while it waits for the lock"
echo >&9
wait $holder
ASAN_OPTIONS=detect_leaks=0 watches 80x24
wait_until 10 shows '^veth0 '
close
check_true "the terminal goes: it ends" wait_until 5 runs_not

say "terminals"
NO_COLOR=1 watches 80x24
wait_until 10 shows '^veth0 '
check_false "NO_COLOR: none" grep -qE $'\e\\[[0-9;]*3[0-7]' <(terminal capture-pane -pe)
keys q
given_back "q"
for kind in dumb "" no-such-terminal; do
	terminal new-session -d -x 100 -y 24 nsenter --net=/run/netns/host env TERM="$kind" bash "$WORK/pane" --interval 0.1
	check_true "TERM=$kind: text" wait_until 10 shows '^INTERFACE DIRECTION VERDICT PACKETS'
	check "  not a screen of its own" 0 "$(terminal display-message -p '#{alternate_on}')"
	keys C-c
	wait_until 5 runs_not
	close
done

say "not a terminal"
# samples FILE N ARGUMENTS...: runs until there are N lines of time (or of JSON), and then ends.
samples() {
	spawn host "$POLICYCTL" stats --watch --interval 0.2 "${@:3}" >"$1" 2>"$WORK/stderr"
	wait_until 10 has_lines "$1" "$2"
	kill -TERM $!
	wait $!
	check "stats --watch ${*:3} in a file, SIGTERM: status 0, nothing on stderr" "0:" "$?:$(<"$WORK/stderr")"
}
has_lines() { [ "$(grep -cE '^[0-9]{4}-[0-9-]+ [0-9:]+$|^\{' "$1")" -ge "$2" ]; }
samples "$WORK/text" 3
check_false "no escapes" grep -q $'\e' "$WORK/text"
check_match "a line of time, then the table" '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$' "$(head -n 1 "$WORK/text")"
check "the titles" "INTERFACE DIRECTION VERDICT PACKETS BYTES PACKETS/S BYTES/S ID RULE" \
	"$(sed -n 2p "$WORK/text" | tr -s ' ')"
check_match "the first has no rates" '^veth0 from drop [0-9]+ [0-9]+ - - 1 deny' "$(sed -n 3p "$WORK/text" | tr -s ' ')"
check_match "the last has" '^veth0 from drop [0-9]+ [0-9]+ 0 0 1 deny' "$(tac "$WORK/text" | grep -m 1 deny | tr -s ' ')"
samples "$WORK/json" 3 veth0 --json
check "a value to a line" "true" "$(jq -s 'length >= 3' "$WORK/json")"
check "each has its time and the attachment" '["number",["veth0"]]' \
	"$(jq -c '[(.time | type), [.attachments[].interface]]' "$WORK/json" | sort -u)"
check "the first has no rates, the others have" '[false,true,true]' \
	"$(jq -sc '[.[:3][] | .attachments[0].from.dropped | has("packets_per_second")]' "$WORK/json")"
spawn host "$POLICYCTL" stats --watch --interval 0.2 --json >"$WORK/json"
watcher=$!
wait_until 10 has_lines "$WORK/json" 2
sent_from 60 4:udp/53 >/dev/null
lines=$(wc -l <"$WORK/json")
wait_until 10 has_lines "$WORK/json" $((lines + 2))
stop $watcher
check "what was sent is what the rates sum up to" 60 "$(jq -s \
	'[.[1:][] | .seconds * .attachments[0].counters[0].from.packets_per_second] | add | round' "$WORK/json")"

spawn host "$POLICYCTL" stats veth0 --watch --interval 0.1 --json >"$WORK/json" 2>"$WORK/gone"
watcher=$!
wait_until 10 has_lines "$WORK/json" 2
does detach veth0
has() { [ "$(tail -n 1 "$WORK/json" | jq '.attachments | length')" = "$1" ]; }
check_true "its attachment is gone: an empty array" wait_until 10 has 0
does attach veth0 --deny from:udp/53
remember
check_true "it goes on, and sees it when it is attached again" wait_until 10 has 1
stop $watcher
check_match "it has said so, once" '^policyctl: veth0: nothing of policyctl is attached here$' "$(<"$WORK/gone")"
check "  in one line" 1 "$(wc -l <"$WORK/gone")"

say "once, with rates"
policyctl stats veth0 --interval 0.2
check_match "--interval alone: one table" '^INTERFACE +DIRECTION +VERDICT +PACKETS +BYTES +PACKETS/S' "$(head -n 1 <<<"$OUT")"
policyctl stats veth0
check "without: as ever" "INTERFACE DIRECTION VERDICT PACKETS BYTES ID RULE" "$(head -n 1 <<<"$OUT" | tr -s ' ')"

say "usage"
for wrong in "--interval 0" "--interval -1" "--interval x" "--interval 1s" "--interval nan" "--interval 1e9" "--prometheus --json" \
	"--prometheus --watch" "--prometheus --interval 1" "--watch veth0 veth1"; do
	# shellcheck disable=SC2086
	policyctl stats $wrong
	check "stats $wrong: status 2, nothing on stdout" "2:" "$STATUS:$OUT"
	check "  one line on stderr" 1 "$(wc -l <<<"$ERR")"
done
policyctl stats veth1 --watch
check "stats --watch of what is not attached: status 4" "4:policyctl: veth1: nothing of policyctl is attached here" "$STATUS:$ERR"
does detach --all
finish
