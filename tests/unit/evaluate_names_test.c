/* SPDX-License-Identifier: GPL-2.0-only */
/* What the evaluator makes of live sets, of which something is not known, and of questions to DNS.
 */
#include "evaluate_rows.h"
#include "questions.h"

/* --- questions --- */

/* A query without anything else, at the end of which `rest` stands. */
static size_t query(uint8_t *message, const char *name, const void *rest, size_t size)
{
	static const uint8_t header[12] = { 1, 2, 1, 0, 0, 1 };
	static const uint8_t end[5] = { 0, 0, 28, 0, 1 }; /* the root, AAAA, IN */
	size_t at = sizeof(header);

	memcpy(message, header, sizeof(header));
	while (*name) {
		size_t label = strcspn(name, ".");

		message[at++] = (uint8_t)label;
		memcpy(message + at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	memcpy(message + at, end, sizeof(end));
	at += sizeof(end);
	if (size)
		memcpy(message + at, rest, size);
	return at + size;
}

static bool is_in(const char *name, const struct set *set)
{
	uint8_t message[512];
	struct question question;

	question_read(message, query(message, name, NULL, 0), &question);
	assert_int_equal(question.asking, ASKS_NAME);
	return question_is_in(&question, set);
}

static void names_are_compared_whole(void **state)
{
	struct policy *policy = parse_good("set a dns { API.example.com, *.pypi.org, _x.test }\n"
					   "deny from udp dport 53 dns @a\n");
	const struct set *set = policy->sets[0];

	(void)state;
	assert_true(is_in("api.example.com", set));
	assert_true(is_in("aPi.EXAMPLE.com", set));
	assert_true(is_in("_X.test", set));
	assert_true(is_in("files.pypi.org", set));
	assert_true(is_in("a.b.pypi.org", set));
	assert_false(is_in("pypi.org", set)); /* not the apex */
	assert_false(is_in("xpypi.org", set));
	assert_false(is_in("api.example.com.evil.test", set));
	assert_false(is_in("x.api.example.com", set));
	assert_false(is_in("example.com", set));
	assert_false(is_in("pi.example.com", set));
	assert_false(is_in("", set));
	policy_free(policy);
}

/* A dot, or a NUL, in a label is none between two labels. */
static void labels_may_have_any_byte(void **state)
{
	struct policy *policy = parse_good("set a dns { a.b, *.c }\ndeny from udp dport 53 dns @a");
	static const uint8_t dotted[] = { 1, 2, 1,   0,	  0,   1, 0, 0, 0, 0, 0,
					  0, 3, 'a', '.', 'b', 0, 0, 1, 0, 1 };
	static const uint8_t cut[] = { 1, 2, 1,	  0, 0,	  1, 0, 0, 0, 0, 0,
				       0, 1, 'a', 2, 'b', 0, 0, 0, 1, 0, 1 };
	struct question question;

	(void)state;
	question_read(dotted, sizeof(dotted), &question);
	assert_int_equal(question.asking, ASKS_NAME);
	assert_false(question_is_in(&question, policy->sets[0]));
	question_read(cut, sizeof(cut), &question);
	assert_int_equal(question.asking, ASKS_NAME);
	assert_false(question_is_in(&question, policy->sets[0]));
	policy_free(policy);
}

static enum asks asking(const uint8_t *message, size_t size)
{
	struct question question;

	question_read(message, size, &question);
	return question.asking;
}

/* Each byte that is changed hides something. */
static void a_question_stands_alone(void **state)
{
	static const uint8_t edns[] = { 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 2, 9, 9 };
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = { { 2, 0x81 }, { 2, 0x29 }, { 4, 1 },  { 5, 0 },   { 5, 2 },
		      { 7, 1 },	   { 9, 1 },	{ 11, 1 }, { 12, 64 }, { 12, 0xc0 } };
	uint8_t message[512], changed[512];
	size_t size = query(message, "a.test", NULL, 0);

	(void)state;
	assert_int_equal(asking(message, size), ASKS_NAME);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(asking(message, i), ASKS_UNKNOWN);
	assert_int_equal(asking(message, size + 1), ASKS_UNKNOWN);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		memcpy(changed, message, size);
		changed[wrong[i].at] = wrong[i].value;
		assert_int_equal(asking(changed, size), ASKS_UNKNOWN);
	}
	size = query(message, "a.test", edns, sizeof(edns));
	assert_int_equal(asking(message, size), ASKS_UNKNOWN);
	message[11] = 1;
	assert_int_equal(asking(message, size), ASKS_NAME);
	assert_int_equal(asking(message, size - 1), ASKS_UNKNOWN);
	message[size - sizeof(edns) + 2] = 42; /* not EDNS */
	assert_int_equal(asking(message, size), ASKS_UNKNOWN);
}

/* --- rules --- */

static void check(const char *text, const char *question, enum asks asking, int slot)
{
	struct policy *policy = parse_good(text);
	struct evaluation evaluation;
	struct packet_fields fields;
	uint8_t message[512];

	evaluate_frames(policy, FROM, "ip4:dst=198.51.100.53 udp:53", &fields, &evaluation);
	question_read(message, query(message, question, NULL, 0), &fields.question);
	fields.question.asking = asking;
	assert_int_equal(policy_evaluate(policy, FROM, &fields, NULL, NULL, &evaluation), 0);
	if ((int)evaluation.slot != slot)
		print_error("%s%s: slot %u\n", text, question, evaluation.slot);
	assert_int_equal(evaluation.slot, slot);
	policy_free(policy);
}

#define SETS "set a dns { a.test }\nset b dns { *.b.test }\n"
#define QUESTION "from udp dport 53 "

/* An unknown question matches every deny rule and no allow rule. */
static void questions_decide(void **state)
{
	(void)state;
	check(SETS "allow " QUESTION "dns @a\n", "a.test", ASKS_NAME, RULE(0));
	check(SETS "allow " QUESTION "dns @a\n", "c.test", ASKS_NAME, DEFAULT);
	check(SETS "allow " QUESTION "dns @a\n", "a.test", ASKS_UNKNOWN, DEFAULT);
	check(SETS "deny " QUESTION "dns @a\n", "a.test", ASKS_UNKNOWN, RULE(0));
	check(SETS "deny " QUESTION "dns not @a\n", "a.test", ASKS_UNKNOWN, RULE(0));
	check(SETS "allow " QUESTION "dns not @a\n", "a.test", ASKS_UNKNOWN, DEFAULT);
	check(SETS "deny " QUESTION "dns not @a\n", "a.test", ASKS_NAME, DEFAULT);
	check(SETS "deny " QUESTION "dns not { @a, @b }\n", "x.b.test", ASKS_NAME, DEFAULT);
	check(SETS "deny " QUESTION "dns not { @a, @b }\n", "b.test", ASKS_NAME, RULE(0));
	check(SETS "allow " QUESTION "dns @a\n", "a.test", ASKS_NOTHING, RULE(0));
	check(SETS "allow " QUESTION "dns not @a\n", "a.test", ASKS_NOTHING, RULE(0));
	check(SETS "allow " QUESTION "peer 198.51.100.53 dns @a\n", "a.test", ASKS_NAME, RULE(0));
	check(SETS "allow " QUESTION "peer 198.51.100.54 dns @a\n", "a.test", ASKS_NAME, DEFAULT);
	check(SETS "deny " QUESTION "peer 198.51.100.54 dns @a\n", "a.test", ASKS_UNKNOWN, DEFAULT);
	check(SETS "deny from udp dport 54 \n", "a.test", ASKS_UNKNOWN, DEFAULT);
}

static unsigned int decide(struct policy *policy, const char *frame, bool established)
{
	struct connection_memory connections = { .fixed = true, .all = established };
	struct evaluation evaluation;
	struct packet_fields fields;

	evaluate_frames(policy, FROM, frame, &fields, &evaluation);
	assert_int_equal(policy_evaluate(policy, FROM, &fields, NULL, &connections, &evaluation),
			 0);
	return evaluation.slot;
}

/* What is not known to be a member is in no allow rule's set and in every deny rule's. */
static void members_are_known_or_not(void **state)
{
	struct policy *policy = parse_good("set c container { c }\n"
					   "allow from udp peer @c\nallow from udp peer not @c\n"
					   "deny from tcp peer not @c\ndeny from tcp peer @c\n"
					   "allow to established\n");
	struct set *set = policy->sets[0];
	struct prefix member = { .high = 0xc633640100000000, .family = PCTL_IPV4, .length = 32 };
	struct prefix gone = { .high = 0xc633640200000000, .family = PCTL_IPV4, .length = 32 };
	size_t capacity = 0, expired = 0;

	(void)state;
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.1 udp:1", false), DEFAULT);
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.1 tcp:1", false), RULE(2));
	assert_int_equal(prefixes_add(&set->prefixes, &capacity, member), 0);
	assert_int_equal(prefixes_add(&set->expired, &expired, gone), 0);
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.1 udp:1", false), RULE(0));
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.1 tcp:1", false), RULE(3));
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.3 udp:1", false), DEFAULT);
	set->loaded = true;
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.3 udp:1", false), RULE(1));
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.2 udp:1", false), RULE(1));
	assert_int_equal(decide(policy, "ip4:dst=198.51.100.2 udp:1", true), RULE(0));
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_compared_whole),
		cmocka_unit_test(labels_may_have_any_byte),
		cmocka_unit_test(a_question_stands_alone),
		cmocka_unit_test(questions_decide),
		cmocka_unit_test(members_are_known_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
