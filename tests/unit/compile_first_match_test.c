/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compiled tables say of each packet what the policy says: random policies, random packets,
 * every degree of ignorance. What the policy says is computed here rule by rule, knowing nothing of
 * tables; what the tables say is looked up as kern/match.h does.
 */
#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#define SEED 20241120u

enum known { NOTHING, ARP, IP, PROTOCOL, SELECTOR, LEVELS };

struct packet {
	enum known known;
	enum pctl_direction direction;
	unsigned int protocol;
	unsigned int selector;
};

static const unsigned int selected[] = {
	IPPROTO_TCP,  IPPROTO_UDP,  IPPROTO_UDPLITE, IPPROTO_SCTP,
	IPPROTO_DCCP, IPPROTO_ICMP, IPPROTO_ICMPV6,
};

/* --- what the policy says --- */

enum match { NO, MAYBE, YES };

static enum match both(enum match a, enum match b)
{
	return a < b ? a : b;
}

static enum match holds(const struct ranges *ranges, unsigned int value, bool known)
{
	if (!ranges->count)
		return YES;
	if (!known)
		return MAYBE;
	for (size_t i = 0; i < ranges->count; i++)
		if (value >= ranges->items[i].low && value <= ranges->items[i].high)
			return YES;
	return NO;
}

static enum match rule_matches(const struct rule *rule, const struct packet *packet)
{
	bool known = packet->known == SELECTOR;
	enum match match;

	if (!(rule->directions & 1u << packet->direction) || packet->known == ARP)
		return NO;
	if (packet->known == NOTHING)
		return MAYBE;
	match = holds(&rule->protocols, packet->protocol, packet->known >= PROTOCOL);
	match = both(match, holds(&rule->dports, packet->selector, known));
	match = both(match, holds(&rule->types, packet->selector >> 8, known));
	return both(match, holds(&rule->codes, packet->selector & 0xff, known));
}

/* As design and documentation say it, not as policy/implicit.c does. */
static uint32_t implicit_slot(const struct packet *packet)
{
	unsigned int type = packet->selector >> 8;

	if (packet->known == ARP)
		return PCTL_SLOT_KEEP_ARP;
	if (packet->known != SELECTOR)
		return PCTL_SLOT_DEFAULT;
	if (packet->protocol == IPPROTO_ICMP)
		return packet->selector == (3 << 8 | 4) ? PCTL_SLOT_KEEP_PMTU : PCTL_SLOT_DEFAULT;
	if (packet->protocol != IPPROTO_ICMPV6)
		return PCTL_SLOT_DEFAULT;
	if (type == 133 || type == 135 || type == 136)
		return PCTL_SLOT_KEEP_ND;
	if (type == 130 || type == 131 || type == 132 || type == 143)
		return PCTL_SLOT_KEEP_MLD;
	return type == 2 ? PCTL_SLOT_KEEP_PMTU : PCTL_SLOT_DEFAULT;
}

static uint32_t evaluate(const struct policy *policy, const struct packet *packet)
{
	bool deny = policy->defaults[packet->direction] == VERDICT_DENY;
	uint32_t slot;

	for (size_t i = 0; i < policy->count; i++) {
		bool denies = policy->rules[i].verdict == VERDICT_DENY;
		enum match match = rule_matches(&policy->rules[i], packet);

		if (match == YES || (match == MAYBE && denies))
			return PCTL_OUTCOME(denies ? PCTL_DROP : PCTL_PASS,
					    PCTL_SLOT_RULES + (uint32_t)i);
	}
	slot = deny ? implicit_slot(packet) : PCTL_SLOT_DEFAULT;
	return PCTL_OUTCOME(deny && slot == PCTL_SLOT_DEFAULT ? PCTL_DROP : PCTL_PASS, slot);
}

/* --- what the tables say --- */

/* port_rules, as an array instead of a hash. */
static uint32_t port_rules[PCTL_DIRECTIONS][256][65536];

static void fill_port_rules(const struct compiled *compiled, bool with)
{
	for (size_t i = 0; i < compiled->port_count; i++) {
		const struct pctl_port_key *key = &compiled->port_keys[i];

		port_rules[key->direction][key->protocol][ntohs(key->selector)] =
			with ? compiled->port_outcomes[i] : PCTL_NONE;
	}
}

static uint32_t look_up(const struct compiled *compiled, const struct packet *packet)
{
	const struct pctl_tables *tables = &compiled->tables[packet->direction];
	uint32_t outcome, which, listed, selector = packet->selector;

	if (packet->known == NOTHING)
		return tables->frame;
	if (packet->known == ARP)
		return tables->arp;
	if (packet->known == IP)
		return tables->protocol;
	outcome = tables->by_protocol[packet->protocol];
	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_SELECT)
		return outcome;
	which = PCTL_OUTCOME_ARG(outcome) & (PCTL_SELECTED_MAX - 1);
	if (packet->known != SELECTOR)
		return tables->selector_unknown[which];
	if (tables->listed[selector / 64] & (1ull << (selector % 64))) {
		listed = port_rules[packet->direction][packet->protocol][selector];
		if (listed)
			return listed;
	}
	return tables->by_page[which][selector / 256];
}

/* --- one against the other --- */

static void compare(const struct policy *policy, const struct compiled *compiled,
		    const struct packet *packet, const char *text)
{
	uint32_t said = evaluate(policy, packet), found = look_up(compiled, packet);

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
	struct packet packet = {
		.known = random_below(random, LEVELS),
		.direction = random_below(random, PCTL_DIRECTIONS),
		.protocol = random_below(random, 256),
	};

	if (random_below(random, 4))
		packet.protocol = selected[random_below(random, COUNT(selected))];
	if (packet.known == SELECTOR)
		packet.selector = random_selector(random, policy);
	return packet;
}

static void random_packets_agree(void **state)
{
	struct random random = { SEED };
	unsigned long compared = 0, by_level[LEVELS] = { 0 };

	(void)state;
	for (int i = 0; i < 1500; i++) {
		char *text = random_policy(&random, random_below(&random, 16));
		struct policy *policy = parse_good(text);
		struct compiled *compiled = compile(policy);

		fill_port_rules(compiled, true);
		for (int j = 0; j < 600; j++) {
			struct packet packet = random_packet(&random, policy);

			compare(policy, compiled, &packet, text);
			by_level[packet.known]++;
			compared++;
		}
		fill_port_rules(compiled, false);
		compiled_free(compiled);
		policy_free(policy);
		free(text);
	}
	print_message("seed %u: %lu packets compared\n", SEED, compared);
	for (int i = 0; i < LEVELS; i++)
		assert_true(by_level[i] > 1000);
}

static unsigned long compare_all_selectors(const struct policy *policy,
					   const struct compiled *compiled, const char *text)
{
	unsigned long compared = 0;

	for (unsigned int i = 0; i < COUNT(selected); i++) {
		for (unsigned int j = 0; j < PCTL_DIRECTIONS * 65536; j++) {
			struct packet packet = {
				.known = SELECTOR,
				.direction = j / 65536,
				.protocol = selected[i],
				.selector = j % 65536,
			};

			compare(policy, compiled, &packet, text);
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

		fill_port_rules(compiled, true);
		compared += compare_all_selectors(policy, compiled, text);
		fill_port_rules(compiled, false);
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

		for (unsigned int j = 0; j < PCTL_DIRECTIONS * 256; j++) {
			struct packet packet = {
				.known = PROTOCOL,
				.direction = j / 256,
				.protocol = j % 256,
			};

			compare(policy, compiled, &packet, text);
			compared++;
		}
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
