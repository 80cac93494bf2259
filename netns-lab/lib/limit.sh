# shellcheck shell=bash
# One address limited to 3 Mbit/s each way, and what it looks like: the goodput of one TCP stream, how long a ping takes
# meanwhile, and the same to an address that is not limited.

LIMIT=3 # Mbit/s
LIMITED=$OUTSIDE
FREE=${OUTSIDE_MORE[0]} # of the same machine
STREAM_PORT=5001
IFB=ifb6c30d72

# By hand, as the notes do it: htb on the veth for what the container gets; what it sends is redirected to an ifb, and
# has its htb there. What no class takes is not limited.
limit_by_htb() { # DEVICE ADDRESS
	must_in host ip link add $IFB type ifb
	must_in host ip link set $IFB up
	htb_on "$1" src "$2"
	htb_on $IFB dst "$2"
	must_in host tc qdisc add dev "$1" clsact
	must_in host tc filter add dev "$1" ingress protocol ip u32 match ip dst "$2" \
		action mirred egress redirect dev $IFB
}

htb_on() { # DEVICE src|dst ADDRESS
	must_in host tc qdisc add dev "$1" root handle 1: htb
	must_in host tc class add dev "$1" parent 1: classid 1:3 htb rate ${LIMIT}mbit
	must_in host tc filter add dev "$1" parent 1: protocol ip u32 match ip "$2" "$3" flowid 1:3
}

limit_by_htb_off() { # DEVICE
	must_in host tc qdisc del dev "$1" clsact
	must_in host tc qdisc del dev "$1" root
	must_in host ip link del $IFB
}

streams_up() {
	spawn outside streams /usr/bin/python3 "$LAB_DIR/lib/stream.py" serve $STREAM_PORT
	wait_until 5 serves outside $STREAM_PORT && return
	fail "the server of streams comes up"
	exit 1
}

stream_says() { # WORD
	grep -qs "$1" "$LAB_STATE/stream.out"
}

stream_start() { # get|put ADDRESS AHEAD SECONDS
	say "httpserver# stream.py $1 $2 $STREAM_PORT $3 $4 &"
	spawn httpserver stream /usr/bin/python3 "$LAB_DIR/lib/stream.py" "$1" "$2" $STREAM_PORT "$3" "$4"
}

# The figure is in $RESULT.
stream_end() {
	wait_until 15 stream_says '\.'
	RESULT=$(tail -n 1 "$LAB_STATE/stream.out")
	say "  $RESULT Mbit/s"
}

within() { # SEEN LEAST MOST
	awk -v seen="$1" -v least="$2" -v most="$3" 'BEGIN { exit !(seen ~ /^[0-9.]+$/ && seen >= least && seen <= most) }'
}

# Headers and what is sent twice make goodput less than the limit. What a bucket saved while the stream was silent makes
# it more, by up to a second's worth in 2.5.
limited_is() { # get|put MEDIAN-LEAST MEDIAN-MOST GOODPUT-MOST: of pings in milliseconds, of the limit
	local median
	stream_start "$1" "$LIMITED" 1.5 2.5 # a token bucket's burst is over, a queue is full
	wait_until 10 stream_says steady
	do_in httpserver ping -n -c 8 -i 0.2 -W 5 "$LIMITED"
	median=$(sed -n 's/.* time=\([0-9.]*\) ms$/\1/p' <<<"$SAW" | sort -g | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }')
	stream_end
	check "$1: the goodput is 0.75 to $4 of $LIMIT Mbit/s" yes \
		"$(yes_or_no within "$RESULT" "$(awk "BEGIN { print 0.75 * $LIMIT }")" "$(awk "BEGIN { print $4 * $LIMIT }")")"
	check "$1: half of the pings meanwhile take $2 to $3 ms" yes "$(yes_or_no within "$median" "$2" "$3")"
}

free_is() { # get|put
	stream_start "$1" "$FREE" 0 0.3
	stream_end
	check "$1: another address is not limited (above 100 Mbit/s)" yes "$(yes_or_no within "$RESULT" 100 1000000)"
}

limit_is_seen() { # MEDIAN-LEAST MEDIAN-MOST GOODPUT-MOST
	streams_up
	limited_is get "$@"
	limited_is put "$@"
	free_is get
	free_is put
}
