#!/bin/bash
# The table of goodput ÷ limit: one TCP stream through a container's veth, by `rate`, by `shape`, and by hand with
# `tc police`, `nft limit` and `tc htb`; both directions, each hook, each congestion control; and the ping beside it.
#
#   tests/bench/rates.sh [--quick] [--seconds N] [--limits LIST] [--only rate|shape|police|nft|htb]…
#
# A stream sends for 3 s, which drain the bucket, and then for N, 20 without the option. The first figure of a cell is
# the goodput of the N seconds, the second that of all. A bucket holds what the limit sends in a second, and nobody
# knows how full it is when the N seconds begin and end: so a few of them say little.
#
# --quick: one limit, one congestion control, 2 s each: to see that it works. The whole takes half an hour; limits and
# ways can run beside one another, each in a script of its own.
# --limits "3 100": Mbit/s. What this kernel or this policyctl does not have is left out, with its reason.
# shellcheck disable=SC2317 # functions are called by names that are made of words
. "$(dirname "$0")/../cli/lib.sh"
sandbox "$@"
need /usr/bin/python3 ping jq

limits="3 100 1000" controls="cubic bbr" seconds=20 only=""
while [ $# -gt 0 ]; do
	case $1 in
	--quick) limits=100 controls=cubic seconds=2 ;;
	--seconds) seconds=$2 && shift ;;
	--limits) limits=$2 && shift ;;
	--only) only+=" $2 " && shift ;;
	*) fail "what is $1?" ;;
	esac
	shift
done

new_rooms
spawn host /usr/bin/python3 "$TESTS/bench/stream.py" serve 5201
spawn container /usr/bin/python3 "$TESTS/bench/stream.py" serve 5201
must wait_until 10 listens host 5201
must wait_until 10 listens container 5201

sender() { # DIRECTION
	[ "$1" = from ] && echo container || echo host
}

target() { # DIRECTION
	[ "$1" = from ] && echo 198.18.0.1 || echo 198.18.0.2
}

# --- ways to limit: each has on WAY DIRECTION MBIT and off WAY ------------------------------------------

on_rate() { # HOOK DIRECTION MBIT
	local hook=()
	read -ra hook <<<"${1//_/ }"
	echo "default $2 allow $word ${3}mbit" >"$WORK/limit.policy"
	in_host "$POLICYCTL" attach veth0 --policy "$WORK/limit.policy" "${hook[@]}" >/dev/null 2>"$WORK/reason"
}

off_rate() {
	must in_host "$POLICYCTL" detach veth0 >/dev/null
}

on_police() { # - DIRECTION MBIT: a burst of one second, as `rate` has it
	local side=ingress
	[ "$2" = from ] || side=egress
	must tc -n host qdisc add dev veth0 clsact
	tc -n host filter add dev veth0 "$side" protocol all u32 match u32 0 0 \
		action police rate "${3}mbit" burst $(($3 * 125000)) drop 2>"$WORK/reason"
}

off_police() {
	tc -n host qdisc del dev veth0 clsact
}

on_nft() { # - DIRECTION MBIT: a burst of one second
	local side=ingress bytes=$(($3 * 125000))
	[ "$2" = from ] || side=egress
	in_host nft -f - 2>"$WORK/reason" <<-END
		table netdev limits {
			chain c {
				type filter hook $side device veth0 priority 0; policy accept;
				limit rate over $bytes bytes/second burst $bytes bytes drop
			}
		}
	END
}

off_nft() {
	in_host nft delete table netdev limits
}

on_htb() { # - DIRECTION MBIT
	local device=veth0
	if [ "$2" = from ]; then
		device=ifb0
		must ip -n host link add ifb0 type ifb
		must ip -n host link set ifb0 up
		must tc -n host qdisc add dev veth0 clsact
		tc -n host filter add dev veth0 ingress protocol all u32 match u32 0 0 action mirred egress redirect dev ifb0 2>"$WORK/reason" ||
			return
	fi
	tc -n host qdisc add dev "$device" root handle 1: htb default 1 2>"$WORK/reason" &&
		tc -n host class add dev "$device" parent 1: classid 1:1 htb rate "${3}mbit" 2>"$WORK/reason"
}

off_htb() {
	ip -n host link del ifb0 2>/dev/null
	tc -n host qdisc del dev veth0 root 2>/dev/null
	tc -n host qdisc del dev veth0 clsact 2>/dev/null
	return 0
}

# --- one measurement ------------------------------------------------------------------------------------

# Prints goodput ÷ limit, without the first 3 s and with them, and the mean ping beside it in ms.
measure() { # DIRECTION MBIT CONTROL
	local from goodput pings
	from=$(sender "$1")
	# A bucket of a second is drained in 3 s at any speed above 4/3 of the limit.
	inside "$from" ping -qi0.1 -c $(((seconds + 3) * 10)) -w $((seconds + 3)) "$(target "$1")" >"$WORK/pings" &
	pings=$!
	goodput=$(inside "$from" /usr/bin/python3 "$TESTS/bench/stream.py" send "$(target "$1")" 5201 "$3" 3 "$seconds")
	wait $pings
	echo "$2 $goodput $(sed -n 's,.*= [0-9.]*/\([0-9.]*\)/.*,\1,p' "$WORK/pings")" |
		awk '{ printf "%.3f %.3f %s", $2 / ($1 * 1e6), $3 / ($1 * 1e6), $4 == "" ? "-" : $4 }'
}

row() { # NAME WAY HOOK DIRECTION
	local mbit control cells="" result=()
	for mbit in $limits; do
		for control in $controls; do
			if ! "on_$2" "$3" "$4" "$mbit"; then
				"off_$2" >/dev/null 2>&1
				printf '# %-22s %-4s not here: %s\n' "$1" "$4" "$(head -1 "$WORK/reason")"
				return
			fi
			read -ra result <<<"$(measure "$4" "$mbit" "$control")"
			cells+=$(printf ' %5s %5s %8s' "${result[@]}")
			"off_$2"
		done
	done
	printf '# %-22s %-4s%s\n' "$1" "$4" "$cells"
}

is_asked() { # WAY
	[ -z "$only" ] || [[ $only = *" $1 "* ]]
}

head="" under=""
for mbit in $limits; do
	for control in $controls; do
		head+=$(printf ' %20s' "$mbit $control") under+=$(printf ' %5s %5s %8s' later all 'ping ms')
	done
done
printf '# %-22s %-4s%s\n# %-27s%s\n' "Mbit/s, control" "" "$head" "" "$under"
for way in rate shape; do
	is_asked $way || continue
	word=$way
	row "$way, tc" rate --hook_tc from
	row "$way, XDP and guard" rate --mode_generic from
	row "$way, native and guard" rate --mode_native from
	row "$way" rate --hook_tc to
done
by_hand() { # NAME WAY
	is_asked "$2" || return
	row "$1" "$2" - from
	row "$1" "$2" - to
}

by_hand "tc police" police
by_hand "nft limit" nft
by_hand "tc htb" htb
remember
check "a table was made" yes yes
finish
