/* SPDX-License-Identifier: GPL-2.0-only */
#include "compile.h"
#include "policy_parse.h"
#include "support.h"

#include <errno.h>
#include <stdio.h>

struct policy *parse_good(const char *text)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;
	int error = policy_parse("test", text, strlen(text), NULL, &policy, &diagnostics);
	char *messages = print_diagnostics(&diagnostics);

	if (error)
		fail_msg("%s\nof: %s", messages, text);
	free(messages);
	return policy;
}

struct compiled *compile(const struct policy *policy)
{
	struct compiled *compiled = NULL;

	assert_int_equal(policy_compile(policy, "test", &compiled, NULL), 0);
	return compiled;
}

struct compiled *compile_text(const char *text)
{
	struct policy *policy = parse_good(text);
	struct compiled *compiled = compile(policy);

	policy_free(policy);
	return compiled;
}

char *print_diagnostics(struct diagnostics *diagnostics)
{
	char *text = NULL, *one;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (size_t i = 0; i < diagnostics->count; i++) {
		one = diagnostic_print(&diagnostics->items[i]);
		assert_non_null(one);
		fputs(one, out);
		free(one);
	}
	fclose(out);
	diagnostics_clear(diagnostics);
	return text;
}

char *errors_of(const char *text, size_t length)
{
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;

	assert_int_equal(policy_parse("test", text, length, NULL, &policy, &diagnostics), -EINVAL);
	assert_null(policy);
	assert_true(diagnostics.errors > 0);
	return print_diagnostics(&diagnostics);
}

void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in: %s", part, text);
}

static void assert_same_array(const void *a, const void *b, size_t count, size_t other, size_t size)
{
	assert_int_equal(count, other);
	if (count)
		assert_memory_equal(a, b, count * size);
}

#define ASSERT_SAME(a, b, array, count) \
	assert_same_array((a)->array, (b)->array, (a)->count, (b)->count, sizeof(*(a)->array))

void assert_same_compiled(const struct compiled *a, const struct compiled *b)
{
	assert_memory_equal(a->tables, b->tables, sizeof(a->tables));
	assert_memory_equal(&a->classes, &b->classes, sizeof(a->classes));
	assert_memory_equal(a->track_fragments, b->track_fragments, sizeof(a->track_fragments));
	assert_int_equal(a->slots, b->slots);
	ASSERT_SAME(a, b, proto_keys, proto_count);
	ASSERT_SAME(a, b, proto_outcomes, proto_count);
	ASSERT_SAME(a, b, port_keys, port_count);
	ASSERT_SAME(a, b, port_outcomes, port_count);
	ASSERT_SAME(a, b, prefixes.cells, prefixes.count);
	ASSERT_SAME(a, b, services, service_count);
	ASSERT_SAME(a, b, peer_rules, peer_rule_count);
	ASSERT_SAME(a, b, pair_keys, pair_count);
	ASSERT_SAME(a, b, pair_outcomes, pair_count);
	ASSERT_SAME(a, b, list_rules, list_rule_count);
	ASSERT_SAME(a, b, peer_lists, peer_list_count);
	ASSERT_SAME(a, b, source_pages, source_page_count);
	ASSERT_SAME(a, b, source_keys, source_count);
	ASSERT_SAME(a, b, source_services, source_count);
}

uint32_t random_below(struct random *random, uint32_t bound)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * 0x2545f4914f6cdd1dull) >> 32) % bound;
}

static const char *pick(struct random *random, const char *const *from, uint32_t count)
{
	return from[random_below(random, count)];
}

/* Near page borders and near each other, so that rules overlap and touch. */
static uint32_t random_number(struct random *random, uint32_t max)
{
	static const uint32_t centres[] = { 0, 80, 255, 256, 511, 8000, 32768, 65535 };
	uint32_t number = random_below(random, max + 1);

	if (random_below(random, 3))
		number = centres[random_below(random, COUNT(centres))] + random_below(random, 4);
	return number > max ? random_below(random, max + 1) : number;
}

static void print_numbers(struct random *random, FILE *out, uint32_t max)
{
	uint32_t count = random_below(random, 3) ? 1 : 1 + random_below(random, 4);

	fputs("{ ", out);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t low = random_number(random, max), high = random_number(random, max);

		fputs(i ? ", " : "", out);
		if (random_below(random, 2))
			fprintf(out, "%u", low);
		else
			fprintf(out, "%u-%u", low < high ? low : high, low < high ? high : low);
	}
	fputs(" }", out);
}

static void print_random_rule(struct random *random, FILE *out)
{
	static const char *const with_ports[] = {
		"tcp", "tcp", "udp", "sctp", "{ tcp, udp }", "dccp", "udplite", "{ udplite, udp }"
	};
	static const char *const whole[] = { "any",	  "tcp",  "udp",	  "icmp",
					     "icmpv6",	  "gre",  "ah",		  "200",
					     "{ 7, 47 }", "sctp", "{ tcp, icmp }" };
	static const char *const icmp[] = { "icmp", "icmpv6" };
	static const char *const directions[] = { "", "from ", "to " };

	fprintf(out, "%s ", random_below(random, 2) ? "allow" : "deny");
	fputs(pick(random, directions, COUNT(directions)), out);
	switch (random_below(random, 4)) {
	case 0:
		fprintf(out, "%s", pick(random, whole, COUNT(whole)));
		break;
	case 1:
		fprintf(out, "%s type ", pick(random, icmp, COUNT(icmp)));
		print_numbers(random, out, random_below(random, 2) ? 255 : 11);
		if (random_below(random, 2)) {
			fputs(" code ", out);
			print_numbers(random, out, random_below(random, 2) ? 255 : 5);
		}
		break;
	default:
		fprintf(out, "%s dport ", pick(random, with_ports, COUNT(with_ports)));
		print_numbers(random, out, 65535);
	}
	fputc('\n', out);
}

char *random_policy(struct random *random, unsigned int rules)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fprintf(out, "default from %s\ndefault to %s\n", random_below(random, 2) ? "allow" : "deny",
		random_below(random, 2) ? "allow" : "deny");
	for (unsigned int i = 0; i < rules; i++)
		print_random_rule(random, out);
	fclose(out);
	return text;
}
