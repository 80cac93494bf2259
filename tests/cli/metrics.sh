#!/usr/bin/env bash
# Metrics over HTTP: at addresses of both families and at a unix socket; and refusals.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl python3
SERVE_METRICS=$POLICYCTL_BUILD/serve_metrics
[ -x "$SERVE_METRICS" ] || skip "$SERVE_METRICS is not built"

new_netns host
must ip -n host addr add 198.18.0.1/32 dev lo

start() { # WHERE [BYTES]: $SERVER
	spawn host "$SERVE_METRICS" "$@" >"$WORK/server"
	SERVER=$!
	must wait_until 10 grep -q ready "$WORK/server"
}

refuses() { # TEXT WHERE REGEX: it does not start, and says why
	check_match "$1" "$3" "$(in_host timeout 10 "$SERVE_METRICS" "$2")"
}

ask() { # ARGUMENTS OF CURL: status and what goes with it in $HEAD, the text in $BODY
	BODY=$(in_host curl -sg --max-time 20 -D "$WORK/head" "$@")
	HEAD=$(tr -d '\r' <"$WORK/head")
}

# --- what is said --------------------------------------------------------------------------------------

start 198.18.0.1:9099
ask http://198.18.0.1:9099/metrics
check_match "metrics: found" '^HTTP/1.1 200 ' "$HEAD"
check_match "metrics: of the type that Prometheus wants" \
	'^Content-Type: text/plain; version=0.0.4; charset=utf-8$' "$HEAD"
check "metrics: the text" "policyctl_asked_total 1" "$BODY"
ask "http://198.18.0.1:9099/metrics?name=x"
check "metrics are made anew each time, whatever stands behind the question mark" "policyctl_asked_total 2" "$BODY"
ask -I http://198.18.0.1:9099/metrics
check_match "HEAD: found" '^HTTP/1.1 200 ' "$HEAD"
check_match "HEAD: how long it would be" '^Content-Length: 24$' "$HEAD"
ask http://198.18.0.1:9099/
check "/: a hint" "policyctl: see /metrics" "$BODY"
for path in /metric /metrics/ /metrics/x //metrics /../etc/passwd; do
	ask --path-as-is "http://198.18.0.1:9099$path"
	check_match "$path: not found" '^HTTP/1.1 404 ' "$HEAD"
done
for method in POST PUT DELETE OPTIONS get; do
	ask -X "$method" -d something http://198.18.0.1:9099/metrics
	check_match "$method: not allowed" '^HTTP/1.1 405 ' "$HEAD"
	check_match "$method: what is" '^Allow: GET, HEAD$' "$HEAD"
done
refuses "a port in use" 198.18.0.1:9099 '^EADDRINUSE: 198.18.0.1:9099: Address already in use$'
refuses "an address of another host" 198.18.0.2:9099 '^EADDRNOTAVAIL: 198.18.0.2:9099: '
refuses "no address" localhost:9099 '^EINVAL: localhost:9099: expected ADDRESS:PORT'

# --- clients that block others --------------------------------------------------------------------------

cat >"$WORK/idle.py" <<'END'
# Opens connections that send nothing, or half a request, and prints how long they live.
import socket, sys, time
start = time.monotonic()
idle = [socket.create_connection(("198.18.0.1", 9099)) for _ in range(int(sys.argv[1]))]
for one in idle[::2]:
    one.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: ")
print("open", flush=True)
for one in idle:
    one.settimeout(30)
    while one.recv(4096):
        pass
print(round(time.monotonic() - start))
END

ticks() { # of CPU
	awk '{ print $14 + $15 }' "/proc/$SERVER/stat"
}

spawn host /usr/bin/python3 "$WORK/idle.py" 128 >"$WORK/idle"
IDLE=$!
must wait_until 10 grep -q open "$WORK/idle"
ask http://198.18.0.1:9099/metrics
check_match "128 that say nothing: the next one is served" '^HTTP/1.1 200 ' "$HEAD"
wait "$IDLE"
# Fewer than there is room for: none has to go before its time.
spawn host /usr/bin/python3 "$WORK/idle.py" 64 >"$WORK/idle"
IDLE=$!
must wait_until 10 grep -q open "$WORK/idle"
before=$(ticks)
wait "$IDLE"
check_match "who says nothing is closed after 10 s" '^(9|10|11|12)$' "$(tail -n 1 "$WORK/idle")"
check_true "and costs nothing meanwhile" test $(($(ticks) - before)) -le 10

