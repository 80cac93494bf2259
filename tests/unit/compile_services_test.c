/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables for rules with peers, source ports and sets from files, without entries that change
 * nothing. */
#include "compiled.h"
#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define RULE(i) (PCTL_SLOT_RULES + (i))
#define PASS(slot) PCTL_OUTCOME(PCTL_PASS, slot)
#define DROP(slot) PCTL_OUTCOME(PCTL_DROP, slot)
#define CLASS(i) PCTL_OUTCOME(PCTL_CLASS, i)
#define FILES "set f file \"1\"\nset g file \"2\"\n"

static struct compiled *compile_world(const char *text)
{
	struct policy *policy = world_parse(text);
	struct compiled *compiled;

	assert_non_null(policy);
	compiled = compile(policy);
	/* The sets are freed with the policy; their content does not matter here. */
	policy_free(policy);
	return compiled;
}

static void plain_policies_have_no_classes(void **state)
{
	struct compiled *c = compile_world("default to deny\nallow to tcp dport { 80, 443 }\n"
					   "deny from udp\nallow to icmp type echo-request\n");

	(void)state;
	assert_int_equal(c->service_count + c->peer_rule_count + c->pair_count, 0);
	assert_int_equal(c->prefixes.count + c->source_page_count + c->source_count, 0);
	assert_int_equal(c->list_rule_count + c->peer_list_count, 0);
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		assert_int_equal(c->classes.uses_peers[d], 0);
		assert_int_equal(c->classes.uses_sources[d], 0);
	}
	compiled_free(c);
}

