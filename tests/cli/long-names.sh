#!/bin/bash
# Long names of containers: whole in a pipe, in JSON and in metrics; cut with a mark on a terminal; what the pinned
# record has no room for has a mark too.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need python3 script
new_rooms
spawn container sleep 600
PID=$!
ID=$(printf 'c0ffee%058d' 7)

group_of $PID "$ID"

# An engine with one container of this name, which runs as PID.
engine() { # NAME
	/usr/bin/python3 - "$WORK/engine" "$1" $PID "$ID" <<'END' &
import http.server, json, os, socketserver, sys
path, name, pid, ident = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
whole = {"Id": ident, "Name": "/" + name, "Config": {"Labels": {}}, "State": {"Running": True, "Pid": pid},
         "HostConfig": {"NetworkMode": "bridge"}, "NetworkSettings": {"Networks": {"bridge": {}}}}
short = whole | {"Names": ["/" + name], "Labels": {}, "State": "running"}
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        here = self.path.split("?")[0]
        body = [short] if here.endswith("/containers/json") else [] if here.endswith("/networks") else whole
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def address_string(self): return "local"
    def log_message(self, *_): pass
if os.path.exists(path): os.unlink(path)
socketserver.ThreadingUnixStreamServer(path, Answer).serve_forever()
END
	ENGINE=$!
	SPAWNED+=("$ENGINE")
	must wait_until 10 test -S "$WORK/engine"
}

name_of() { # LENGTH
	printf "%0$1d" 0 | tr 0 n
}

for length in 32 33 127 128 255 256 400; do
	name=$(name_of $length)
	kept=$name
	[ $length -le 255 ] || kept=$(name_of 252)...
	rm -f "$WORK/engine"
	engine "$name"
	export DOCKER_HOST=unix://$WORK/engine
	does attach "container:$ID" --deny tcp
	remember
	check "$length bytes: list in a pipe" "$kept" "$(in_host "$POLICYCTL" list | awk 'NR == 2 { print $1 }')"
	stop $ENGINE # what follows is from the record
	check "$length bytes: the record" "$kept" "$(in_host "$POLICYCTL" list --json | jq -r '.[0].container.name')"
	check_match "$length bytes: show" " $kept \(c0ffee" "$(in_host "$POLICYCTL" show veth0)"
	check "$length bytes: metrics" "$kept" \
		"$(in_host "$POLICYCTL" stats --prometheus | sed -n 's/^policyctl_enforcing.*container="\([^"]*\)".*/\1/p')"
	in_host script -qec "stty cols 200; '$POLICYCTL' list" "$WORK/typescript" >/dev/null
	shown=$kept
	[ $length -le 32 ] || shown=$(name_of 29)...
	check "$length bytes: list on a terminal" "$shown" "$(awk '/^n/ { print $1 }' "$WORK/typescript")"
	does detach veth0
done

say "the name of a container where an interface is wanted"
rm -f "$WORK/engine"
engine web
for name in web "${ID:0:12}"; do
	policyctl show "$name"
	check "show $name: exit status" 4 "$STATUS"
	check_match "  the message says what helps" "but there is a container of this name: container:$name \\(nothing" "$ERR"
done
policyctl show we
check_no_match "a part of its name is none" "container of this name" "$ERR"
stop $PID
remove_groups
finish
