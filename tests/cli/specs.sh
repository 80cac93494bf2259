#!/bin/bash
# What each form of a SPEC drops and what it passes, with packets of both families in both directions.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need curl /usr/bin/python3
new_rooms

ALL="4:tcp/80 6:tcp/80 4:tcp/443 6:tcp/443 4:udp/53 6:udp/53 4:udp/80 6:udp/80 4:icmp/8 4:icmp/0 6:icmpv6/128
6:icmpv6/129 4:sctp/80 6:sctp/80 4:sctp/81 4:udplite/53 6:udplite/53 4:dccp/80 4:47 6:47 4:50 6:50 4:255"

# drops FROM TO ARGUMENTS...: of the classes in ALL, the policy drops those that match the regex FROM (sent by the
# container) and TO (received); "-" is none.
drops() {
	local regex=([0]=$1 [1]=$2) direction number expected seen all=$ALL
	shift 2
	policyctl apply veth0 "$@"
	[ "$STATUS" = 0 ] || fail "apply $*" "$ERR"
	for number in 0 1; do
		direction=from
		[ $number = 0 ] || direction=to
		expected=$(tr ' ' '\n' <<<"$all" | grep -E "^(${regex[number]})$" | one_line)
		# shellcheck disable=SC2086
		seen=$("sent_$direction" 1 $all | sed -n 's/ 0$//p' | one_line)
		check "$*: ${direction} the container drops ${expected:-nothing}" "$expected" "$seen"
	done
}

say "real clients: to:tcp/80 and from:tcp/80"
serve host 80
serve container 80
does attach veth0 --deny to:tcp/80
remember
check_false "to:tcp/80 stops the host's curl, IPv4" fetch host 198.18.0.2:80 0.3
check_false "and IPv6" fetch host '[2001:db8::2]:80' 0.3
check_true "and not the container's, IPv4" fetch container 198.18.0.1:80
check_true "and IPv6" fetch container '[2001:db8::1]:80'
does apply veth0 --deny from:tcp/80
remember
check_true "from:tcp/80 leaves the host's curl alone, IPv4" fetch host 198.18.0.2:80
check_true "and IPv6" fetch host '[2001:db8::2]:80'
check_false "and stops the container's, IPv4" fetch container 198.18.0.1:80 0.3
check_false "and IPv6" fetch container '[2001:db8::1]:80' 0.3

say "protocols"
drops - - --default allow
drops '.:tcp/.*' '.:tcp/.*' --deny tcp
drops '.:udp/.*' - --deny from:udp
drops - '.:sctp/.*' --deny to:sctp
drops '4:icmp/.*' '4:icmp/.*' --deny icmp
drops '6:icmpv6/.*' '6:icmpv6/.*' --deny icmpv6
drops '.:47' '.:47' --deny 47
drops '.:47' '.:47' --deny gre
drops '4:255' '4:255' --deny 255
drops '.:udplite/.*|4:dccp/.*' '.:udplite/.*' --deny udplite --deny from:dccp
drops '.*' '.*' --deny any
drops - '.*' --deny to:any

say "ports"
drops - '.:tcp/80' --deny to:tcp/80
drops '.:udp/53' - --deny from:udp/53
drops '.:tcp/443' '.:tcp/443' --deny 443/tcp
drops '.:sctp/80' '.:sctp/80' --deny sctp/80
drops '.:udplite/53' '.:udplite/53' --deny udplite/53
drops '4:dccp/80' '4:dccp/80' --deny dccp/80
drops '.:tcp/80' '.:tcp/80' --deny tcp/80-442
drops '.:tcp/443' '.:tcp/443' --deny tcp/81-443
drops '.:tcp/.*' '.:tcp/.*' --deny tcp/0-65535
drops '.:udp/80' '.:udp/.*' --deny to:udp/1-60 --deny udp/79-81
drops '4:icmp/8' '4:icmp/8' --deny icmp/8

