/* SPDX-License-Identifier: GPL-2.0-only */
/* What passes under `default deny` so that the network keeps working, and what does not. */
#include "compiled.h"
#include "implicit.h"
#include "print.h"
#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

/* The outcome for one known ICMP or ICMPv6 packet, as kern/match.h finds it. */
static uint32_t outcome(const struct compiled *c, enum pctl_direction direction,
			unsigned int protocol, unsigned int type, unsigned int code)
{
	uint32_t by_protocol = c->tables[direction].by_protocol[protocol];

	if (PCTL_OUTCOME_ACTION(by_protocol) != PCTL_SELECT)
		return by_protocol;
	for (size_t i = 0; i < c->port_count; i++)
		if (c->port_keys[i].plane == direction && c->port_keys[i].protocol == protocol &&
		    c->port_keys[i].selector == htons((uint16_t)(type << 8 | code)))
			return c->port_outcomes[i];
	return c->tables[direction].by_page[PCTL_OUTCOME_ARG(by_protocol)][type];
}

static void default_deny_keeps_the_network_working(void **state)
{
	static const struct {
		unsigned int protocol, type, code, slot;
	} kept[] = {
		{ IPPROTO_ICMP, 3, 4, PCTL_SLOT_KEEP_PMTU },
		{ IPPROTO_ICMPV6, 2, 0, PCTL_SLOT_KEEP_PMTU },
		{ IPPROTO_ICMPV6, 130, 0, PCTL_SLOT_KEEP_MLD },
		{ IPPROTO_ICMPV6, 131, 0, PCTL_SLOT_KEEP_MLD },
		{ IPPROTO_ICMPV6, 132, 0, PCTL_SLOT_KEEP_MLD },
		{ IPPROTO_ICMPV6, 133, 0, PCTL_SLOT_KEEP_ND },
		{ IPPROTO_ICMPV6, 135, 0, PCTL_SLOT_KEEP_ND },
		{ IPPROTO_ICMPV6, 136, 0, PCTL_SLOT_KEEP_ND },
		{ IPPROTO_ICMPV6, 143, 0, PCTL_SLOT_KEEP_MLD },
		{ IPPROTO_IGMP, 0x11, 0, PCTL_SLOT_KEEP_IGMP },
		/* Never these: advertisements and redirects change the routes of neighbours. */
		{ IPPROTO_ICMPV6, 134, 0, PCTL_SLOT_DEFAULT },
		{ IPPROTO_ICMPV6, 137, 0, PCTL_SLOT_DEFAULT },
		{ IPPROTO_ICMPV6, 128, 0, PCTL_SLOT_DEFAULT },
		{ IPPROTO_ICMP, 5, 0, PCTL_SLOT_DEFAULT },
		{ IPPROTO_ICMP, 3, 3, PCTL_SLOT_DEFAULT },
		{ IPPROTO_ICMP, 8, 0, PCTL_SLOT_DEFAULT },
	};
	struct compiled *c = compile_text("default deny");

	(void)state;
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		for (size_t i = 0; i < COUNT(kept); i++)
			assert_int_equal(
				outcome(c, d, kept[i].protocol, kept[i].type, kept[i].code),
				PCTL_OUTCOME(kept[i].slot ? PCTL_PASS : PCTL_DROP, kept[i].slot));
		assert_int_equal(c->tables[d].arp, PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_KEEP_ARP));
	}
	compiled_free(c);
}

static void only_where_the_default_is_deny(void **state)
{
	struct compiled *c = compile_text("default to deny");

	(void)state;
	assert_int_equal(outcome(c, PCTL_TO, IPPROTO_ICMPV6, 135, 0),
			 PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_KEEP_ND));
	assert_int_equal(outcome(c, PCTL_FROM, IPPROTO_ICMPV6, 135, 0),
			 PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_DEFAULT));
	assert_int_equal(c->tables[PCTL_FROM].arp, PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_DEFAULT));
	assert_int_equal(outcome(c, PCTL_TO, IPPROTO_IGMP, 0, 0),
			 PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_KEEP_IGMP));
	assert_int_equal(outcome(c, PCTL_FROM, IPPROTO_IGMP, 0, 0),
			 PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_DEFAULT));
	compiled_free(c);
}

static void a_rule_comes_before_them(void **state)
{
	struct compiled *c = compile_text("default deny\n"
					  "deny to icmpv6 type neighbour-solicitation\n"
					  "deny from any\n"
					  "deny to igmp\n");

	(void)state;
	assert_int_equal(outcome(c, PCTL_TO, IPPROTO_ICMPV6, 135, 0),
			 PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_RULES));
	assert_int_equal(outcome(c, PCTL_TO, IPPROTO_ICMPV6, 136, 0),
			 PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_KEEP_ND));
	assert_int_equal(outcome(c, PCTL_FROM, IPPROTO_ICMPV6, 136, 0),
			 PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_RULES + 1));
	assert_int_equal(c->tables[PCTL_FROM].arp, PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_KEEP_ARP));
	assert_int_equal(outcome(c, PCTL_FROM, IPPROTO_IGMP, 0, 0),
			 PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_RULES + 1));
	assert_int_equal(outcome(c, PCTL_TO, IPPROTO_IGMP, 0, 0),
			 PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_RULES + 2));
	compiled_free(c);
}

static void an_unknown_type_has_no_grace(void **state)
{
	struct compiled *c = compile_text("default deny");

	(void)state;
	assert_int_equal(c->tables[PCTL_FROM].selector_unknown[PCTL_SELECTED_ICMPV6],
			 PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_DEFAULT));
	assert_int_equal(c->tables[PCTL_FROM].frame, PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_DEFAULT));
	compiled_free(c);
}

/* Their text, which `show` prints, means the same as their numbers. */
static void their_text_is_their_meaning(void **state)
{
	(void)state;
	assert_string_equal(policy_implicit_rules[0].text, "arp");
	for (size_t i = 1; i < policy_implicit_rule_count; i++) {
		const struct implicit_rule *implicit = &policy_implicit_rules[i];
		char text[200], *printed;
		struct policy *policy;
		unsigned int said = 0, meant = 0;
		struct rule *rule;

		snprintf(text, sizeof(text), "allow %s", implicit->text);
		policy = parse_good(text);
		rule = &policy->rules[0];
		printed = policy_rule_print(rule);
		assert_string_equal(printed, text);
		assert_int_equal(rule->protocols.items[0].low, implicit->protocol);
		assert_int_equal(rule->types.count > 0, implicit->selector_count > 0);
		for (unsigned int selector = 0; selector < 65536; selector++) {
			bool in_text = false, in_numbers = false;

			for (size_t j = 0; j < rule->types.count; j++)
				in_text |= selector >> 8 >= rule->types.items[j].low &&
					   selector >> 8 <= rule->types.items[j].high;
			if (rule->codes.count)
				in_text &= (selector & 0xff) == rule->codes.items[0].low;
			for (size_t j = 0; j < implicit->selector_count; j++)
				in_numbers |= selector >= implicit->selectors[j].low &&
					      selector <= implicit->selectors[j].high;
			said += in_text;
			meant += in_numbers;
			assert_int_equal(in_text, in_numbers);
		}
		assert_true((said > 0 || !implicit->selector_count) && said == meant);
		policy_free(policy);
		free(printed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_deny_keeps_the_network_working),
		cmocka_unit_test(only_where_the_default_is_deny),
		cmocka_unit_test(a_rule_comes_before_them),
		cmocka_unit_test(an_unknown_type_has_no_grace),
		cmocka_unit_test(their_text_is_their_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
