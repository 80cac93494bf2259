#!/bin/bash
# container:NAME wherever an interface is taken: a container on two networks, each command, each refusal; and the
# container that is named beside an interface.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
need curl python3 script
docker_up
export DOCKER_HOST=unix://$DOCKER_SOCKET

sleeper() { # NAME [DOCKER-OPTION...]
	must d run -d --name "$1" "${@:2}" image /bin/busybox sleep 600
}

says() { # STATUS REGEX ARGUMENTS...
	policyctl "${@:3}"
	check "policyctl ${*:3}: exit status" "$1" "$STATUS"
	check_match "  and it says why" "$2" "$ERR"
	check "  in one line" 1 "$(wc -l <<<"$ERR")"
}

address() { address_of web "$1"; }

pinged() { # which of web's addresses answer the host
	local network answers=""
	for network in blue green; do
		in_host ping -qc1 -W0.3 "$(address "$network")" >/dev/null && answers+=" $network"
	done
	echo "${answers# }"
}

must d network create --subnet 198.18.64.0/24 --gateway 198.18.64.1 blue
must d network create --subnet 198.18.65.0/24 --gateway 198.18.65.1 green
sleeper web --network blue
must d network connect green web
sleeper other
WEB=$(d inspect -f '{{.Id}}' web)
mapfile -t VETHS < <(veths_of web)
check "web has two veths" 2 "${#VETHS[@]}"
NAMES="^(${VETHS[0]}|${VETHS[1]})$"

say "attach: all its veths, and each is told with its container and network"
check "before that both addresses answer" "blue green" "$(pinged)"
does attach container:web --deny icmp
remember
check_match "the first" "^${VETHS[0]} \(web on blue\): enforcing 1 rule" "$OUT"
check_match "the second" "^${VETHS[1]} \(web on green\): enforcing 1 rule" "$OUT"
check "it holds on both" "" "$(pinged)"
does attach "container:${WEB:0:12}" --deny icmp
check "again, by the id: nothing to do" 2 "$(grep -c 'attached already' <<<"$OUT")"
says 1 "^policyctl: container:web: ${VETHS[0]}: another policy is attached: use policyctl apply .*nothing was changed" \
	attach container:web --deny tcp
does detach container:web
check "detach takes it off both" "$(printf '%s: detached\n' "${VETHS[@]}")" "$OUT"
check "both answer" "blue green" "$(pinged)"
says 4 "^policyctl: container:web: nothing of policyctl is attached here" detach container:web
does attach container:web --policy <(echo "deny icmp") --json
remember
check "attach --json is an array" "web,blue,null,false,deny web,green,null,false,deny" \
	"$(jq -r '[.[] | [.container.name, .container.network, .manager // "null", .held, (if .policy_source then "deny" else "" end)] | join(",")] | join(" ")' <<<"$OUT")"
check "  with the whole id" "$WEB" "$(jq -r '.[1].container.id' <<<"$OUT")"

say "if one fails, none is attached"
does detach container:web
foreign_xdp "${VETHS[1]}" xdpgeneric
ours() { # programs, filters, pins
	hooks_of "${VETHS[0]}"
	hooks_of "${VETHS[1]}"
	find /sys/fs/bpf | sort
}
before=$(ours)
says 1 "^policyctl: container:web: ${VETHS[1]}: another XDP program is attached .*\(nothing was changed\)$" \
	attach container:web --deny icmp
check_same "everything is as it was" "$before" "$(ours)"
must in_host ip link set dev "${VETHS[1]}" xdpgeneric off
does attach "${VETHS[0]}" --deny icmp
remember
says 4 "^policyctl: container:web: nothing of policyctl is attached to ${VETHS[1]}$" apply container:web --deny udp
policyctl show container:web
check_match "what only looks shows the one that has a policy" '^deny icmp' "$OUT"
check_match "  and names the other" "nothing of policyctl is attached to ${VETHS[1]}" "$ERR"
does attach container:web --deny icmp
remember

say "apply, diff, deny, allow, delete"
policyctl diff container:web --deny icmp
check "diff: nothing" "0 2" "$STATUS $(grep -c 'nothing to change' <<<"$OUT")"
policyctl diff container:web --deny tcp --json
check "diff --json: an array, status 3" "3 2 false,true" \
	"$STATUS $(jq -r '"\(length) \([.[] | "\(.changed),\(.differs)"] | unique | join(" "))"' <<<"$OUT")"
