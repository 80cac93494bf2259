/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which rules decide some packet: reachable_find() against packets. A rule that a packet reached is
 * never called shadowed. For a rule that is not called shadowed there is a packet that it decides,
 * if no set is from a file.
 */
#include "world.h"

#include <netinet/in.h>

#include "naive.h"
#include "reachable.h"

#define SEED 20250105u
#define POLICIES 400
#define PACKETS 1500

/* The values of the small world: every other value behaves like one of these. */
struct axis {
	unsigned int items[2048];
	size_t count;
};

static struct axis ports, types, peers_high, peers_low;

static void add(struct axis *axis, unsigned int item)
{
	assert_true(axis->count < COUNT(axis->items));
	axis->items[axis->count++] = item;
}

static void fill_axes(void)
{
	static const unsigned int borders[] = { 0, 3, 53, 80, 81, 255, 257, 65534 };

	for (size_t i = 0; i < COUNT(borders); i++)
		for (unsigned int j = 0; j < 3; j++)
			if (!i || borders[i] + j > ports.items[ports.count - 1])
				if (borders[i] + j < 65536)
					add(&ports, borders[i] + j);
	for (unsigned int i = 0; i < 256; i++)
		for (unsigned int j = 0; j < 6; j++)
			add(&types, i << 8 | j);
	for (unsigned int i = 0; i < 34; i++) {
		add(&peers_low, i);
		add(&peers_high, 0xc6336400 + i);
	}
	for (unsigned int i = 0; i < 17; i++)
		add(&peers_high, 0xc6336500 + i);
	add(&peers_high, 0xc6336600);
	add(&peers_high, 0xc6330000);
	add(&peers_high, 0xc6000000);
	add(&peers_high, 0xcb007100);
}

static bool matches_alone(const struct policy *policy, size_t index, const struct packet *packet)
{
	struct policy alone = { .rules = &policy->rules[index], .count = 1 };

	return PCTL_OUTCOME_ARG(naive_decide(&alone, packet)) == PCTL_SLOT_RULES;
}

static bool decides(const struct policy *policy, size_t index, const struct packet *packet)
{
	return matches_alone(policy, index, packet) &&
	       PCTL_OUTCOME_ARG(naive_decide(policy, packet)) == PCTL_SLOT_RULES + index;
}

static bool finds_peer(const struct policy *policy, size_t index, struct packet *packet)
{
	static const uint64_t highs[] = { 0x20010db800000000, 0x20010db800000001,
					  0x20010db800000002, 0x20010db800000004,
					  0x20010db900000000, 0 };

	packet->peer = (struct address){ .family = PCTL_IPV4 };
	for (size_t i = 0; i < peers_high.count; i++) {
		packet->peer.high = (uint64_t)peers_high.items[i] << 32;
		if (decides(policy, index, packet))
			return true;
	}
	packet->peer.family = PCTL_IPV6;
	for (size_t i = 0; i < COUNT(highs) * (peers_low.count + 1); i++) {
		packet->peer.high = highs[i % COUNT(highs)];
		packet->peer.low = i / COUNT(highs) < peers_low.count
					   ? peers_low.items[i / COUNT(highs)]
					   : 1ull << 63;
		if (decides(policy, index, packet))
			return true;
	}
	return false;
}

static bool finds_selector(const struct policy *policy, size_t index, struct packet *packet)
{
	bool icmp = packet->protocol == IPPROTO_ICMP || packet->protocol == IPPROTO_ICMPV6;
	const struct axis *selectors = icmp ? &types : &ports;
	size_t sources = icmp ? 1 : ports.count;

	for (size_t i = 0; i < selectors->count; i++)
		for (size_t j = 0; j < sources; j++) {
			packet->selector = selectors->items[i];
			packet->source = ports.items[j];
			if (finds_peer(policy, index, packet))
				return true;
		}
	return false;
}

/* Looks for a packet that a rule decides, among all packets of the small world. */
static bool finds_packet(const struct policy *policy, size_t index)
{
	static const unsigned int all[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP, IPPROTO_ICMPV6,
		IPPROTO_GRE, IPPROTO_AH,  200,		201
	};
	struct packet packet = { .known = KNOWN_SELECTOR, .peer_known = true };

	for (size_t i = 0; i < COUNT(all); i++) {
		packet.protocol = all[i];
		for (unsigned int j = 0; j < PCTL_DIRECTIONS; j++) {
			packet.direction = j;
			if (finds_selector(policy, index, &packet))
				return true;
		}
	}
	return false;
}

static bool has_selector(const struct packet *packet)
{
	return packet->protocol != IPPROTO_GRE && packet->protocol != IPPROTO_AH &&
	       packet->protocol != 200;
}

/* Each rule that decides a packet must be marked as reached, for what is known of the packet. */
static void assert_met(const struct policy *policy, const struct reachable *reachable,
		       const struct packet *packet, bool *witnessed, const char *text)
{
	uint32_t slot = PCTL_OUTCOME_ARG(naive_decide(policy, packet));
	size_t rule = slot - PCTL_SLOT_RULES;
	bool known = packet->known == KNOWN_SELECTOR || packet->known == KNOWN_ARP ||
		     (packet->known == KNOWN_PROTOCOL && !has_selector(packet));
	bool reached;

	if (slot < PCTL_SLOT_RULES)
		return;
	if (packet->known == KNOWN_ETHERTYPE)
		reached = policy->rules[rule].ethertypes.count ? reachable->known[rule]
							       : reachable->frame[rule];
	else if (packet->known == KNOWN_NOTHING)
		reached = reachable->frame[rule];
	else
		reached = reachable->known[rule] || (!known && reachable->unknown[rule]) ||
			  (!packet->peer_known && reachable->peer_unknown[rule]);
	if (!reached)
		fail_msg("rule %zu is met, and said to be hidden, in\n%s", rule + 1, text);
	if (known && (packet->peer_known || packet->known == KNOWN_ARP))
		witnessed[rule] = true;
}

