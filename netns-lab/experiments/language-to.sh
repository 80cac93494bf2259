# shellcheck shell=bash
TITLE="the example policy, what the container receives: each rule, the default, the implicit rules, and what is next to them"
DRIVERS=policyctl

experiment() {
	POLICY=$LAB_DIR/policies/web.policy
	packets_start
	enforce attach
	web_for_all
	ssh_for_the_office
	ping_by_ipv4
	what_keeps_a_network_working
	real_traffic
	undeny "$VETH"
	packets_stop
}

web_for_all() {
	local rule="allow to tcp dport { 80, 443 }" peer port
	for peer in 198.19.9.9 2001:db8:9::9; do
		for port in 80 443; do
			judged to "$peer" "tcp/$port" passed "$rule"
		done
		for port in 79 81 442 444; do
			judged to "$peer" "tcp/$port" dropped "default deny"
		done
		judged to "$peer" udp/80 dropped "default deny"
		judged to "$peer" tcp/40000:80 dropped "default deny"
		judged to "$peer" 47 dropped "default deny"
	done
}

ssh_for_the_office() {
	local rule="allow to tcp dport 22 peer @office" peer
	for peer in 198.19.100.0 198.19.100.255 2001:db8:100::1 2001:db8:100:ffff:ffff::1; do
		judged to "$peer" tcp/22 passed "$rule"
	done
	judged to 198.19.100.9 lsrr+tcp/22 passed "$rule" # the source is known
	judged to 198.19.101.0 lsrr+tcp/22 dropped "default deny"
	for peer in 198.19.99.255 198.19.101.0 2001:db8:ff:ffff::1 2001:db8:101::1; do
		judged to "$peer" tcp/22 dropped "default deny"
	done
	for peer in 198.19.100.9 2001:db8:100::9; do
		judged to "$peer" tcp/23 dropped "default deny"
		judged to "$peer" tcp/21 dropped "default deny"
		judged to "$peer" udp/22 dropped "default deny"
	done
}

# icmp and icmpv6 are different protocols.
ping_by_ipv4() {
	judged to 198.19.9.9 icmp/8 passed "allow to icmp type echo-request"
	judged to 198.19.9.9 icmp/0 dropped "default deny"
	judged to 198.19.9.9 icmp/13 dropped "default deny"
	judged to 2001:db8:9::9 icmpv6/128 dropped "default deny"
}

# Each probe ends with one ARP request, so the counter grows by one for each.
what_keeps_a_network_working() {
	judged to 2001:db8:9::9 icmpv6/2 passed "implicit allow"
	judged to 2001:db8:1::9 icmpv6/135 passed "implicit allow"
	judged to 2001:db8:1::9 icmpv6/132 passed "implicit allow"
	judged to 198.19.9.9 icmp/3.4 passed "implicit allow"
	judged to 198.19.9.9 icmp/3.3 dropped "default deny"
	judged to 2001:db8:9::9 icmpv6/134 dropped "default deny"
}

# With real stacks at both ends.
real_traffic() {
	fetch_is 200 host "http://$HOST/"
	fetch_is 200 host "http://[$CONTAINER6]/"
	tcp_is lost host "$CONTAINER" 81
	ping_is answered outside "$CONTAINER"
	ping_is lost outside "$CONTAINER6"
}