does apply container:web --deny tcp --dry-run
check "apply --dry-run tells of both" 2 "$(grep -c 'would change' <<<"$OUT")"
does apply container:web --deny tcp
check "apply changes both" 2 "$(grep -c ': changed' <<<"$OUT")"
check "icmp passes again on both" "blue green" "$(pinged)"
does deny container:web icmp
remember
check "deny holds on both" "" "$(pinged)"
does allow container:web udp/53 --json
check "allow --json: an array" "allow udp dport 53 allow udp dport 53" "$(jq -r '[.[].added[].rule] | join(" ")' <<<"$OUT")"
does deny "${VETHS[1]}" sctp
does deny container:web udplite
remember
policyctl show container:web --json
rule_id() { jq ".[$1].counters[] | select(.text == \"$2\") | .id" <<<"$OUT"; }
SAME=$(rule_id 0 "deny icmp")
check "the same rule on both has the same id, as long as both had the same rules" "$SAME" "$(rule_id 1 "deny icmp")"
LAST=$(rule_id 1 "deny udplite")
check "from then on each has ids of its own" $((LAST - 1)) "$(rule_id 0 "deny udplite")"
ID=$(rule_id 1 "deny sctp")
policies() {
	policyctl show container:web --json
	jq '.[].policy' <<<"$OUT"
}
before=$(policies)
says 2 "^policyctl: container:web: id $ID is \`deny udplite\` on ${VETHS[0]}, but \`deny sctp\` on ${VETHS[1]}: name the interface \(nothing was changed\)" \
	delete container:web "$ID"
says 2 "^policyctl: ${VETHS[0]}: no rule has the id $LAST .*nothing was changed" delete container:web "$LAST"
check_same "both policies are as they were" "$before" "$(policies)"
does delete container:web "$SAME"
check "an id that is the same rule on both" 2 "$(grep -c -- '- deny icmp' <<<"$OUT")"
check "does not hold any more, on neither" "blue green" "$(pinged)"
does apply container:web --deny udplite --json
check "apply: a rule that stays keeps the id that it has on each" "[] null" \
	"$(jq -r '"\([.[].added[]]) \([.[].removed[].rule] | index("deny udplite"))"' <<<"$OUT")"
does apply container:web --deny icmp
remember

say "a change that fails on one of them"
must in_host ip link set dev "${VETHS[1]}" xdpgeneric off
foreign_xdp "${VETHS[1]}" xdpgeneric
policyctl apply container:web --deny tcp --json
check "exit status" 1 "$STATUS"
check_match "the one that failed is told" "^policyctl: ${VETHS[1]}: another XDP program is attached .*\(the policy in force stays\)$" "$ERR"
check_match "and which policy is where" \
	"^policyctl: container:web: the new policy is in force on ${VETHS[0]}; on ${VETHS[1]} it is the one before$" "$ERR"
check "the JSON has the others" "${VETHS[0]} true" "$(jq -r '.[] | "\(.interface) \(.changed)"' <<<"$OUT")"
check "so it is" "deny tcp deny icmp" \
	"$(policyctl show container:web --json; jq -r '[.[].counters[] | select(.kind == "rule") | .text] | join(" ")' <<<"$OUT")"
must in_host ip link set dev "${VETHS[1]}" xdpgeneric off
does apply container:web --deny icmp
check_match "put back, and told" "^policyctl: ${VETHS[1]}: put back what somebody had taken off" "$ERR"
remember

