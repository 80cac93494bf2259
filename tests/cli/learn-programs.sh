#!/bin/bash
# learn on real programs: a web server, a database client, apt, a mail sender and ping, with DNS. The policy written is
# applied: all of them still work, and other things, which worked without it, do not.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl redis-server redis-cli apt-get dnsmasq msmtp /usr/bin/python3 /usr/bin/getent nc
new_rooms
must ip -n host addr add 198.18.0.9/24 dev veth0 # another host on the same link
must mkdir -p "$WORK/web" "$WORK/repository" "$WORK/apt/state/lists/partial" "$WORK/apt/cache/archives/partial" "$WORK/apt/etc"
echo hello >"$WORK/web/index.html"

say "programs"
# DNS, of one name.
spawn host dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --port=53 --user=root \
	--listen-address=198.18.0.1,198.18.0.9 --bind-interfaces --pid-file="$WORK/dnsmasq.pid" \
	--address=/repository.example.test/198.18.0.1 2>/dev/null
resolver=$!
echo "nameserver 198.18.0.1" >"$WORK/resolv.conf"
must mount --bind "$WORK/resolv.conf" /etc/resolv.conf
# The repository of apt.
(cd "$WORK/repository" && printf 'Origin: test\nSuite: stable\nDate: %s\n' "$(date -Ru)" >Release)
spawn host /usr/bin/python3 -m http.server --bind 198.18.0.1 --directory "$WORK/repository" 8000 >/dev/null 2>&1
echo "deb [trusted=yes] http://repository.example.test:8000/ ./" >"$WORK/apt/etc/sources.list"
must touch "$WORK/apt/state/status" "$WORK/repository/Packages"
# A database, twice.
for port in 6379 6380; do
	spawn host redis-server --bind 198.18.0.1 --port $port --save "" --appendonly no --protected-mode no \
		--daemonize no >/dev/null 2>&1
