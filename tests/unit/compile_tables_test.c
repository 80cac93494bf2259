/* SPDX-License-Identifier: GPL-2.0-only */
/* The content of the tables: what an operator sees in the maps, and what costs a lookup. */
#include "compiled.h"
#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define RULE(i) (PCTL_SLOT_RULES + (i))
#define PASS(slot) PCTL_OUTCOME(PCTL_PASS, slot)
#define DROP(slot) PCTL_OUTCOME(PCTL_DROP, slot)

static void empty_policy_passes_everything(void **state)
{
	struct compiled *c = compile_text("");

	(void)state;
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		assert_int_equal(c->tables[d].frame, PASS(PCTL_SLOT_DEFAULT));
		assert_int_equal(c->tables[d].arp, PASS(PCTL_SLOT_DEFAULT));
		assert_int_equal(c->tables[d].protocol, PASS(PCTL_SLOT_DEFAULT));
		for (int p = 0; p < 256; p++)
			assert_int_equal(c->tables[d].by_protocol[p], PASS(PCTL_SLOT_DEFAULT));
		assert_false(c->track_fragments[d]);
	}
	assert_int_equal(c->proto_count + c->port_count, 0);
	assert_int_equal(c->slots, PCTL_SLOT_RULES);
	compiled_free(c);
}

static void mirrors_have_numbers(void **state)
{
	struct compiled *c = compile_text("default to allow mirror b\n"
					  "allow from tcp mirror a\n"
					  "deny udp mirror b\n"
					  "allow to gre mirror b mac 02:00:00:00:00:01\n"
					  "deny esp\n");
	static const struct {
		uint32_t slot, mirrors[PCTL_DIRECTIONS];
	} expected[] = {
		{ PCTL_SLOT_DEFAULT, { 0, 1 } }, { RULE(0), { 2, 0 } }, { RULE(1), { 1, 1 } },
		{ RULE(2), { 0, 3 } },		 { RULE(3), { 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++)
		for (int d = 0; d < PCTL_DIRECTIONS; d++)
			assert_int_equal(
				c->treatments[expected[i].slot * PCTL_DIRECTIONS + d].mirror,
				expected[i].mirrors[d]);
	assert_int_equal(c->mirror_count, 3);
	assert_true(c->mirrors_from);
	assert_int_equal(c->treats, PCTL_TREATS_MIRROR | PCTL_TREATS_DENIED);
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_UDP],
			 DROP(RULE(1)) | PCTL_TREATED);
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_ESP], DROP(RULE(3)));
	compiled_free(c);
	c = compile_text("deny to tcp mirror a\n");
	assert_int_equal(c->treats, PCTL_TREATS_MIRROR); /* XDP leaves nothing to the guard */
	assert_false(c->mirrors_from);
	compiled_free(c);
}

static void whole_protocol_costs_no_selector_table(void **state)
{
	struct compiled *c = compile_text("deny tcp\n");

	(void)state;
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		assert_int_equal(c->tables[d].by_protocol[IPPROTO_TCP], DROP(RULE(0)));
		assert_int_equal(c->tables[d].by_protocol[IPPROTO_UDP], PASS(PCTL_SLOT_DEFAULT));
		assert_int_equal(c->tables[d].frame, DROP(RULE(0)));
		assert_int_equal(c->tables[d].protocol, DROP(RULE(0)));
		assert_int_equal(c->tables[d].arp, PASS(PCTL_SLOT_DEFAULT));
		assert_int_equal(c->proto_keys[d].direction, d);
		assert_int_equal(c->proto_keys[d].protocol, IPPROTO_TCP);
		assert_int_equal(c->proto_outcomes[d], DROP(RULE(0)));
		assert_true(c->track_fragments[d]);
	}
	assert_int_equal(c->proto_count, 2);
	assert_int_equal(c->port_count, 0);
	assert_int_equal(c->slots, RULE(1));
	compiled_free(c);
}