say "what shows"
pinged >/dev/null
policyctl show container:web
check "show: a page for each" 2 "$(grep -c '^deny icmp' <<<"$OUT")"
check_match "  with its container" "^#   container       web \(${WEB:0:12}\) on network green" "$OUT"
check_match "  and where the policy is from" '^#   policy from     command line$' "$OUT"
policyctl list
check_match "list" "^web +blue +${VETHS[0]} .* enforcing .* command line +1 " "$OUT"
policyctl list --json
check "list --json" "web blue web green" "$(jq -r '[.[].container | .name, .network] | join(" ")' <<<"$OUT")"
policyctl stats container:web
check "stats: both" "web web" "$(awk '$NF == "icmp" && $3 == "to" { print $1 }' <<<"$OUT" | paste -sd' ')"
policyctl stats container:web --json
check "  --json" "web blue web green" "$(jq -r '[.[].container | .name, .network] | join(" ")' <<<"$OUT")"
check_true "  which counted" test "$(jq '[.[].to.dropped.packets] | min' <<<"$OUT")" -ge 1
policyctl stats container:web --prometheus
check "  --prometheus: a label" 2 "$(grep -c '^policyctl_enforcing{interface="veth[^"]*",container="web"} 1$' <<<"$OUT")"
policyctl stats container:web --interval 0.1 --json
check "  with rates" 2 "$(jq '[.[] | select(.from.dropped.packets_per_second != null)] | length' <<<"$OUT")"
on_screen() { env TERM=xterm timeout 2 script -qec "stty cols 100 rows 30; $(printf '%q ' nsenter --net=/run/netns/host "$POLICYCTL" stats --watch)" /dev/null; }
check_match "  --watch: a column" "INTERFACE +CONTAINER .*${VETHS[0]} +web" "$(on_screen | tr -d '\r\n')"
policyctl explain container:web from icmp type echo-request
check "explain: each" 2 "$(grep -c '^verdict  *dropped' <<<"$OUT")"
policyctl explain container:web from icmp type echo-request --json
check "  --json: an array" "deny deny" "$(jq -r '[.[].verdict] | join(" ")' <<<"$OUT")"
says 1 "^policyctl: container:web: it has 2 veths with a policy.*name that, ${VETHS[0]} or ${VETHS[1]}" \
	explain container:web from --pcap /dev/null
policyctl doctor container:web --json
check "doctor: both" "$(printf '%s\n' "${VETHS[@]}" | sort)" "$(jq -r '.[].subject | select(. != "host")' <<<"$OUT" | sort -u)"

say "monitor and capture: of these veths alone"
THEIRS=$(veths_of other)
does attach "$THEIRS" --deny icmp
remember
monitor both container:web --json
spawn host "$POLICYCTL" capture container:web -w "$WORK/both.pcapng" 2>"$WORK/capture.err"
CAPTURE=$!
must wait_until 10 grep -q watching "$WORK/capture.err"
in_host ping -qc1 -W0.2 "$(address_of other)" >/dev/null
pinged >/dev/null
two() { [ "$(jq -r 'select(.text) | .interface' "$WORK/both" | sort -u | wc -l)" -ge 2 ]; }
must wait_until 5 two
monitor_end both
kill "$CAPTURE"
wait "$CAPTURE"
check "monitor: both, and nobody else" "" "$(jq -r 'select(.text) | .interface' "$WORK/both" | grep -vE "$NAMES")"
check "  with the container" "web blue,web green" \
	"$(jq -r 'select(.text) | .container | "\(.name) \(.network)"' "$WORK/both" | sort -u | paste -sd,)"
check "capture: the same" "true" "$(test "$(capinfos -TrM -c "$WORK/both.pcapng" 2>/dev/null | cut -f2)" -ge 2 && echo true)"
monitor line container:web --count 1
pinged >/dev/null
wait "${MONITORS[line]}"
check_match "a line has the container's name" "^[0-9:.]+ ${VETHS[0]}\(web\) to +DROP rule [0-9]+: deny icmp" "$(<"$WORK/line")"

say "what was attached by the interface's name is named from a look at the engine"
policyctl list --json
check "list" "other bridge null" "$(jq -r --arg veth "$THEIRS" '.[] | select(.interface == $veth) | "\(.container.name) \(.container.network) \(.policy_source)"' <<<"$OUT")"
policyctl show "$THEIRS"
check_match "show" '^#   container       other \(' "$OUT"
(unset DOCKER_HOST; policyctl list --json --docker-socket "$DOCKER_SOCKET"; echo "$OUT" >"$WORK/list")
check "--docker-socket" "other" "$(jq -r --arg veth "$THEIRS" '.[] | select(.interface == $veth) | .container.name' "$WORK/list")"
export DOCKER_HOST=unix://$WORK/nowhere.sock
policyctl list --json
check "without an engine: what was recorded" "null,web,web" \
	"$(jq -r 'map(.container.name // "null") | sort | join(",")' <<<"$OUT")"
