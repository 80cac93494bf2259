# shellcheck shell=bash
# Traffic, with the tools of the notes. Each leaves its result in words in $RESULT.

PROBES=3

# nping_in ROOM ANSWER-REGEX ARGUMENTS...
nping_in() {
	local room=$1 answer=$2 sent answered
	shift 2
	say "$room# nping $*"
	SAW=$(run_in "$room" nping "$@" 2>&1)
	sent=$(grep -c '^SENT' <<<"$SAW")
	answered=$(grep -cE "^RCVD.*($answer)" <<<"$SAW")
	grep -E '^(SENT|RCVD)|rror|ailed' <<<"$SAW" | sed 's/ iplen=.*//; s/ win=.*//' | quote
	RESULT="$answered of $sent answered"
}

# tcp_probe ROOM ADDRESS PORT: SYNs; a SYN-ACK and a RST are both an answer.
tcp_probe() {
	nping_in "$1" "TCP ${2//./\\.}:$3 >" --tcp -p "$3" -c $PROBES --delay 100ms "$2"
}

# Nothing listens there: "port unreachable" is the answer.
udp_probe() { # ROOM ADDRESS PORT
	nping_in "$1" "Port unreachable" --udp -p "$3" -c $PROBES --delay 100ms "$2"
}

icmp_probe() { # ROOM ADDRESS
	nping_in "$1" "Echo reply" --icmp -c $PROBES --delay 100ms "$2"
}

pings() { # ROOM ADDRESS [SOURCE]
	say "$1# ping -n -c 2 -i 0.2 -W 1${3:+ -I $3} $2"
	SAW=$(run_in "$1" ping -n -c 2 -i 0.2 -W 1 ${3:+-I "$3"} "$2" 2>&1)
	grep -E 'bytes from|transmitted|rror' <<<"$SAW" | quote
	RESULT=$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\2 of \1 answered/p' <<<"$SAW")
}

fetch() { # ROOM URL
	say "$1# curl -sS -m 1 $2"
	SAW=$(run_in "$1" curl -sS -m 1 -w '%{http_code}\n' --noproxy '*' "$2" 2>&1)
	STATUS=$?
	quote <<<"$SAW"
	case $STATUS in
	0) RESULT=${SAW##*$'\n'} ;;
	7) RESULT=refused ;;
	28) RESULT=timeout ;;
	*) RESULT="curl exit status $STATUS" ;;
	esac
}

# Assertions on the traffic of the experiments.
ALL="$PROBES of $PROBES answered"
NONE="0 of $PROBES answered"

tcp_is() { # answered|lost ROOM ADDRESS PORT
	local expected=$ALL
	[ "$1" = answered ] || expected=$NONE
	tcp_probe "$2" "$3" "$4"
	check "TCP probes from $2 to $3 port $4: $1" "$expected" "$RESULT"
}

udp_is() { # answered|lost ROOM ADDRESS PORT
	local expected=$ALL
	[ "$1" = answered ] || expected=$NONE
	udp_probe "$2" "$3" "$4"
	check "UDP probes from $2 to $3 port $4: $1" "$expected" "$RESULT"
}

icmp_is() { # answered|lost ROOM ADDRESS
	local expected=$ALL
	[ "$1" = answered ] || expected=$NONE
	icmp_probe "$2" "$3"
	check "nping --icmp from $2 to $3: $1" "$expected" "$RESULT"
}

ping_is() { # answered|lost ROOM ADDRESS [SOURCE]
	local expected="2 of 2 answered"
	[ "$1" = answered ] || expected="0 of 2 answered"
	pings "${@:2}"
	check "ping from $2${4:+ as $4} to $3: $1" "$expected" "$RESULT"
}

fetch_is() { # 200|refused|timeout ROOM URL
	fetch "$2" "$3"
	check "curl from $2 to $3: $1" "$1" "$RESULT"
}
