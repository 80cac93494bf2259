// SPDX-License-Identifier: GPL-2.0-only
/* Packets judged by live sets: members, what is not known of a set, expired members. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <time.h>

#include "support.h"
#include "live_members.h"
#include "policy.h"

#define POLICY                             \
	"set x container { db }\n"         \
	"default to deny\n"                \
	"deny from tcp dport 80 peer @x\n" \
	"allow to tcp dport 80 peer @x\n"

static struct pctl_live_set *element(const struct enforcer *e, struct pctl_live_set *set)
{
	uint32_t number = e->generation.meta.live[0] - 1;

	assert_int_equal(e->generation.meta.live_count, 1);
	assert_int_equal(bpf_map_lookup_elem(e->generation.maps[MAP_LIVE_SETS], &number, set), 0);
	return set;
}

static void set_flags(const struct enforcer *e, uint32_t flags)
{
	uint32_t number = e->generation.meta.live[0] - 1;
	struct pctl_live_set set;

	element(e, &set)->flags = flags;
	assert_int_equal(
		bpf_map_update_elem(e->generation.maps[MAP_LIVE_SETS], &number, &set, BPF_ANY), 0);
}

static struct pctl_member_key key_of(const struct enforcer *e, const char *address)
{
	bool ipv4 = !strchr(address, ':');
	struct pctl_member_key key = {
		.set = e->generation.meta.live[0] - 1,
		.family = ipv4 ? PCTL_IPV4 : PCTL_IPV6,
	};

	assert_int_equal(inet_pton(ipv4 ? AF_INET : AF_INET6, address, key.address), 1);
	return key;
}

static void put(const struct enforcer *e, const char *address, uint32_t until)
{
	struct pctl_member_key key = key_of(e, address);
	struct pctl_member member = { .until = until };

	assert_int_equal(
		bpf_map_update_elem(e->generation.maps[MAP_LIVE_MEMBERS], &key, &member, BPF_ANY),
		0);
}

static void take(const struct enforcer *e, const char *address)
{
	struct pctl_member_key key = key_of(e, address);

	assert_int_equal(bpf_map_delete_elem(e->generation.maps[MAP_LIVE_MEMBERS], &key), 0);
}

#define IPV4_OUT "ip4:dst=198.18.0.7 tcp:80"
#define IPV4_IN "ip4:src=198.18.0.7 tcp:80"
#define IPV6_OUT "ip6:dst=2001:db8::7 tcp:80"
#define IPV6_IN "ip6:src=2001:db8::7 tcp:80"

static void expect_inside(const struct enforcer *e, const char *out, const char *in)
{
	expect_drop(e, PCTL_FROM, out, RULE(0));
	expect_pass(e, PCTL_TO, in, RULE(1));
}

static void expect_outside(const struct enforcer *e, const char *out, const char *in)
{
	expect_pass(e, PCTL_FROM, out, PCTL_SLOT_DEFAULT);
	expect_drop(e, PCTL_TO, in, PCTL_SLOT_DEFAULT);
}

/* In every deny set, in no allow set. */
static void expect_unknown(const struct enforcer *e, const char *out, const char *in)
{
	expect_drop(e, PCTL_FROM, out, RULE(0));
	expect_drop(e, PCTL_TO, in, PCTL_SLOT_DEFAULT);
}

static void test_members(void **state)
{
	struct enforcer *e = enforcer_new(POLICY);

	(void)state;
	set_flags(e, PCTL_LIVE_KNOWN);
	expect_outside(e, IPV4_OUT, IPV4_IN);
	expect_outside(e, IPV6_OUT, IPV6_IN);
	put(e, "198.18.0.7", 0);
	expect_inside(e, IPV4_OUT, IPV4_IN);
	expect_outside(e, IPV6_OUT, IPV6_IN);
	put(e, "2001:db8::7", 0);
	expect_inside(e, IPV6_OUT, IPV6_IN);
	take(e, "198.18.0.7");
	expect_outside(e, IPV4_OUT, IPV4_IN);
	enforcer_free(e);
}

static void test_unknown(void **state)
{
	struct enforcer *e = enforcer_new(POLICY);

	(void)state;
	expect_unknown(e, IPV4_OUT, IPV4_IN); /* nobody has filled it */
	put(e, "198.18.0.7", 0);
	expect_inside(e, IPV4_OUT, IPV4_IN);
	expect_unknown(e, IPV6_OUT, IPV6_IN);
	set_flags(e, PCTL_LIVE_KNOWN | PCTL_LIVE_INCOMPLETE);
	expect_inside(e, IPV4_OUT, IPV4_IN);
	expect_unknown(e, IPV6_OUT, IPV6_IN);
	set_flags(e, PCTL_LIVE_KNOWN);
	expect_outside(e, IPV6_OUT, IPV6_IN);
	enforcer_free(e);
}

static void test_expiry(void **state)
{
	struct enforcer *e = enforcer_new(POLICY);
	uint32_t now = members_now();

	(void)state;
	set_flags(e, PCTL_LIVE_KNOWN);
	put(e, "198.18.0.7", now + PCTL_TICKS(60));
	expect_inside(e, IPV4_OUT, IPV4_IN);
	put(e, "198.18.0.7", now - PCTL_TICKS(1));
	expect_outside(e, IPV4_OUT, IPV4_IN);
	set_flags(e, PCTL_LIVE_KNOWN | PCTL_LIVE_INCOMPLETE);
	expect_unknown(e, IPV4_OUT, IPV4_IN);
	enforcer_free(e);
}

/* A policy without live sets has neither of the maps. */
static void test_not_used(void **state)
{
	struct enforcer *e = enforcer_new("deny from tcp peer 198.18.0.7");

	(void)state;
	assert_true(e->generation.maps[MAP_LIVE_SETS] < 0);
	assert_true(e->generation.maps[MAP_LIVE_MEMBERS] < 0);
	enforcer_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_not_used),
	};

	return run_group("live sets", tests, COUNT(tests));
}
