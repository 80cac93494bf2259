/* SPDX-License-Identifier: GPL-2.0-only */
/* Warnings about defaults that drop the answers to what passes in the other direction. */
#include "warnings.h"
#include "world.h"

static void dropped_answers_are_warned_of(void **state)
{
	(void)state;
	assert_warnings(
		"allow to tcp dport 80\ndefault to deny\n",
		"test:2:1: warning: `default to deny` also drops the answers to what the container "
		"opens itself (tcp and udp): its own connections will not work; `allow to "
		"established` lets the answers in\n"
		"test:2:1: warning: `default to deny` also drops the answers of DHCP servers: if "
		"the container gets its address by DHCP, it needs `allow from udp sport 68 dport "
		"67` and `allow to udp sport 67 dport 68`\n");
	assert_warns("default to deny\nallow to tcp dport 1024-65535\n", "(udp)");
	assert_warns("default to deny\ndeny from tcp\n", "(udp): its own");
	assert_warns("default deny\nallow from tcp\nallow to tcp dport 22 peer 192.0.2.1\n"
		     "deny to tcp peer 192.0.2.2\n",
		     "opens itself (tcp): ");
}

/* What a rule names by its port is answered from that port. */
static void dropped_answers_to_ports_of_rules(void **state)
{
	(void)state;
	assert_warnings("default deny\nallow from udp dport 53\n",
			"test:1:1: warning: `default to deny` also drops the answers to what the "
			"container opens itself (udp port 53): these connections will not work; "
			"`allow to established` lets the answers in\n");
	assert_warns("default deny\nallow from tcp dport 443 peer 192.0.2.1\n",
		     "(tcp port 443): these connections will not work");
	assert_warns("default deny\nallow from tcp dport 443 sport 40000-50000\n",
		     "(tcp port 443)");
	assert_warns("default deny\nallow from { tcp, udp } dport { 53, 80-90 }\n",
		     "(tcp and udp port { 53, 80-90 })");
	/* another server's answers are no help */
	assert_warns("default deny\nallow from udp dport { 53, 123 }\nallow to udp sport 123\n",
		     "(udp port 53)");
	assert_warns("default deny\nallow from udp dport 53\nallow to udp sport 53 dport 40000\n",
		     "(udp port 53)");
}

/* The mirror image: what a server in the container answers. */
static void dropped_answers_of_servers_are_warned_of(void **state)
{
	(void)state;
	assert_warnings("default deny\nallow to tcp dport 80\n",
			"test:1:1: warning: `default from deny` also drops the answers of the "
			"container's servers (tcp port 80): connections to them will not work; "
			"`allow from established` lets the answers out\n");
	assert_warns("default deny\nallow to tcp dport { 80, 443 }\nallow from tcp sport 80\n",
		     "(tcp port 443)");
	assert_warns("default deny\nallow to { udp, sctp } dport 5000\n",
		     "(udp and sctp port 5000)");
	assert_warns("default deny\nallow to tcp dport 22 peer 192.0.2.1\n", "(tcp port 22)");
	assert_warnings(
		"default from deny\n",
		"test:1:1: warning: `default from deny` also drops the answers of servers in the "
		"container (tcp and udp): its published ports will not work; `allow from "
		"established` lets the answers out; if nothing is to reach the container, write "
		"`default to deny` and `allow to established`\n");
	assert_warns("default from deny\nallow from tcp dport { 80, 443 }\n", "(tcp and udp)");
	assert_warns("default deny\nallow to tcp\n", "container (tcp): its published ports");
}

static void a_dhcp_client_is_told_of_its_rules(void **state)
{
	static const char both[] = "`allow from udp sport 68 dport 67` and `allow to udp sport 67 "
				   "dport 68`\n";
	char *messages;

	(void)state;
	assert_warns("default to deny\n", both);
	assert_warns("default deny\nallow from udp dport 67\n", both);
	assert_warns("default to deny\nallow from udp dport 67\n"
		     "allow to { tcp, udp } dport 32768-60999\n",
		     both);
	assert_warnings("default deny\nallow from udp sport 68 dport 67\n"
			"allow to udp sport 67 dport 68\n",
			"");
	messages = warnings_of("default to deny\nallow to udp sport 67 dport 68\n");
	assert_null(strstr(messages, "DHCP"));
	free(messages);
}

static void dropped_echo_replies_are_warned_of(void **state)
{
	(void)state;
	assert_warnings("default deny\nallow to icmp type echo-request\n",
			"test:1:1: warning: `default from deny` also drops the answers to echo "
			"requests: `allow from established` lets them pass\n");
	assert_warns("default deny\nallow from icmpv6\n", "`allow to established`");
	assert_warnings("default deny\nallow icmp\n", "");
	assert_warnings("default deny\nallow to icmp type echo-request\nallow from icmp type 0\n",
			"");
}

/* The line that the warnings name is enough, but for DHCP. */
static void established_answers_are_not_dropped(void **state)
{
	char *messages;

	(void)state;
	assert_warnings("default deny\nallow from udp dport 53\nallow from icmp type echo-request\n"
			"allow from tcp dport 443\nallow to established\n",
			"");
	assert_warnings("default deny\nallow to tcp dport { 80, 443 }\nallow from established\n",
			"");
	assert_warns("default deny\nallow from udp dport 53\nallow to tcp established\n",
		     "(udp port 53)");
	messages = warnings_of("default to deny\nallow from udp dport 67\nallow to established\n");
	assert_null(strstr(messages, "itself"));
	assert_non_null(strstr(messages, "DHCP"));
	free(messages);
	/* It lets nothing begin. */
	assert_warnings("default deny\nallow to established\nallow from established\n", "");
}

static void answers_that_nobody_waits_for_are_not(void **state)
{
	static const char *const texts[] = {
		"default deny\n",
		"default to deny\nallow to { tcp, udp }\n",
		"default to deny\ndeny from any\n",
		"default from deny\ndeny to any\n",
		"default to deny\ndeny to { tcp, udp }\n", /* the author wrote what is meant */
		"default from deny\ndeny from { tcp, udp }\n",
		"default to deny\nallow to { tcp, udp } dport 32768-60999\n",
		/* the author has thought of answers */
		"default to deny\nallow to { tcp, udp } sport { 53, 443 }\n",
		"default to deny\nallow to { tcp, udp } peer 192.0.2.0/24\n",
		"default from deny\nallow from { tcp, udp } sport 80\n",
		/* a server's answers open nothing */
		"default deny\nallow to tcp dport 80\nallow from tcp sport 80\n",
		/* a server: what it sends are answers */
		"default deny\nallow to tcp dport 80\nallow from tcp dport 32768-60999\n",
		/* a client that serves nothing */
		"default deny\nallow from tcp dport 443\nallow to { tcp, udp } dport 32768-60999\n",
		"default deny\nallow from udp dport 53\nallow to udp sport 53 dport 32768-60999\n",
		/* everything with one peer */
		"default deny\nallow any peer 192.0.2.1\n",
		"default deny\nallow to any peer 192.0.2.1\nallow from any peer 192.0.2.1\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_warnings(texts[i], "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dropped_answers_are_warned_of),
		cmocka_unit_test(dropped_answers_to_ports_of_rules),
		cmocka_unit_test(dropped_answers_of_servers_are_warned_of),
		cmocka_unit_test(a_dhcp_client_is_told_of_its_rules),
		cmocka_unit_test(dropped_echo_replies_are_warned_of),
		cmocka_unit_test(established_answers_are_not_dropped),
		cmocka_unit_test(answers_that_nobody_waits_for_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
