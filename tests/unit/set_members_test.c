// SPDX-License-Identifier: GPL-2.0-only
/* Which addresses are members of sets of containers: set_members.h. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "set_members.h"
#include "util.h"

#define CONTAINERS 4

/* Containers a to d: a and b run on the network front, b on back too, c is stopped, d starts. */
struct world {
	struct container items[CONTAINERS];
	const struct container *all[CONTAINERS];
	struct member_address seen;
	struct member_sighting sighting;
	size_t sightings;
};

static char *networks_a[] = { "front" }, *networks_b[] = { "back", "front" };
static struct label labels_a[] = {
	{ "com.docker.compose.project", "shop" },
	{ "com.docker.compose.service", "web" },
	{ "tier", "web" },
};
static struct label labels_b[] = {
	{ "com.docker.compose.project", "shop" },
	{ "com.docker.compose.service", "db" },
	{ "tier", "a=b" },
	{ "empty", "" },
};

static struct container_address told(const char *ipv4, const char *ipv6)
{
	struct container_address address = { .has = { *ipv4 != '\0', *ipv6 != '\0' } };

	assert_true(!*ipv4 || inet_pton(AF_INET, ipv4, address.ipv4) == 1);
	assert_true(!*ipv6 || inet_pton(AF_INET6, ipv6, address.ipv6) == 1);
	return address;
}

static struct member_address seen(const char *text)
{
	struct member_address address = { .family = strchr(text, ':') ? PCTL_IPV6 : PCTL_IPV4 };

	assert_int_equal(inet_pton(address.family ? AF_INET6 : AF_INET, text, address.address), 1);
	return address;
}

static void make_world(struct world *world)
{
	static struct container_address of_a[1], of_b[2], of_c[1], of_d[1];

	*world = (struct world){
		.items = {
			{ .name = "a", .networks = networks_a, .network_count = 1, .addresses = of_a,
			  .labels = labels_a, .label_count = 3, .running = true },
			{ .name = "b", .networks = networks_b, .network_count = 2, .addresses = of_b,
			  .labels = labels_b, .label_count = 4, .running = true },
			{ .name = "c", .networks = networks_a, .network_count = 1, .addresses = of_c,
			  .labels = labels_a, .label_count = 3 },
			{ .name = "d", .networks = networks_a, .network_count = 1, .addresses = of_d,
			  .labels = labels_a, .label_count = 3 },
		},
	};
	of_a[0] = told("198.18.1.2", "2001:db8:1::2");
	of_b[0] = told("198.18.2.3", "");
	of_b[1] = told("198.18.1.3", "");
	of_c[0] = told("198.18.1.4", ""); /* what an engine may leave of a stopped one */
	of_d[0] = told("", "");
	for (size_t i = 0; i < CONTAINERS; i++) {
		memset(world->items[i].id, "abcd"[i], CONTAINER_ID_SIZE - 1);
		world->all[i] = &world->items[i];
	}
	world->seen = seen("198.18.1.5");
	world->sighting = (struct member_sighting){
		.container = &world->items[3],
		.network = "front",
		.addresses = &world->seen,
		.count = 1,
	};
	world->sightings = 1;
}

/* "198.18.1.2 2001:db8:1::2": the members of a set with these words, "|" between words. */
static const char *members(const struct world *world, enum pctl_live_kind kind, const char *words)
{
	static char text[512];
	_cleanup_(freep) char *copy = strdup(words);
	char *list[8], *rest = copy;
	struct member_claims claims;
	struct live_member *found;
	size_t count, word_count = 0, length = 0;

	while (rest)
		list[word_count++] = strsep(&rest, "|");
	assert_int_equal(member_claims_find(world->all, CONTAINERS, &world->sighting,
					    world->sightings, &claims),
			 0);
	assert_int_equal(members_find(&claims, kind, list, word_count, &found, &count), 0);
	*text = '\0';
	for (size_t i = 0; i < count; i++) {
		char address[INET6_ADDRSTRLEN];

		inet_ntop(found[i].family ? AF_INET6 : AF_INET, found[i].address, address,
			  sizeof(address));
		length += snprintf(text + length, sizeof(text) - length, "%s%s", i ? " " : "",
				   address);
	}
	free(found);
	free(claims.items);
	return text;
}