static bool has_files(const struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++)
		if (policy->sets[i]->path)
			return true;
	return false;
}

static void compare(const struct policy *policy, const char *text, struct random *random,
		    unsigned long *hidden)
{
	_Bool witnessed[64] = { false };
	struct traits traits;
	struct reachable reachable;

	assert_int_equal(traits_collect(&traits, policy, "test", NULL), 0);
	assert_int_equal(reachable_find(&reachable, &traits), 0);
	assert_true(reachable.complete);
	for (int i = 0; i < PACKETS; i++) {
		struct packet packet = world_packet(random);

		packet.peer_known |= packet.direction == PCTL_TO; /* its source is known */
		assert_met(policy, &reachable, &packet, witnessed, text);
	}
	for (size_t i = 0; i < policy->count; i++) {
		*hidden += !reachable.known[i];
		if (has_files(policy) || !rule_is_ip(&policy->rules[i]) || !reachable.known[i] ||
		    witnessed[i])
			continue;
		if (!finds_packet(policy, i))
			fail_msg("no packet meets rule %zu, which is not said to be hidden, in\n%s",
				 i + 1, text);
	}
	reachable_clear(&reachable);
	traits_clear(&traits);
}

static void rules_that_packets_meet_are_reached_and_no_others(void **state)
{
	struct random random = { SEED };
	unsigned long hidden = 0, rules = 0;

	(void)state;
	fill_axes();
	for (int i = 0; i < POLICIES; i++) {
		char *text;
		struct policy *policy = world_policy(&random, random_below(&random, 20), &text);

		compare(policy, text, &random, &hidden);
		rules += policy->count;
		policy_free(policy);
		free(text);
	}
	print_message("seed %u: %lu of %lu rules are hidden\n", SEED, hidden, rules);
	assert_true(hidden > rules / 50);
}

/* A letter for each rule: `y` reached, `n` not. */
static void assert_reached(const char *text, const char *expected)
{
	struct policy *policy = world_parse(text);
	struct traits traits;
	struct reachable reachable;

	assert_non_null(policy);
	assert_int_equal(policy->count, strlen(expected));
	assert_int_equal(traits_collect(&traits, policy, "test", NULL), 0);
	assert_int_equal(reachable_find(&reachable, &traits), 0);
	for (size_t i = 0; i < policy->count; i++)
		if (reachable.known[i] != (expected[i] == 'y'))
			fail_msg("rule %zu in\n%s", i + 1, text);
	reachable_clear(&reachable);
	traits_clear(&traits);
	policy_free(policy);
}

/* The content of a file does not count: a rule is shadowed only if it is so for every content. */
#define FILES "set f file \"1\"\nset g file \"2\"\n"

static void sets_from_files_are_anything(void **state)
{
	(void)state;
	assert_reached(FILES "deny tcp peer @f\ndeny tcp peer @g\ndeny tcp\n", "yyy");
	assert_reached(FILES "deny tcp peer @f\ndeny tcp peer not @f\ndeny tcp\n", "yyn");
	assert_reached(FILES "deny tcp peer @f\ndeny tcp peer not { @f, @g }\ndeny tcp\n", "yyy");
	assert_reached(FILES "deny tcp peer { @f, @g }\ndeny tcp peer @f\ndeny tcp peer not @g\n"
			     "deny tcp\n",
		       "ynyn");
	assert_reached(FILES "deny tcp peer @f\ndeny tcp dport 80 peer @f\n", "yn");
	assert_reached(FILES "deny tcp dport 80 peer @f\ndeny tcp peer @f\n", "yy");
	assert_reached(FILES "deny tcp peer not @f\ndeny tcp peer { @f, 192.0.2.1 }\ndeny tcp\n",
		       "yyn");
	assert_reached(FILES "deny tcp peer { @f, 192.0.2.1 }\ndeny tcp peer 192.0.2.1\n", "yn");
	assert_reached(FILES "deny any peer not @f\ndeny any peer not @g\nallow tcp peer @f\n",
		       "yyy");
}

static void source_ports_can_hide_a_rule_together(void **state)
{
	(void)state;
	assert_reached("deny tcp sport 0-99\nallow tcp sport 100-65535\ndeny tcp\n", "yyn");
	assert_reached("deny tcp sport 0-99\nallow tcp sport 101-65535\ndeny tcp\n", "yyy");
	assert_reached("deny tcp sport 80\nallow tcp sport not 80\ndeny tcp dport 7\n", "yyn");
	assert_reached("deny tcp sport 80 peer 0.0.0.0/0\nallow tcp sport 80 peer ::/0\n"
		       "deny tcp dport 7 sport 80\n",
		       "yyn");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_that_packets_meet_are_reached_and_no_others),
		cmocka_unit_test(sets_from_files_are_anything),
		cmocka_unit_test(source_ports_can_hide_a_rule_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