/* A row, and no selector is looked at. */
static void a_protocol_and_a_peer_is_a_row(void **state)
{
	struct compiled *c = compile_world("deny from tcp peer 192.0.2.0/24\n");
	const struct pctl_service *service = &c->services[0];
	struct address in = { 0xc000020100000000, 0, PCTL_IPV4 };
	unsigned int steps;

	(void)state;
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_TCP], CLASS(0));
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_UDP], PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(c->tables[PCTL_FROM].protocol, CLASS(0)); /* any deny rule may match */
	assert_int_equal(c->tables[PCTL_FROM].frame, DROP(RULE(0)));
	assert_int_equal(c->tables[PCTL_TO].by_protocol[IPPROTO_TCP], PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(c->service_count, 1);
	assert_int_equal(service->otherwise, PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(service->flags, PCTL_SERVICE_ROW);
	assert_int_equal(c->peer_rules[service->row + 0], DROP(RULE(0)));
	assert_int_equal(c->peer_rules[service->row + 1], PCTL_NONE);
	assert_int_equal(c->peer_rules[service->row + 2], DROP(RULE(0)));
	assert_int_equal(c->port_count + c->pair_count, 0);
	assert_int_equal(
		trie_lookup(&c->prefixes, c->classes.roots[PCTL_FROM][PCTL_IPV4], &in, &steps), 2);
	assert_int_equal(c->classes.roots[PCTL_FROM][PCTL_IPV6], PCTL_REFERENCE(PCTL_LEAF, 1));
	assert_int_equal(c->classes.uses_peers[PCTL_FROM], 1);
	assert_int_equal(c->classes.uses_peers[PCTL_TO], 0);
	assert_true(c->track_fragments[PCTL_FROM]);
	assert_false(c->track_fragments[PCTL_TO]);
	compiled_free(c);
}

static uint32_t pair_of(const struct compiled *c, uint32_t service, uint32_t peer)
{
	for (size_t i = 0; i < c->pair_count; i++)
		if (c->pair_keys[i].service == service && c->pair_keys[i].peer == peer)
			return c->pair_outcomes[i];
	return PCTL_NONE;
}

static void a_port_and_a_peer_is_a_pair(void **state)
{
	struct compiled *c = compile_world("default to deny\n"
					   "allow to tcp dport 22 peer 192.0.2.7 log\n");
	const struct pctl_tables *to = &c->tables[PCTL_TO];
	struct address in = { 0xc000020700000000, 0, PCTL_IPV4 };
	unsigned int steps;

	(void)state;
	assert_int_equal(to->by_protocol[IPPROTO_TCP],
			 PCTL_OUTCOME(PCTL_SELECT, PCTL_SELECTED_TCP));
	assert_int_equal(c->port_keys[0].protocol, IPPROTO_TCP);
	assert_int_equal(c->port_outcomes[0], CLASS(0));
	/* An allow rule does not match an unknown field. */
	assert_int_equal(to->selector_unknown[PCTL_SELECTED_TCP], DROP(PCTL_SLOT_DEFAULT));
	assert_int_equal(to->protocol, DROP(PCTL_SLOT_DEFAULT));
	assert_int_equal(c->service_count, 1);
	assert_int_equal(c->services[0].otherwise, DROP(PCTL_SLOT_DEFAULT));
	assert_int_equal(c->services[0].flags, PCTL_SERVICE_PAIRS);
	assert_int_equal(c->pair_count, 1);
	assert_int_equal(pair_of(c, 0, 2), PASS(RULE(0)) | PCTL_LOG);
	assert_int_equal(
		trie_lookup(&c->prefixes, c->classes.roots[PCTL_TO][PCTL_IPV4], &in, &steps),
		2 | PCTL_RESULT_PAIRS);
	compiled_free(c);
}

/* With `not`, the outcome of all other addresses is `otherwise`, not an entry for each. */
static void not_is_the_other_way_round(void **state)
{
	struct compiled *c = compile_world("deny from udp dport 53 peer not 198.51.100.53\n");
	uint32_t service = PCTL_OUTCOME_ARG(c->port_outcomes[0]);

	(void)state;
	assert_int_equal(c->services[service].otherwise, DROP(RULE(0)));
	assert_int_equal(pair_of(c, service, 2), PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(pair_of(c, service, 0), PCTL_NONE); /* drops, as `otherwise` does */
	compiled_free(c);
}

static void what_comes_first_hides_classes(void **state)
{
	struct compiled *c = compile_world("allow tcp\ndeny tcp peer 192.0.2.0/24\n"
					   "deny tcp dport 80 peer 192.0.2.0/24\n"
					   "deny tcp sport 7\n");

	(void)state;
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		assert_int_equal(c->tables[d].by_protocol[IPPROTO_TCP], PASS(RULE(0)));
		assert_int_equal(c->classes.uses_peers[d],
				 1); /* a rule of the direction matches on the peer */
		assert_int_equal(c->classes.uses_sources[d], 0);
	}
	assert_int_equal(c->port_count + c->pair_count + c->source_page_count, 0);
	compiled_free(c);
	/* A row shadows pairs: only those for unknown fields remain. */
	c = compile_world("deny from tcp peer 192.0.2.0/24\n"
			  "allow from tcp dport 80 peer 192.0.2.0/24\n");
	assert_int_equal(c->pair_count, 0);
	compiled_free(c);
}

static void both_directions_share_a_trie(void **state)
{
	struct compiled *c = compile_world("deny tcp peer 192.0.2.0/24\n");
	struct compiled *one = compile_world("deny from tcp peer 192.0.2.0/24\n");

	(void)state;
	assert_memory_equal(c->classes.roots[PCTL_FROM], c->classes.roots[PCTL_TO],
			    sizeof(c->classes.roots[PCTL_TO]));
	assert_int_equal(c->prefixes.count, one->prefixes.count);
	compiled_free(c);
	compiled_free(one);
}

static void source_ports_refine_a_service(void **state)
{
	struct compiled *c = compile_world("deny from tcp dport 80 sport 53\n"
					   "deny from udp sport not 53\n");
	uint32_t service = PCTL_OUTCOME_ARG(c->port_outcomes[0]), refined = 0;

	(void)state;
	assert_int_equal(c->source_page_count, PCTL_DIRECTIONS * PCTL_PAGES);
	assert_int_equal(c->classes.uses_sources[PCTL_FROM], 1);
	assert_int_equal(c->classes.uses_sources[PCTL_TO], 0);
	assert_int_equal(c->source_pages[0].classes[52], 0);
	assert_int_equal(c->source_pages[0].classes[53], 1);
	assert_int_equal(c->services[service].flags, PCTL_SERVICE_SOURCE);
	assert_int_equal(c->services[service].otherwise, PASS(PCTL_SLOT_DEFAULT));
	for (size_t i = 0; i < c->source_count; i++)
		if (c->source_keys[i].service == service && c->source_keys[i].source == 1)
			refined = c->source_services[i];
	assert_int_equal(c->services[refined].otherwise, DROP(RULE(0)));
	/* An unknown source port is not looked up. */
	assert_int_equal(c->tables[PCTL_FROM].selector_unknown[PCTL_SELECTED_TCP], DROP(RULE(0)));
	/* One entry for `not`. */
	service = PCTL_OUTCOME_ARG(c->tables[PCTL_FROM].by_page[PCTL_SELECTED_UDP][0]);
	assert_int_equal(c->services[service].otherwise, DROP(RULE(1)));
	assert_int_equal(c->source_count, 2);
	compiled_free(c);
}

static void source_ports_that_change_nothing_have_no_entries(void **state)
{
	struct compiled *c = compile_world(FILES "deny from tcp peer @f\n"
						 "deny from tcp sport 7 peer @f\n");

	(void)state;
	assert_int_equal(c->source_count + c->source_page_count, 0);
	assert_int_equal(c->classes.uses_sources[PCTL_FROM], 0);
	compiled_free(c);
}

static void a_set_from_a_file_is_a_list(void **state)
{
	struct compiled *c = compile_world(FILES "deny from tcp peer not { @g, 192.0.2.1 }\n"
						 "allow from tcp dport 7 peer { @g, 192.0.2.1 }\n"
						 "deny from udp peer @f log\n");
	const struct pctl_tables *from = &c->tables[PCTL_FROM];
	uint32_t tcp = PCTL_OUTCOME_ARG(from->by_page[PCTL_SELECTED_TCP][1]);
	uint32_t udp = PCTL_OUTCOME_ARG(from->by_protocol[IPPROTO_UDP]);
	const struct pctl_list_rule *rules = c->list_rules;

	(void)state;
	assert_int_equal(c->classes.set_count, 2);
	assert_int_equal(c->classes.list_count, 2); /* `not` is not a part of it */
	assert_int_equal(c->classes.list_sets[0], 1);
	assert_int_equal(c->classes.list_sets[1], 2);
	assert_int_equal(c->list_rule_count, c->service_count * 2);
	assert_int_equal(c->services[tcp].lists, 1);
	assert_int_equal(rules[tcp * 2].outcomes[PCTL_OUTSIDE], DROP(RULE(0)));
	assert_int_equal(rules[tcp * 2].outcomes[PCTL_INSIDE], PCTL_NONE);
	assert_int_equal(rules[tcp * 2].outcomes[PCTL_MEMBERSHIP_UNKNOWN], DROP(RULE(0)));
	assert_int_equal(c->services[udp].lists, 2);
	assert_int_equal(rules[udp * 2 + 1].outcomes[PCTL_INSIDE], DROP(RULE(2)) | PCTL_LOG);
	/* 192.0.2.1 is in the list by its class. */
	assert_int_equal(c->classes.peer_lists_base[PCTL_FROM], 0);
	assert_int_equal(c->peer_list_count, 3);
	assert_int_equal(c->peer_lists[1], 0);
	assert_int_equal(c->peer_lists[2], 1);
	assert_int_equal(c->classes.peer_lists_base[PCTL_TO], UINT32_MAX);
	compiled_free(c);
}

/* A list with names has the `not` of both parts, and is decided by what is inside. */
static void what_is_asked_is_a_part_of_a_list(void **state)
{
	struct policy *policy = parse_good(
		"set a dns { a.test }\nset same dns { A.test. }\nset b dns { b.test }\n"
		"set c container { c }\n"
		"allow from udp dport 53 peer 192.0.2.1 dns @a\n"
		"deny from udp dport 53 peer not { @c, 192.0.2.1 } dns not { @same, @b }\n"
		"deny from udp dport 53 dns @same\n"
		"allow from udp dport 53 peer @c\n");
	struct compiled *c = compile(policy);
	uint32_t udp = PCTL_OUTCOME_ARG(c->tables[PCTL_FROM].by_page[PCTL_SELECTED_UDP][0]);
	const struct pctl_list_rule *rules;

	(void)state;
	for (size_t i = 0; i < c->port_count; i++)
		if (c->port_keys[i].selector == htons(53))
			udp = PCTL_OUTCOME_ARG(c->port_outcomes[i]);
	assert_int_equal(c->classes.set_count, 3); /* a and same are one */
	assert_string_equal(c->sets[0]->name, "a");
	assert_string_equal(c->sets[1]->name, "c");
	assert_string_equal(c->sets[2]->name, "b");
	assert_int_equal(c->classes.list_count, 4);
	assert_int_equal(c->classes.list_sets[0], 0);
	assert_int_equal(c->classes.list_names[0], 1);
	assert_int_equal(c->classes.list_flags[0], PCTL_LIST_PEERS);
	assert_int_equal(c->classes.list_sets[1], 2);
	assert_int_equal(c->classes.list_names[1], 1 | 4);
	assert_int_equal(c->classes.list_flags[1],
			 PCTL_LIST_PEERS | PCTL_LIST_PEERS_NOT | PCTL_LIST_NAMES_NOT);
	assert_int_equal(c->classes.list_names[2], 1);
	assert_int_equal(c->classes.list_flags[2], 0);
	assert_int_equal(c->classes.list_sets[3], 2);
	assert_int_equal(c->classes.list_names[3], 0);
	assert_int_equal(c->classes.asks_names[PCTL_FROM], 1);
	assert_int_equal(c->classes.asks_names[PCTL_TO], 0);
	rules = c->list_rules + udp * 4;
	assert_int_equal(c->services[udp].lists, 15);
	assert_int_equal(rules[0].outcomes[PCTL_INSIDE], PASS(RULE(0)));
	assert_int_equal(rules[0].outcomes[PCTL_MEMBERSHIP_UNKNOWN], PCTL_NONE);
	assert_int_equal(rules[1].outcomes[PCTL_INSIDE], DROP(RULE(1)));
	assert_int_equal(rules[1].outcomes[PCTL_MEMBERSHIP_UNKNOWN], DROP(RULE(1)));
	assert_int_equal(rules[1].outcomes[PCTL_OUTSIDE], PCTL_NONE);
	assert_int_equal(rules[2].outcomes[PCTL_MEMBERSHIP_UNKNOWN], DROP(RULE(2)));
	assert_int_equal(rules[3].outcomes[PCTL_INSIDE], PASS(RULE(3)));
	/* 192.0.2.1 is in the first two by its class. */
	assert_int_equal(c->peer_lists[c->classes.peer_lists_base[PCTL_FROM] + 2], 3);
	compiled_free(c);
	policy_free(policy);
}

static void arp_rules_decide_arp(void **state)
{
	struct compiled *c = compile_world("default to deny\nallow from tcp\ndeny from arp log\n"
					   "allow arp\ndeny from any\n");

	(void)state;
	assert_int_equal(c->tables[PCTL_FROM].arp, DROP(RULE(1)) | PCTL_LOG);
	assert_int_equal(c->tables[PCTL_TO].arp, PASS(RULE(2)));
	assert_int_equal(c->tables[PCTL_FROM].frame, DROP(RULE(1)) | PCTL_LOG);
	assert_int_equal(c->tables[PCTL_FROM].protocol, DROP(RULE(3)));
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_GRE], DROP(RULE(3)));
	assert_int_equal(c->proto_count, 1); /* `arp` is no IP protocol */
	compiled_free(c);
}

