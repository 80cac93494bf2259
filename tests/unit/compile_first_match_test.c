/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compiled tables decide each packet as the policy does: random policies of protocols, ports
 * and types, random packets, every combination of unknown fields. compile_classes_test has the
 * other fields.
 */
#include "support.h"

#include <netinet/in.h>

#include "compiled.h"
#include "naive.h"

#define SEED 20241120u

static const unsigned int selected[] = {
	IPPROTO_TCP,  IPPROTO_UDP,  IPPROTO_UDPLITE, IPPROTO_SCTP,
	IPPROTO_DCCP, IPPROTO_ICMP, IPPROTO_ICMPV6,
};

static void compare(const struct policy *policy, const struct lookup *lookup,
		    const struct packet *packet, const char *text)
{
	uint32_t said = naive_decide(policy, packet), found = lookup_packet(lookup, packet);

	if (said != found)
		fail_msg("policy says %#x, tables say %#x: known %d, direction %d, protocol %u, "
			 "selector %u, of\n%s",
			 said, found, packet->known, packet->direction, packet->protocol,
			 packet->selector, text);
}

static unsigned int random_selector(struct random *random, const struct policy *policy)
{
	const struct rule *rule;
	unsigned int from = random_below(random, 65536);

	if (!policy->count || !random_below(random, 4))
		return from;
	rule = &policy->rules[random_below(random, (uint32_t)policy->count)];
	if (rule->dports.count) {
		const struct range *range =
			&rule->dports.items[random_below(random, (uint32_t)rule->dports.count)];

		from = random_below(random, 2) ? range->low : range->high;
	} else if (rule->types.count) {
		from = (unsigned int)rule->types.items[0].low << 8 | random_below(random, 6);
	}
	return (from + random_below(random, 3) - 1) & 0xffff;
}

static struct packet random_packet(struct random *random, const struct policy *policy)
{
	static const unsigned int ethertypes[] = { 0x88cc, 0x8847, 0x8035 };
	struct packet packet = {
		.known = random_below(random, KNOWN_LEVELS),
		.direction = random_below(random, PCTL_DIRECTIONS),
		.protocol = random_below(random, 256),
	};

	if (random_below(random, 4))
		packet.protocol = selected[random_below(random, COUNT(selected))];
	if (packet.known == KNOWN_ETHERTYPE)
		packet.selector = ethertypes[random_below(random, COUNT(ethertypes))];
	if (packet.known == KNOWN_SELECTOR)
		packet.selector = random_selector(random, policy);
	return packet;
}

static void random_packets_agree(void **state)
{
	struct random random = { SEED };
	unsigned long compared = 0, by_level[KNOWN_LEVELS] = { 0 };

	(void)state;
	for (int i = 0; i < 1500; i++) {
		char *text = random_policy(&random, random_below(&random, 16));
		struct policy *policy = parse_good(text);
		struct compiled *compiled = compile(policy);
		struct lookup *lookup = lookup_new(compiled);

		assert_non_null(lookup);
		for (int j = 0; j < 600; j++) {
			struct packet packet = random_packet(&random, policy);

			compare(policy, lookup, &packet, text);
			by_level[packet.known]++;
			compared++;
		}
		lookup_free(lookup);
		compiled_free(compiled);
		policy_free(policy);
		free(text);
	}
	print_message("seed %u: %lu packets compared\n", SEED, compared);
	for (int i = 0; i < KNOWN_LEVELS; i++)
		assert_true(by_level[i] > 1000);
}

static unsigned long compare_all_selectors(const struct policy *policy, const struct lookup *lookup,
					   const char *text)
{
	unsigned long compared = 0;

	for (unsigned int i = 0; i < COUNT(selected); i++) {
		for (unsigned int j = 0; j < PCTL_DIRECTIONS * 65536; j++) {
			struct packet packet = {
				.known = KNOWN_SELECTOR,
				.direction = j / 65536,
				.protocol = selected[i],
				.selector = j % 65536,
			};

			compare(policy, lookup, &packet, text);
			compared++;
		}
	}
	return compared;
}

static void every_selector_agrees(void **state)
{
	struct random random = { SEED + 1 };
	unsigned long compared = 0;

	(void)state;
	for (int i = 0; i < 8; i++) {
		char *text = random_policy(&random, 1 + random_below(&random, 30));
		struct policy *policy = parse_good(text);
		struct compiled *compiled = compile(policy);
		struct lookup *lookup = lookup_new(compiled);

		assert_non_null(lookup);
		compared += compare_all_selectors(policy, lookup, text);
		lookup_free(lookup);
		compiled_free(compiled);
		policy_free(policy);
		free(text);
	}
	print_message("seed %u: %lu packets compared\n", SEED + 1, compared);
	assert_int_equal(compared, 8 * COUNT(selected) * 2 * 65536);
}

static void every_protocol_agrees(void **state)
{
	struct random random = { SEED + 2 };
	unsigned long compared = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		char *text = random_policy(&random, random_below(&random, 16));
		struct policy *policy = parse_good(text);
		struct compiled *compiled = compile(policy);
		struct lookup *lookup = lookup_new(compiled);

		assert_non_null(lookup);
		for (unsigned int j = 0; j < PCTL_DIRECTIONS * 256; j++) {
			struct packet packet = {
				.known = KNOWN_PROTOCOL,
				.direction = j / 256,
				.protocol = j % 256,
			};

			compare(policy, lookup, &packet, text);
			compared++;
		}
		lookup_free(lookup);
		compiled_free(compiled);
		policy_free(policy);
		free(text);
	}
	assert_true(compared > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_packets_agree),
		cmocka_unit_test(every_selector_agrees),
		cmocka_unit_test(every_protocol_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