# Connections that are held open, half of them with half a request, and new ones as soon as one is closed.
cat >"$WORK/greedy.py" <<'END'
import selectors, socket, sys
where, count = sys.argv[1], int(sys.argv[2])
watch = selectors.DefaultSelector()
def one_more():
    family = socket.AF_UNIX if where[0] == "/" else socket.AF_INET
    one = socket.socket(family)
    try:
        one.connect(where if where[0] == "/" else (where, 9099))
        one.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: ")
        watch.register(one, selectors.EVENT_READ)
    except (BlockingIOError, ConnectionError):
        one.close()
for _ in range(count):
    one_more()
print("open", flush=True)
while True:
    for key, _ in watch.select():
        try:
            if key.fileobj.recv(4096):
                continue
        except ConnectionError:
            pass
        watch.unregister(key.fileobj)
        key.fileobj.close()
        one_more()
END

served_beside() { # GREEDY-WHERE CURL-ARGUMENTS...: of 20 requests, how many get an answer within 2 s
	local served=0 i
	spawn host /usr/bin/python3 "$WORK/greedy.py" "$1" 600 >"$WORK/greedy" 2>"$WORK/greedy.err"
	GREEDY=$!
	wait_until 30 grep -q open "$WORK/greedy"
	for ((i = 0; i < 20; i++)); do
		in_host curl -gs --max-time 2 "${@:2}" | grep -q policyctl_asked_total && served=$((served + 1))
	done
	stop $GREEDY
	echo $served
}

check "600 half requests, and new ones without end: all 20 others are served within 2 s" 20 \
	"$(served_beside 198.18.0.1 http://198.18.0.1:9099/metrics)"
ask http://198.18.0.1:9099/metrics
check_match "and it goes on serving" '^HTTP/1.1 200 ' "$HEAD"

stop "$SERVER"
check_false "it listens no more" listens host 9099

# --- other places --------------------------------------------------------------------------------------

start "[::1]:9099" 5000000
ask -o "$WORK/large" --limit-rate 4M "http://[::1]:9099/metrics"
check "IPv6, and a text of 5 MB for a slow reader" 5000024 "$(stat -c %s "$WORK/large")"
ask -o "$WORK/small" --max-time 0.01 "http://[::1]:9099/metrics" # gone in the middle
ask -I "http://[::1]:9099/metrics"
check_match "who leaves in the middle does no harm" '^HTTP/1.1 200 ' "$HEAD"
stop "$SERVER"
start "[::1]:9099"
pass "the same address again at once"
stop "$SERVER"

start "unix:$WORK/socket"
check "unix socket: its mode" "660 socket" "$(stat -c '%a %F' "$WORK/socket")"
ask --unix-socket "$WORK/socket" http://localhost/metrics
check "unix socket: the text" "policyctl_asked_total 1" "$BODY"
check "unix socket: 600 half requests keep nobody out" 20 \
	"$(served_beside "$WORK/socket" --unix-socket "$WORK/socket" http://localhost/metrics)"
refuses "a unix socket that somebody listens on" "unix:$WORK/socket" '^EADDRINUSE: unix:'
ask --unix-socket "$WORK/socket" http://localhost/metrics
check_match "and he still does" policyctl_asked_total "$BODY"
{ kill -KILL "$SERVER" && wait "$SERVER"; } 2>/dev/null
check "killed, it leaves its socket" socket "$(stat -c %F "$WORK/socket")"
start "unix:$WORK/socket"
ask --unix-socket "$WORK/socket" http://localhost/metrics
check "the next one replaces it" "policyctl_asked_total 1" "$BODY"
stop "$SERVER"
check_false "at the end it is removed" test -e "$WORK/socket"

echo precious >"$WORK/file"
refuses "a file in its place" "unix:$WORK/file" '^EADDRINUSE: '
check "is left alone" precious "$(cat "$WORK/file")"
ln -s "$WORK/file" "$WORK/link"
refuses "a link in its place" "unix:$WORK/link" '^EADDRINUSE: '
check "is left alone too" "$WORK/file" "$(readlink "$WORK/link")"
refuses "no such directory" unix:/nonexistent/socket '^ENOENT: '

start "unix:$WORK/socket"
mv "$WORK/socket" "$WORK/moved"
echo precious >"$WORK/socket"
stop "$SERVER"
check "at the end, what is not its own stays" precious "$(cat "$WORK/socket")"

finish
