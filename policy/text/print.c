/* SPDX-License-Identifier: GPL-2.0-only */
#include "print.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "addresses.h"
#include "cleanup.h"
#include "fields.h"
#include "limit_words.h"
#include "own.h"
#include "parse_live.h"
#include "parse_treatments.h"
#include "reserved_sets.h"

/* How many addresses of a set share a line; a longer list has one address a line. */
#define MAX_IN_LINE 32

static int print_rule(const struct rule *rule, FILE *out)
{
	fprintf(out, "%s ", policy_verdict_name(rule->verdict));
	if (rule->directions == 1u << PCTL_FROM)
		fprintf(out, "%s ", policy_direction_name(PCTL_FROM));
	if (rule->directions == 1u << PCTL_TO)
		fprintf(out, "%s ", policy_direction_name(PCTL_TO));
	field_print_protocols(rule, out);
	for (size_t i = 0; i < field_count; i++) {
		if (!fields[i].given(&fields[i], rule))
			continue;
		fprintf(out, " %s", fields[i].name);
		if (fields[i].print(&fields[i], rule, out))
			return -ENOMEM;
	}
	return 0;
}

/* `own { … }`, `resolver { … }` */
static void print_block(const char *word, const struct prefixes *prefixes, FILE *out)
{
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < prefixes->count; i++) {
		address_print(&prefixes->items[i], text);
		fputs(i ? ", " : word, out);
		fprintf(out, "%s%s", i ? "" : " { ", text);
	}
	fputs(prefixes->count ? " }\n" : "", out);
}

static void print_own(const struct policy *policy, FILE *out)
{
	print_block("own", &policy->own, out);
}

static void print_resolvers(const struct policy *policy, FILE *out)
{
	print_block("resolver", &policy->resolvers, out);
}

/* Without the last newline. In a long list each address has its own line, since the parser
 * refuses lines above 1 MiB. */
static void print_set(const struct set *set, FILE *out)
{
	const struct prefixes *prefixes = &set->prefixes;
	bool lines = set_size(set) > MAX_IN_LINE;
	char text[ADDRESS_TEXT];

	if (set->path) {
		fprintf(out, "set %s file \"%s\"", set->name, set->path);
		return;
	}
	if (set->live) {
		fprintf(out, "set %s ", set->name);
		live_print(set, lines, out);
		return;
	}
	fprintf(out, "set %s {", set->name);
	for (size_t i = 0; i < prefixes->count; i++) {
		address_print(&prefixes->items[i], text);
		fprintf(out, "%s%s%s", i ? "," : "", lines ? "\n\t" : " ", text);
	}
	fputs(lines ? "\n}" : " }", out);
}

/* Without the last newline. */
static void print_default(const struct policy *policy, enum pctl_direction direction, FILE *out)
{
	fprintf(out, "default %s %s", policy_direction_name(direction),
		policy_verdict_name(policy->defaults[direction]));
	treatment_print_default(&policy->default_treatments[direction], out);
	fputs(policy->default_audits[direction] ? " " FIELD_AUDIT : "", out);
}

static void print_buckets(const struct policy *policy, FILE *out)
{
	for (size_t i = 0; i < policy->bucket_count; i++) {
		bucket_print(policy->buckets[i], out);
		fputc('\n', out);
	}
}

static int print_policy(const struct policy *policy, FILE *out)
{
	for (size_t i = 0; i < policy->set_count; i++) {
		if (set_is_reserved(policy->sets[i]))
			continue;
		print_set(policy->sets[i], out);
		fputc('\n', out);
	}
	print_own(policy, out);
	print_resolvers(policy, out);
	if (policy->connections)
		fprintf(out, "connections %u\n", policy->connections);
	print_buckets(policy, out);
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++) {
		print_default(policy, i, out);
		fputc('\n', out);
	}
	for (size_t i = 0; i < policy->count; i++) {
		if (print_rule(&policy->rules[i], out))
			return -ENOMEM;
		fputc('\n', out);
	}
	return 0;
}

struct subject {
	const struct policy *policy; /* exactly one of these is given */
	const struct rule *rule;
	const struct set *set;
	const struct policy *own; /* only its `own` */
	const struct policy *resolvers; /* only its `resolver` */
	const struct bucket *bucket;
	const struct limit *limit;
	const struct policy *buckets; /* only `rate NAME …` */
	const struct policy *defaults; /* only that of `direction` */
	enum pctl_direction direction;
};