static void by_name(void **state)
{
	struct world world;

	(void)state;
	make_world(&world);
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "a"), "198.18.1.2 2001:db8:1::2");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "b"), "198.18.2.3 198.18.1.3");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "c"), "");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "nobody"), "");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "b|a|b"),
			    "198.18.1.2 2001:db8:1::2 198.18.2.3 198.18.1.3");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "aaaaaaaaaaaa"), "");
	assert_int_equal(member_origin(&world.items[0]), 0xaaaaaaaa);
}

static void by_labels(void **state)
{
	struct world world;

	(void)state;
	make_world(&world);
	world.sightings = 0;
	assert_string_equal(members(&world, PCTL_LIVE_COMPOSE, "shop/web"),
			    "198.18.1.2 2001:db8:1::2");
	assert_string_equal(members(&world, PCTL_LIVE_COMPOSE, "shop/we"), "");
	assert_string_equal(members(&world, PCTL_LIVE_COMPOSE, "sho/web"), "");
	assert_string_equal(members(&world, PCTL_LIVE_COMPOSE, "shopping/web"), "");
	assert_string_equal(members(&world, PCTL_LIVE_COMPOSE, "shop"), "");
	assert_string_equal(members(&world, PCTL_LIVE_LABEL, "tier=web"),
			    "198.18.1.2 2001:db8:1::2");
	assert_string_equal(members(&world, PCTL_LIVE_LABEL, "tier=a=b"), "198.18.2.3 198.18.1.3");
	assert_string_equal(members(&world, PCTL_LIVE_LABEL, "empty="), "198.18.2.3 198.18.1.3");
	assert_string_equal(members(&world, PCTL_LIVE_LABEL, "tier="), "");
	assert_string_equal(members(&world, PCTL_LIVE_LABEL, "tier"), "");
	assert_string_equal(members(&world, PCTL_LIVE_LABEL, "tie=web"), "");
}

static void by_network(void **state)
{
	struct world world;

	(void)state;
	make_world(&world);
	assert_string_equal(members(&world, PCTL_LIVE_NETWORK, "front"),
			    "198.18.1.2 2001:db8:1::2 198.18.1.3 198.18.1.5");
	assert_string_equal(members(&world, PCTL_LIVE_NETWORK, "back"), "198.18.2.3");
	assert_string_equal(members(&world, PCTL_LIVE_NETWORK, "fron"), "");
}

/* What was seen counts until the engine tells. */
static void one_that_starts(void **state)
{
	struct world world;

	(void)state;
	make_world(&world);
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "d"), "198.18.1.5");
	assert_string_equal(members(&world, PCTL_LIVE_COMPOSE, "shop/web"),
			    "198.18.1.2 2001:db8:1::2 198.18.1.5");
	world.items[3].addresses[0] = told("198.18.1.6", "");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "d"), "198.18.1.5");
	world.items[3].running = true;
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "d"), "198.18.1.6");
	world.sighting.network = "back"; /* it is being connected */
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "d"), "198.18.1.6 198.18.1.5");
	world.sightings = 0;
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "d"), "198.18.1.6");
}

/* It may have chosen its address. */
static void one_that_may_choose(void **state)
{
	struct world world;

	(void)state;
	make_world(&world);
	world.items[3].power = POWER_NET_ADMIN;
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "d"), "");
	world.seen = seen("198.18.1.3");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "b"), "198.18.2.3 198.18.1.3");
}

/* The engine has not told yet that b is gone, and its address was given to d. */
static void one_with_a_used_address(void **state)
{
	struct world world;

	(void)state;
	make_world(&world);
	world.seen = seen("198.18.1.3");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "b"), "198.18.2.3");
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "d"), "198.18.1.3");
	world.sighting.network = "back"; /* the same address there is another one */
	assert_string_equal(members(&world, PCTL_LIVE_CONTAINER, "b"), "198.18.2.3 198.18.1.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name),
		cmocka_unit_test(by_labels),
		cmocka_unit_test(by_network),
		cmocka_unit_test(one_that_starts),
		cmocka_unit_test(one_that_may_choose),
		cmocka_unit_test(one_with_a_used_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