check "  and nothing is said of it" "0:" "$STATUS:$ERR"
export DOCKER_HOST=unix://$DOCKER_SOCKET
must d rename web shop
policyctl list --json
check "renamed: by its name of now" "other,shop,shop" "$(jq -r '[.[].container.name] | sort | join(",")' <<<"$OUT")"
says 4 "^policyctl: container:web: no container is called 'web'" show container:web
does show container:shop
must d rename shop web

say "the other ends of a stop"
must d stop -t 0 web
says 4 "^policyctl: container:web: it is not running: .* \(nothing was changed\)$" show container:web
says 1 "^policyctl: container:web: it is not running" attach container:web --deny tcp
must d start web
policyctl show container:web
check_match "started anew, it has another veth: nothing is attached to that" \
	"^policyctl: container:web: nothing of policyctl is attached here" "$ERR"
check "  exit status" 4 "$STATUS"
does attach container:web --deny icmp
remember
spawn host "$POLICYCTL" stats container:web --watch --interval 0.2 --json >"$WORK/watch" 2>"$WORK/watch.err"
WATCH=$!
lines() { [ "$(wc -l <"$WORK/watch")" -ge "$1" ]; }
must wait_until 5 lines 2
must d restart -t 0 web
does attach container:web --deny icmp
remember
followed() { tail -n 1 "$WORK/watch" | jq -e --arg veth "$(veths_of web | head -1)" '[.attachments[].interface] | index($veth) != null' >/dev/null; }
check_true "stats --watch goes on with the veths of the next start" wait_until 10 followed
stop "$WATCH"
does detach --all

say "containers without a veth"
sleeper on-host --network host
sleeper nowhere --network none
sleeper joined --network container:other
says 1 "^policyctl: container:on-host: it is on the host's network: " attach container:on-host --deny tcp
says 1 "^policyctl: container:nowhere: it has no network \(none\)" attach container:nowhere --deny tcp
says 1 "^policyctl: container:joined: it shares the network of other: use container:other \(nothing was changed\)" \
	attach container:joined --deny tcp
says 4 "use container:other" monitor container:joined
does attach "$(veths_of other)" --deny icmp
remember
policyctl list --json
check "who shares a network is not who it is called by" other "$(jq -r '.[0].container.name' <<<"$OUT")"
does detach --all

say "names that are none"
says 1 "^policyctl: container:nobody: no container is called 'nobody'" attach container:nobody --deny tcp
says 2 "^policyctl attach: container: wants the name or the id of a container" attach container: --deny tcp
says 1 "^policyctl: container:../version: no container is called" attach container:../version --deny tcp
first_digits() { d ps -aq --no-trunc | cut -c1; }
for number in {1..17}; do
	[ -z "$(first_digits | sort | uniq -d)" ] || break
	must d create --name "more$number" image /bin/busybox true
done
says 1 "containers have an id that begins with" attach "container:$(first_digits | sort | uniq -d | head -1)" --deny tcp

say "engines that are not there"
says 1 "^policyctl: container:web: cannot reach the container engine at $WORK/none.sock: .*nothing was changed" \
	attach container:web --deny tcp --docker-socket "$WORK/none.sock"
says 2 "^policyctl: container:web: --docker-socket: 'tcp://198.18.0.1:2375' is not a socket of this host" \
	attach container:web --deny tcp --docker-socket tcp://198.18.0.1:2375
(
	export DOCKER_HOST=tcp://198.18.0.1:2375
	policyctl attach container:web --deny tcp
	echo "$STATUS:$ERR" >"$WORK/tcp"
)
check_match "DOCKER_HOST of another host" "^2:policyctl: container:web: DOCKER_HOST: 'tcp://" "$(<"$WORK/tcp")"
new_netns elsewhere
inside elsewhere "$POLICYCTL" attach container:web --deny tcp >"$WORK/out" 2>&1
check "from another network namespace: exit status" 1 $?
check_match "  and it says why" 'container:web: no veth of this network namespace leads to it' "$(<"$WORK/out")"
in_host unshare --pid --fork --mount-proc "$POLICYCTL" attach container:web --deny tcp >"$WORK/out" 2>&1
check "from another pid namespace: exit status" 1 $?
check_match "  and it says why" 'container:web: its process [0-9]+, .*not to be seen here' "$(<"$WORK/out")"