done
# A mail server, which takes what comes, on two ports.
cat >"$WORK/mail.py" <<'PYTHON'
import socketserver, threading
class Mail(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(line + b"\r\n")
        say(b"220 mail.example.test")
        data = False
        for line in self.rfile:
            line = line.strip()
            if data:
                if line == b".":
                    data = False
                    say(b"250 taken")
            elif line.upper() == b"DATA":
                data = True
                say(b"354 go on")
            elif line.upper() == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 mail.example.test")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
servers = [Server(("198.18.0.1", port), Mail) for port in (25, 587)]
threading.Thread(target=servers[0].serve_forever, daemon=True).start()
servers[1].serve_forever()
PYTHON
spawn host /usr/bin/python3 "$WORK/mail.py"
# The web server of the container, and two that nobody is to reach.
for port in 80 8080 22; do
	spawn container /usr/bin/python3 -m http.server --directory "$WORK/web" $port >/dev/null 2>&1
done
spawn host /usr/bin/python3 -m http.server --bind 198.18.0.1 --directory "$WORK/web" 8081 >/dev/null 2>&1
for port in 53 8000 6379 6380 25 587 8081; do
	must wait_until 20 listens host $port
done
for port in 80 8080 22; do
	must wait_until 20 listens container $port
done

# --- what works, and is to go on working ---

web() { [ "$(in_host curl -s --max-time 3 http://198.18.0.2/)" = hello ]; }
database() { # PORT
	[ "$(in_container timeout 3 redis-cli -h 198.18.0.1 -p "${1:-6379}" SET key value)" = OK ]
}
apt_update() {
	in_container timeout 10 apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=3 -o APT::Sandbox::User=root \
		-o Dir::Etc="$WORK/apt/etc" -o Dir::Etc::sourcelist="$WORK/apt/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State="$WORK/apt/state" -o Dir::State::status="$WORK/apt/state/status" -o Dir::Cache="$WORK/apt/cache" \
		-o APT::Update::Error-Mode=any update >"$WORK/apt.out" 2>&1
}
mail() { # PORT
	printf 'Subject: test\n\nhello\n' | in_container msmtp --host=198.18.0.1 --port="${1:-25}" --timeout=3 \
		--from=a@example.test --auth=off --tls=off --domain=example.test b@example.test
}
ping_it() { in_container ping -qc2 -i0.1 -W1 198.18.0.1; }
work() { # TEXT
	check_true "$1: the web server is reached" web
	check_true "$1: the database client" database
	check_true "$1: apt update, by a name" apt_update
	check_true "$1: mail is sent" mail
	check_true "$1: ping" ping_it
}

# --- what works without the policy, and is not to work with it ---

OTHERS=(
	"another port of the web host|in_container curl -sf --max-time 2 http://198.18.0.1:8081/"
	"another database|database 6380"
	"submission of mail|mail 587"
	"another resolver|in_container timeout 2 /usr/bin/python3 $WORK/ask.py 198.18.0.9 17"
	"DNS over TCP|in_container timeout 2 /usr/bin/python3 $WORK/ask.py 198.18.0.1 6"
	"ping of another host|in_container ping -qc1 -W1 198.18.0.9"
	"ping by IPv6|in_container ping -qc1 -W1 2001:db8::1"
	"another server of the container|in_host curl -sf --max-time 2 http://198.18.0.2:8080/"
	"its port 22|in_host curl -sf --max-time 2 http://198.18.0.2:22/"
	"the web server for another client|in_host curl -sf --max-time 2 --interface 198.18.0.9 http://198.18.0.2/"
	"ping of the container|in_host ping -qc1 -W1 198.18.0.2"
	"the web server by IPv6|in_host curl -sgf --max-time 2 http://[2001:db8::2]/"
)
cat >"$WORK/ask.py" <<'PYTHON'
import socket, struct, sys
question = struct.pack("!HHHHHH", 7, 256, 1, 0, 0, 0) + b"\x0arepository\x07example\x04test\0" + struct.pack("!HH", 1, 1)
tcp = sys.argv[2] == "6"
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
s.settimeout(1.5)
s.connect((sys.argv[1], 53))
s.send(struct.pack("!H", len(question)) + question if tcp else question)
answer = s.recv(512)
sys.exit(bytes([198, 18, 0, 1]) not in answer)
PYTHON
# IPv6 of the web server: it listens on IPv4 alone.
spawn container /usr/bin/python3 -m http.server --bind 2001:db8::2 --directory "$WORK/web" 80 >/dev/null 2>&1
reached_by_ipv6() { in_host curl -sgfo /dev/null --max-time 2 'http://[2001:db8::2]/'; }
must wait_until 20 reached_by_ipv6

work "before"
for other in "${OTHERS[@]}"; do
	check_true "before: ${other%%|*}" eval "${other#*|}"
done

say "learning"
learns() { [[ $(in_host "$POLICYCTL" list --json 2>/dev/null) == *'"back_to": "nothing"'* ]]; }
spawn host "$POLICYCTL" learn veth0 --for 10m -o "$WORK/learnt.policy" 2>"$WORK/learnt.err"
learner=$!
must wait_until 20 learns
work "while it learns"
must sleep 0.3
kill -INT $learner
wait $learner
check "learn ends well" 0 $?
sed 's/^/# /' "$WORK/learnt.policy"
does check "$WORK/learnt.policy"
check_match "nothing is missing" 'Every connection that began was seen' "$(<"$WORK/learnt.policy")"

say "tried first"
does attach veth0 --policy "$WORK/learnt.policy" --audit
remember
work "audit"
would_drop() { in_host "$POLICYCTL" stats veth0 --json | jq '[.[0]["from", "to"].would_drop.packets] | add'; }
check "audit: none of it would be dropped" 0 "$(would_drop)"
check_true "audit: another database passes" database 6380
check_true "audit: and would be dropped" test "$(would_drop)" -gt 0

say "in force"
does apply veth0 --policy "$WORK/learnt.policy"
work "with the policy"
for other in "${OTHERS[@]}"; do
	check_false "not with it: ${other%%|*}" eval "${other#*|}"
done
say "names, where the policy in force learns them"
cat >"$WORK/names.policy" <<'POLICY'
default deny
resolver { 198.18.0.1 }
set repository dns { repository.example.test }
allow from udp dport 53 peer 198.18.0.1
allow from tcp dport 8000 peer @repository
allow to established
POLICY
does apply veth0 --policy "$WORK/names.policy"
spawn host "$POLICYCTL" learn veth0 --for 10m -o "$WORK/named.policy" 2>"$WORK/learnt.err"
learner=$!
must sleep 1
check_true "apt update, by the name" apt_update
must sleep 0.3
kill -INT $learner
wait $learner
check "learn ends well" 0 $?
check_match "the name is a comment" '^# 198.18.0.1: repository.example.test$' "$(grep repository "$WORK/named.policy" | head -1)"
does detach veth0

say "names, learnt from the answers that pass"
stop $resolver
must ip -n host addr add 198.18.0.7/24 dev veth0
must ip -n host addr add 198.18.0.8/24 dev veth0
api_at() { # ADDRESS: of api.example.test, and web.example.test, which is another name for it
	spawn host dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --port=53 --user=root \
		--listen-address=198.18.0.1 --bind-interfaces --pid-file= --host-record=api.example.test,"$1" \
		--cname=web.example.test,api.example.test --host-record=other.example.test,198.18.0.7 --local-ttl=300 2>/dev/null
	resolver=$!
	must wait_until 5 in_container getent ahostsv4 api.example.test
}
api_at 198.18.0.9
for address in 198.18.0.7 198.18.0.8 198.18.0.9; do
	spawn host /usr/bin/python3 -m http.server --bind $address --directory "$WORK/web" 8001 >/dev/null 2>&1
	must wait_until 10 in_container curl -so /dev/null "http://$address:8001/"
done
asks_web() { in_container curl -so /dev/null --max-time 2 http://web.example.test:8001/; }
learns() { # OPTION...
	spawn host "$POLICYCTL" learn veth0 --for 10m -o "$WORK/answers.policy" "$@" 2>"$WORK/learnt.err"
	learner=$!
	must sleep 1
	check_true "a web server, by its name" asks_web
	must in_container curl -so /dev/null --max-time 2 http://198.18.0.8:8001/ # by its address
	must sleep 0.3
	kill -INT $learner
	wait $learner
	check "learn ends well ($*)" 0 $?
}
rules() { sed -n 's/ *#.*//; /^\(allow from [tu]\|resolver\|set\)/p' "$WORK/answers.policy" | sort; }
learns
check_same "the name that was asked for, from whom; and an address that nobody named" \
	'allow from tcp dport 8001 peer 198.18.0.8
allow from tcp dport 8001 peer @names1
allow from udp dport 53 peer 198.18.0.1
resolver { 198.18.0.1 }
set names1 dns { web.example.test }' "$(rules)"
check_match "the address stands above, as a comment" '^# 198.18.0.9: web.example.test$' "$(<"$WORK/answers.policy")"
sed -i '/peer 198.18.0.8/d' "$WORK/answers.policy"
does attach veth0 --policy "$WORK/answers.policy"
remember
check_true "it works with the policy" asks_web
stop $resolver
api_at 198.18.0.8
check_true "and when the name has another address" asks_web
check_false "but not another name" in_container curl -so /dev/null --max-time 1 http://other.example.test:8001/
does detach veth0
stop $resolver
api_at 198.18.0.9
learns --addresses
check_same "--addresses: none of it" 'allow from tcp dport 8001 peer 198.18.0.8/31
allow from udp dport 53 peer 198.18.0.1' "$(rules)"
umount /etc/resolv.conf
finish