say "fields of rules: a SPEC with blanks"
drops '4:tcp/80' '4:tcp/80' --deny "tcp dport 80 peer 198.18.0.0/24"
drops '4:tcp/80' '6:tcp/80' --deny "from:tcp/80 peer 198.18.0.1" --deny "to tcp dport 80 peer 2001:db8::1"
drops '.:tcp/443' '.:tcp/443' --deny "tcp dport not 80"
drops '4:tcp/80|4:udp/80' - --deny "from { tcp, udp } dport 80 peer { 198.18.0.1, 203.0.113.0/24 }"
drops '6:.*' - --deny "from any peer not { 198.18.0.0/15 }"
drops - '6:icmpv6/128' --deny "to:icmpv6/echo-request peer 2001:db8::/32"
drops - - --deny "tcp sport 1-2"

say "whole rules: --rule"
drops '4:tcp/80' '4:udp/53' --rule "set them { 198.18.0.1 }; deny from tcp dport 80 peer @them" \
	--deny "to:udp/53 peer @them"
drops '.:tcp/443' '.:tcp/443' --rule "allow tcp dport 80
	deny tcp"
drops '.*' - --rule "default from deny; allow to tcp" --default to:allow
printf 'set them { 198.18.0.1 }\ndeny to icmp\n' >"$WORK/them.policy"
drops '4:tcp/80' '4:icmp/.*' --policy "$WORK/them.policy" --rule "deny from tcp dport 80 peer @them"
policyctl apply veth0 --rule "allow udp; deny tpc" --rule ""
check "a mistake: status 2" 2 "$STATUS"
check_match "with its place" "^RULE:1:17: error: unknown protocol 'tpc', did you mean 'tcp'\\?$" "$ERR"
check_match "the line" '^    allow udp; deny tpc$' "$ERR"
check_match "and a caret" '^ {20}\^~~$' "$ERR"
check_match "a text without a rule is one" '^RULE: error: there is no rule in it' "$ERR"

say "order: the first match decides"
drops '.:tcp/443' '.:tcp/443' --allow tcp/80 --deny tcp
drops '.:tcp/.*' '.:tcp/.*' --deny tcp --allow tcp/80
check_match "a rule that is never reached is warned about" 'warning' "$ERR"
drops '.:tcp/80|.:udp/53|.:udp/80' '.:tcp/80|.:udp/80' --allow to:udp/53 --deny udp --deny tcp/80 --allow any --deny tcp
drops '.:tcp/443' '.:tcp/80' --allow from:tcp/80 --allow to:tcp/443 --deny tcp

say "default deny"
drops '.*' '.*' --default deny
drops '.*' - --default from:deny
drops - '.*' --default to:deny
drops '.:[a-z0-9]*|.:[^t].*|.:tcp/443' '.:[a-z0-9]*|.:[^t].*|.:tcp/443' --default deny --allow tcp/80
drops '.:udp/53' '.*' --default to:deny --deny from:udp/53
does apply veth0 --default deny --allow icmp --allow icmpv6/128 --allow icmpv6/129
remember
in_host ip neigh flush dev veth0
in_container ip neigh flush dev eth0
check_true "ARP works: the host pings with no neighbour known" pings host 198.18.0.2
check_true "IPv6 neighbour discovery too" pings host 2001:db8::2
in_host ip neigh flush dev veth0
in_container ip neigh flush dev eth0
check_true "and the container, ARP" pings container 198.18.0.1
check_true "and IPv6" pings container 2001:db8::1
ALL="6:icmpv6/2 6:icmpv6/130 6:icmpv6/133 6:icmpv6/134 6:icmpv6/135 6:icmpv6/136 6:icmpv6/137 6:icmpv6/143 4:icmp/5"
drops '6:icmpv6/134|6:icmpv6/137|4:icmp/5' '6:icmpv6/134|6:icmpv6/137|4:icmp/5' --default deny
policyctl show veth0
check_match "show prints the implicit rules: ARP" '^# implicit: allow arp ' "$OUT"
check_match "and neighbour discovery" '^# implicit: allow icmpv6 .*neighbour-solicitation' "$OUT"
does detach veth0
finish