# The kernel need not have macvlan: a fake engine reports that the real container is on such networks too.
say "macvlan, ipvlan"
api() { curl -s --unix-socket "$DOCKER_SOCKET" "http://localhost$1"; }
engine() { # NAME FILTER: what it says of web; networks `lan` and `isle` are added
	mkdir -p "$WORK/$1"
	api /containers/web/json | jq "$2" >"$WORK/$1/container"
	api /networks | jq '. + [{Name: "lan", Id: ("1" * 64), Driver: "macvlan"}, {Name: "isle", Id: ("2" * 64), Driver: "ipvlan"}]' \
		>"$WORK/$1/networks"
	spawn host /usr/bin/python3 -c '
import http.server, os, socketserver, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = open("container" if "/containers/" in self.path else "networks", "rb").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def address_string(self): return ""
    def log_message(self, *_): pass
os.chdir(sys.argv[1])
socketserver.UnixStreamServer("socket", Handler).serve_forever()' "$WORK/$1"
	must wait_until 10 test -S "$WORK/$1/socket"
}
engine mixed '.NetworkSettings.Networks += {lan: {}, isle: {}}'
does attach container:web --deny icmp --docker-socket "$WORK/mixed/socket"
remember
check "a container on both kinds: the veths are taken" 2 "$(grep -c enforcing <<<"$OUT")"
check_match "  and the others named" \
	'^policyctl: container:web: also on (lan \(macvlan\), isle \(ipvlan\)|isle \(ipvlan\), lan \(macvlan\)), where it has no veth here: nothing is judged there$' "$ERR"
does detach container:web
engine only '.NetworkSettings.Networks = {lan: {}} | .State.Pid = '"$(pid_of nowhere)"' | .Id = "'"$(d inspect -f '{{.Id}}' nowhere)"'"'
says 1 "^policyctl: container:web: it is on lan \(macvlan\), where a container has no veth in this network namespace" \
	attach container:web --deny icmp --docker-socket "$WORK/only/socket"

say "what the daemon keeps"
daemon_start
sleeper kept --label policyctl.deny=icmp
sleeper faulty --label policyctl.deny=nonsense
must wait_until 10 in_force kept
must wait_until 10 logged '.message == "container held" and .container == "faulty"'
remember
policyctl list
check_match "list: held" "^faulty +bridge +$(veths_of faulty) .* held " "$OUT"
check_match "  in force" "^kept +bridge +$(veths_of kept) .* enforcing .* labels deny +1 " "$OUT"
list_on_terminal() {
	env -u NO_COLOR TERM=xterm script -qec "stty cols 200; $(printf '%q ' nsenter --net=/run/netns/host "$POLICYCTL" list)" /dev/null
}
check_match "  in red" $'\e\\[31m.*faulty' "$(list_on_terminal)"
policyctl list --json
check "list --json" "daemon true labels policyctl.deny daemon false labels policyctl.deny" \
	"$(jq -r 'map({(.container.name): "\(.manager) \(.held) \(.policy_source)"}) | add | .faulty, .kept' <<<"$OUT" | paste -sd' ')"
check_match "  with the reason" 'nonsense' "$(jq -r '.[].why // ""' <<<"$OUT")"
policyctl show container:faulty
check_match "show: why" "^#   HELD            .*nonsense" "$OUT"
policyctl show container:kept
check_match "  and who keeps it" "^#   policy from     labels policyctl.deny, kept by the daemon" "$OUT"
policyctl deny container:kept udp
check_match "who would change it is refused" "^policyctl: $(veths_of kept): the daemon keeps the policy of kept \(from: labels policyctl.deny\)" "$ERR"
daemon_stop
does detach --all
must d rm -f kept faulty

say "completion"
policyctl completion --line -- show container:
check "the containers that run" "container:joined container:nowhere container:on-host container:other container:web" \
	"$(cut -f1 <<<"$OUT" | sort | paste -sd' ')"
policyctl completion
completes() { # WORD...: as bash splits them
	PATH=$(dirname "$POLICYCTL"):$PATH bash -c 'compopt() { :; }; source <(cat); COMP_WORDBREAKS=" :"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_policyctl; printf "%s," "${COMPREPLY[@]}"' - policyctl "$@" <<<"$OUT"
}
check "the word" "container:," "$(completes show cont)"
check "a name" "web," "$(completes show container : w)"
check "names that begin so" "on-host,other," "$(completes show container : o)"
finish