static int print_subject(const struct subject *subject, FILE *out)
{
	if (subject->policy)
		return print_policy(subject->policy, out);
	if (subject->rule)
		return print_rule(subject->rule, out);
	if (subject->own)
		print_own(subject->own, out);
	else if (subject->resolvers)
		print_resolvers(subject->resolvers, out);
	else if (subject->limit)
		limit_print(subject->limit, out);
	else if (subject->bucket)
		bucket_print(subject->bucket, out);
	else if (subject->buckets)
		print_buckets(subject->buckets, out);
	else if (subject->defaults)
		print_default(subject->defaults, subject->direction, out);
	else
		print_set(subject->set, out);
	return 0;
}

static char *print_to_text(struct subject subject)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed;

	if (!out)
		return NULL;
	failed = print_subject(&subject, out);
	failed = ferror(out) || failed;
	if (fclose(out) || failed)
		return NULL;
	return TAKE_PTR(text);
}

char *policy_print(const struct policy *policy)
{
	return print_to_text((struct subject){ .policy = policy });
}

char *policy_rule_print(const struct rule *rule)
{
	return print_to_text((struct subject){ .rule = rule });
}

static char *print_rules(const struct policy *policy)
{
	_cleanup_(freep) char *block = NULL;
	size_t size;
	FILE *out = open_memstream(&block, &size);
	bool failed = false;

	if (!out)
		return NULL;
	for (size_t i = 0; i < policy->count && !failed; i++) {
		failed = print_rule(&policy->rules[i], out);
		fputc('\0', out);
	}
	failed = ferror(out) || failed;
	if (fclose(out) || failed)
		return NULL;
	return TAKE_PTR(block);
}

int policy_rule_texts(const struct policy *policy, struct rule_texts *texts)
{
	_cleanup_(rule_texts_clear) struct rule_texts new = { 0 };
	const char *text;

	new.items = calloc(policy->count + 1, sizeof(*new.items));
	new.block = print_rules(policy);
	if (!new.items || !new.block)
		return -ENOMEM;
	text = new.block;
	for (size_t i = 0; i < policy->count; i++) {
		new.items[i] = text;
		text += strlen(text) + 1;
	}
	*texts = new;
	new = (struct rule_texts){ 0 };
	return 0;
}

void rule_texts_clear(struct rule_texts *texts)
{
	free(texts->items);
	free(texts->block);
	*texts = (struct rule_texts){ 0 };
}

char *policy_set_print(const struct set *set)
{
	return print_to_text((struct subject){ .set = set });
}

char *policy_own_print(const struct policy *policy)
{
	return print_to_text((struct subject){ .own = policy });
}

char *policy_resolvers_print(const struct policy *policy)
{
	return print_to_text((struct subject){ .resolvers = policy });
}

char *policy_limit_print(const struct limit *limit)
{
	return print_to_text((struct subject){ .limit = limit });
}

char *policy_bucket_print(const struct bucket *bucket)
{
	return print_to_text((struct subject){ .bucket = bucket });
}

char *policy_buckets_print(const struct policy *policy)
{
	return print_to_text((struct subject){ .buckets = policy });
}

char *policy_default_print(const struct policy *policy, enum pctl_direction direction)
{
	return print_to_text((struct subject){ .defaults = policy, .direction = direction });
}

/* Whether the files of their sets have the same addresses; the sets have the same names. */
static bool same_files(const struct policy *a, const struct policy *b)
{
	for (size_t i = 0; i < a->set_count; i++)
		if (a->sets[i]->path &&
		    memcmp(a->sets[i]->digest, b->sets[i]->digest, PCTL_SET_DIGEST))
			return false;
	return true;
}

/* Whether the same rules are of the baseline; there are as many rules. */
static bool same_baseline(const struct policy *a, const struct policy *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->rules[i].baseline != b->rules[i].baseline)
			return false;
	return true;
}

int policy_same(const struct policy *a, const struct policy *b, bool *same)
{
	_cleanup_(freep) char *text_a = policy_print(a);
	_cleanup_(freep) char *text_b = policy_print(b);

	if (!text_a || !text_b)
		return -ENOMEM;
	*same = !strcmp(text_a, text_b) && same_files(a, b) && same_baseline(a, b) &&
		a->audit == b->audit &&
		(!a->own_found.known || !b->own_found.known ||
		 own_same(&a->own_found, &b->own_found));
	return 0;
}
