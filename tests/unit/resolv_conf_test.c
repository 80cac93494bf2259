// SPDX-License-Identifier: GPL-2.0-only
/* Name servers of resolv.conf, as dockerd writes it for containers. */
#include <string.h>

#include "support.h"

#include "resolv_conf.h"
#include "util.h"

static struct resolv_conf parse(const char *text)
{
	_cleanup_(freep) char *copy = strdup(text);
	struct resolv_conf conf;

	resolv_conf_parse(copy, &conf);
	return conf;
}

static void servers(void **state)
{
	struct resolv_conf conf =
		parse("search example.test\nnameserver 198.18.0.53\nnameserver\t2001:db8::35\n"
		      "nameserver nonsense\nnameserver\n#nameserver 198.18.0.54\noptions ndots:0");

	(void)state;
	assert_false(conf.asks_dockerd);
	assert_false(conf.forwards_told);
	assert_false(resolv_conf_is_local(&conf));
	assert_int_equal(conf.servers.count, 2);
	assert_int_equal(conf.servers.items[0].high >> 32, 0xc6120035);
	assert_int_equal(conf.servers.items[1].family, PCTL_IPV6);
	assert_int_equal(conf.servers.items[1].low, 0x35);
	resolv_conf_clear(&conf);
}

static void local(void **state)
{
	struct resolv_conf conf = parse("nameserver 127.0.0.53\n");

	(void)state;
	assert_true(resolv_conf_is_local(&conf));
	resolv_conf_clear(&conf);
	conf = parse("nameserver ::1\n");
	assert_true(resolv_conf_is_local(&conf));
	resolv_conf_clear(&conf);
}

static void dockerd_before_26(void **state)
{
	struct resolv_conf conf = parse("nameserver 127.0.0.11\noptions ndots:0\n");

	(void)state;
	assert_true(conf.asks_dockerd);
	assert_false(conf.forwards_told);
	assert_int_equal(conf.servers.count, 0);
}

static void dockerd_that_tells(void **state)
{
	struct resolv_conf conf = parse("nameserver 127.0.0.11\n\n# Based on host file: 'x'\n"
					"# ExtServers: [198.18.0.53 198.18.0.54]\n");

	(void)state;
	assert_true(conf.asks_dockerd && conf.forwards_told);
	assert_false(conf.forwards_from_host);
	assert_int_equal(conf.forwards.count, 2);
	assert_int_equal(conf.forwards.items[1].high >> 32, 0xc6120036);
	resolv_conf_clear(&conf);
	conf = parse("nameserver 127.0.0.11\n# ExtServers: [host(127.0.0.53)]\n");
	assert_true(conf.forwards_from_host);
	assert_int_equal(conf.forwards.count, 0);
	resolv_conf_clear(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers),
		cmocka_unit_test(local),
		cmocka_unit_test(dockerd_before_26),
		cmocka_unit_test(dockerd_that_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