/* proto_rules has whole protocols, for all peers. */
static void proto_rules_have_plain_rules_only(void **state)
{
	struct compiled *c = compile_world("deny from gre peer 192.0.2.1\ndeny from tcp sport 1\n"
					   "deny from esp\n");

	(void)state;
	assert_int_equal(c->proto_count, 1);
	assert_int_equal(c->proto_keys[0].protocol, IPPROTO_ESP);
	compiled_free(c);
}

static void the_same_policy_gives_the_same_bytes(void **state)
{
	struct random random = { 13 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		char *text;
		struct policy *policy = world_policy(&random, 16, &text);
		struct compiled *a = compile_world(text), *b = compile(policy);

		assert_same_compiled(a, b);
		compiled_free(a);
		compiled_free(b);
		policy_free(policy);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_policies_have_no_classes),
		cmocka_unit_test(a_protocol_and_a_peer_is_a_row),
		cmocka_unit_test(a_port_and_a_peer_is_a_pair),
		cmocka_unit_test(not_is_the_other_way_round),
		cmocka_unit_test(what_comes_first_hides_classes),
		cmocka_unit_test(both_directions_share_a_trie),
		cmocka_unit_test(source_ports_refine_a_service),
		cmocka_unit_test(source_ports_that_change_nothing_have_no_entries),
		cmocka_unit_test(a_set_from_a_file_is_a_list),
		cmocka_unit_test(what_is_asked_is_a_part_of_a_list),
		cmocka_unit_test(arp_rules_decide_arp),
		cmocka_unit_test(proto_rules_have_plain_rules_only),
		cmocka_unit_test(the_same_policy_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