static void one_port_is_one_entry_and_one_bit(void **state)
{
	struct compiled *c = compile_text("deny to tcp dport 443\n");
	struct pctl_tables *to = &c->tables[PCTL_TO];
	unsigned int bits = 0;

	(void)state;
	assert_int_equal(to->by_protocol[IPPROTO_TCP],
			 PCTL_OUTCOME(PCTL_SELECT, PCTL_SELECTED_TCP));
	assert_int_equal(to->by_page[PCTL_SELECTED_TCP][1], PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(to->selector_unknown[PCTL_SELECTED_TCP], DROP(RULE(0)));
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_TCP], PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(c->port_count, 1);
	assert_int_equal(c->port_keys[0].plane, PCTL_TO);
	assert_int_equal(c->port_keys[0].protocol, IPPROTO_TCP);
	assert_int_equal(c->port_keys[0].selector, htons(443));
	assert_int_equal(c->port_outcomes[0], DROP(RULE(0)));
	assert_int_equal(c->proto_count, 0);
	for (int i = 0; i < PCTL_LISTED_WORDS; i++)
		bits += (unsigned int)__builtin_popcountll(to->listed[i]);
	assert_int_equal(bits, 1);
	assert_true(to->listed[443 / 64] & 1ull << (443 % 64));
	compiled_free(c);
}

/* Whole pages need no entries; of a page that is cut, the smaller part is listed. */
static void a_range_lists_only_its_ends(void **state)
{
	struct compiled *c = compile_text("deny from udp dport 250-1030\n");
	struct pctl_tables *from = &c->tables[PCTL_FROM];

	(void)state;
	assert_int_equal(c->port_count, 6 + 7);
	assert_int_equal(from->by_page[PCTL_SELECTED_UDP][0], PASS(PCTL_SLOT_DEFAULT));
	for (int page = 1; page < 4; page++)
		assert_int_equal(from->by_page[PCTL_SELECTED_UDP][page], DROP(RULE(0)));
	assert_int_equal(from->by_page[PCTL_SELECTED_UDP][4], PASS(PCTL_SLOT_DEFAULT));
	compiled_free(c);
}

static void an_icmp_type_is_a_page(void **state)
{
	struct compiled *c = compile_text("deny icmp type echo-request\n");
	struct pctl_tables *from = &c->tables[PCTL_FROM];

	(void)state;
	assert_int_equal(c->port_count, 0);
	assert_int_equal(from->by_page[PCTL_SELECTED_ICMP][8], DROP(RULE(0)));
	assert_int_equal(from->by_page[PCTL_SELECTED_ICMP][0], PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(from->by_protocol[IPPROTO_ICMPV6], PASS(PCTL_SLOT_DEFAULT));
	compiled_free(c);
}

/* With all ports listed every known port passes, but the port of a fragment is still unknown. */
static void all_ports_is_not_the_whole_protocol(void **state)
{
	struct compiled *c = compile_text("default deny\nallow tcp dport 0-65535\n");
	struct pctl_tables *from = &c->tables[PCTL_FROM];

	(void)state;
	assert_int_equal(from->by_protocol[IPPROTO_TCP],
			 PCTL_OUTCOME(PCTL_SELECT, PCTL_SELECTED_TCP));
	assert_int_equal(from->by_page[PCTL_SELECTED_TCP][17], PASS(RULE(0)));
	assert_int_equal(from->selector_unknown[PCTL_SELECTED_TCP], DROP(PCTL_SLOT_DEFAULT));
	assert_true(c->track_fragments[PCTL_FROM]);
	compiled_free(c);
}

static void unknown_matches_every_deny_and_no_allow(void **state)
{
	struct compiled *c = compile_text("default to deny\n"
					  "allow to tcp dport 443\n"
					  "allow from tcp\n"
					  "deny from udp dport 53\n"
					  "allow to any\n");

	(void)state;
	assert_int_equal(c->tables[PCTL_FROM].frame, DROP(RULE(2)));
	assert_int_equal(c->tables[PCTL_FROM].protocol, DROP(RULE(2)));
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_TCP], PASS(RULE(1)));
	/* `any` matches a packet that is known to be IP, and no other. */
	assert_int_equal(c->tables[PCTL_TO].frame, DROP(PCTL_SLOT_DEFAULT));
	assert_int_equal(c->tables[PCTL_TO].protocol, PASS(RULE(3)));
	assert_int_equal(c->tables[PCTL_TO].selector_unknown[PCTL_SELECTED_TCP], PASS(RULE(3)));
	assert_int_equal(c->tables[PCTL_TO].arp, PASS(PCTL_SLOT_KEEP_ARP));
	assert_true(c->track_fragments[PCTL_FROM]);
	assert_false(c->track_fragments[PCTL_TO]);
	compiled_free(c);
}

