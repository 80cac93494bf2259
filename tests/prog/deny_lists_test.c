/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps proto_rules and port_rules have the rules of the policy, for readers with bpftool. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <netinet/in.h>

#include "support.h"

#define PASS(slot) PCTL_OUTCOME(PCTL_PASS, slot)
#define DROP(slot) PCTL_OUTCOME(PCTL_DROP, slot)

static int proto_rules(const struct enforcer *e)
{
	return e->generation.maps[MAP_PROTO_RULES];
}

static int port_rules(const struct enforcer *e)
{
	return e->generation.maps[MAP_PORT_RULES];
}

static uint32_t whole(const struct enforcer *e, enum pctl_direction d, uint8_t protocol)
{
	struct pctl_proto_key key = { .direction = d, .protocol = protocol };
	uint32_t outcome = PCTL_NONE;

	bpf_map_lookup_elem(proto_rules(e), &key, &outcome);
	return outcome;
}

static uint32_t single(const struct enforcer *e, enum pctl_direction d, uint8_t protocol,
		       uint16_t selector)
{
	struct pctl_port_key key = {
		.plane = d,
		.protocol = protocol,
		.selector = htons(selector),
	};
	uint32_t outcome = PCTL_NONE;

	bpf_map_lookup_elem(port_rules(e), &key, &outcome);
	return outcome;
}

static size_t entries(int fd)
{
	uint32_t key, previous; /* both maps have keys of four bytes and less */
	size_t count = 0;

	if (bpf_map_get_next_key(fd, NULL, &key))
		return 0;
	do {
		count++;
		previous = key;
	} while (!bpf_map_get_next_key(fd, &previous, &key));
	return count;
}

static void test_protocols(void **state)
{
	const struct enforcer *e = enforce("deny tcp\ndeny from udp\nallow to gre\n");

	(void)state;
	assert_int_equal(whole(e, PCTL_FROM, IPPROTO_TCP), DROP(RULE(0)));
	assert_int_equal(whole(e, PCTL_TO, IPPROTO_TCP), DROP(RULE(0)));
	assert_int_equal(whole(e, PCTL_FROM, IPPROTO_UDP), DROP(RULE(1)));
	assert_int_equal(whole(e, PCTL_TO, IPPROTO_UDP), PCTL_NONE);
	assert_int_equal(whole(e, PCTL_TO, IPPROTO_GRE), PASS(RULE(2)));
	assert_int_equal(entries(proto_rules(e)), 4);
	assert_int_equal(entries(port_rules(e)), 0);
}

static void test_ports(void **state)
{
	const struct enforcer *e = enforce("deny tcp dport { 80, 443 }\n"
					   "deny to udp dport 53\n"
					   "deny from icmp type 8 code 0\n");

	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		assert_int_equal(single(e, d, IPPROTO_TCP, 80), DROP(RULE(0)));
		assert_int_equal(single(e, d, IPPROTO_TCP, 443), DROP(RULE(0)));
	}
	assert_int_equal(single(e, PCTL_TO, IPPROTO_UDP, 53), DROP(RULE(1)));
	assert_int_equal(single(e, PCTL_FROM, IPPROTO_ICMP, 8 << 8), DROP(RULE(2)));
	assert_int_equal(entries(port_rules(e)), 6);
	assert_int_equal(entries(proto_rules(e)), 0);
}

/* An entry is that of the first rule that matches the port. */
static void test_first_match(void **state)
{
	const struct enforcer *e = enforce("allow tcp dport 80\ndeny tcp dport 80-81\ndeny tcp\n");

	(void)state;
	assert_int_equal(whole(e, PCTL_FROM, IPPROTO_TCP), DROP(RULE(2)));
	assert_int_equal(single(e, PCTL_FROM, IPPROTO_TCP, 80), PASS(RULE(0)));
	assert_int_equal(single(e, PCTL_FROM, IPPROTO_TCP, 81), DROP(RULE(1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_first_match),
	};

	return run_group("deny lists", tests, COUNT(tests));
}