static void rules_never_match_arp(void **state)
{
	struct compiled *c = compile_text("deny any\n");

	(void)state;
	assert_int_equal(c->tables[PCTL_FROM].arp, PASS(PCTL_SLOT_DEFAULT));
	assert_int_equal(c->tables[PCTL_FROM].frame, DROP(RULE(0)));
	compiled_free(c);
}

static void any_names_no_protocol_in_proto_rules(void **state)
{
	struct compiled *c = compile_text("deny from gre\ndeny from any\nallow from udp\n");

	(void)state;
	assert_int_equal(c->proto_count, 1);
	assert_int_equal(c->proto_keys[0].protocol, IPPROTO_GRE);
	assert_int_equal(c->tables[PCTL_FROM].by_protocol[IPPROTO_UDP], DROP(RULE(1)));
	compiled_free(c);
}

static void proto_rules_speak_of_what_ports_leave(void **state)
{
	struct compiled *c = compile_text("allow to tcp dport 80\ndeny to tcp\n");

	(void)state;
	assert_int_equal(c->proto_count, 1);
	assert_int_equal(c->proto_outcomes[0], DROP(RULE(1)));
	assert_int_equal(c->port_count, 1);
	assert_int_equal(c->port_outcomes[0], PASS(RULE(0)));
	compiled_free(c);
}

static void the_same_policy_gives_the_same_bytes(void **state)
{
	struct random random = { 7 };

	(void)state;
	for (int i = 0; i < 50; i++) {
		char *text = random_policy(&random, 12);
		struct compiled *a = compile_text(text), *b = compile_text(text);

		assert_same_compiled(a, b);
		compiled_free(a);
		compiled_free(b);
		free(text);
	}
}

static void listed_bits_and_entries_agree(void **state)
{
	struct random random = { 11 };
	char *text = random_policy(&random, 40);
	struct compiled *c = compile_text(text);
	uint64_t expected[PCTL_DIRECTIONS][PCTL_LISTED_WORDS] = { 0 };

	(void)state;
	assert_true(c->port_count > 0);
	for (size_t i = 0; i < c->port_count; i++) {
		unsigned int selector = ntohs(c->port_keys[i].selector);

		expected[c->port_keys[i].plane][selector / 64] |= 1ull << (selector % 64);
	}
	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		assert_memory_equal(expected[d], c->tables[d].listed, sizeof(expected[d]));
	compiled_free(c);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_policy_passes_everything),
		cmocka_unit_test(mirrors_have_numbers),
		cmocka_unit_test(whole_protocol_costs_no_selector_table),
		cmocka_unit_test(one_port_is_one_entry_and_one_bit),
		cmocka_unit_test(a_range_lists_only_its_ends),
		cmocka_unit_test(an_icmp_type_is_a_page),
		cmocka_unit_test(all_ports_is_not_the_whole_protocol),
		cmocka_unit_test(unknown_matches_every_deny_and_no_allow),
		cmocka_unit_test(rules_never_match_arp),
		cmocka_unit_test(any_names_no_protocol_in_proto_rules),
		cmocka_unit_test(proto_rules_speak_of_what_ports_leave),
		cmocka_unit_test(the_same_policy_gives_the_same_bytes),
		cmocka_unit_test(listed_bits_and_entries_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
