// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "addresses.h"
#include "cleanup.h"
#include "compile.h"
#include "compiled.h"
#include "diagnostics.h"
#include "error.h"
#include "icmp.h"
#include "learnt_text.h"
#include "policy.h"
#include "policy_parse.h"
#include "protocols.h"
#include "terminal.h"

#define INLINE_PEERS 3 /* more are a set */
#define COMMENT_COLUMN 56
#define UNANSWERED_MAX 50 /* lines; a scan makes many */
#define NAMES_MAX 16 /* of one rule */

/* --- words --- */

static void print_protocol(FILE *out, const struct learnt_rule *rule)
{
	const char *name = protocol_name(rule->protocol);

	if (name)
		fputs(name, out);
	else
		fprintf(out, "proto %u", rule->protocol);
}

static void print_number(FILE *out, const struct learnt_rule *rule, const struct range *range)
{
	const char *name = rule->kind == FLOW_ICMP && range->low == range->high
				   ? icmp_type_name(rule->protocol, range->low)
				   : NULL;

	if (rule->kind == FLOW_ETHERTYPE)
		fprintf(out, "0x%04x", range->low);
	else if (name)
		fputs(name, out);
	else if (range->low == range->high)
		fprintf(out, "%u", range->low);
	else
		fprintf(out, "%u-%u", range->low, range->high);
}

/* Types and ethertypes stand one by one: types have names, and ethertypes no ranges. */
static void print_numbers(FILE *out, const struct learnt_rule *rule)
{
	bool list = rule->numbers.count > 1, each = rule->kind != FLOW_PORTS;
	const char *between = "";

	list = list || (each && rule->numbers.items[0].low != rule->numbers.items[0].high);
	fputs(list ? "{ " : "", out);
	for (size_t i = 0; i < rule->numbers.count; i++) {
		struct range range = rule->numbers.items[i];
		unsigned int last = each ? range.high : range.low;

		for (unsigned int number = range.low; number <= last; number++) {
			if (each)
				range.low = range.high = number;
			fputs(between, out);
			print_number(out, rule, &range);
			between = ", ";
		}
	}
	fputs(list ? " }" : "", out);
}

static bool is_all(const struct prefixes *peers)
{
	return !peers->count ||
	       (peers->count == 2 && !peers->items[0].length && !peers->items[1].length);
}

static void print_addresses(FILE *out, const struct prefixes *peers, const char *between)
{
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < peers->count; i++) {
		address_print(&peers->items[i], text);
		fprintf(out, "%s%s", i ? between : "", text);
	}
}

/* @set: the number of the set of its peers, 0: none */
static void print_rule(FILE *out, const struct learnt_rule *rule, size_t set)
{
	fprintf(out, "allow %s ", rule->direction == PCTL_FROM ? "from" : "to");
	if (rule->kind == FLOW_ETHERTYPE)
		fputs("ethertype", out);
	else
		print_protocol(out, rule);
	if (rule->numbers.count) {
		fputs(rule->kind == FLOW_PORTS	? " dport "
		      : rule->kind == FLOW_ICMP ? " type "
						: " ",
		      out);
		print_numbers(out, rule);
	}
	if (rule->name_count) {
		fputs(" peer @names", out);
		if (set)
			fprintf(out, "%zu", set);
		return;
	}
	if (is_all(&rule->peers))
		return;
	fputs(" peer ", out);
	if (set) {
		fprintf(out, "@peers%zu", set);
		return;
	}
	fputs(rule->peers.count > 1 ? "{ " : "", out);
	print_addresses(out, &rule->peers, ", ");
	fputs(rule->peers.count > 1 ? " }" : "", out);
}

char *learnt_rule_text(const struct learnt_rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_rule(out, rule, 0);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* --- comments --- */

static void print_count(FILE *out, uint64_t count, const char *what)
{
	char number[READABLE_NUMBER_SIZE];

	fprintf(out, "%s %s%s", readable_number(count, number), what, count == 1 ? "" : "s");
}

static void print_counts(FILE *out, const struct learnt_rule *rule)
{
	const struct flow_counts *counts = &rule->counts;
	uint64_t bytes = counts->bytes[PCTL_FROM] + counts->bytes[PCTL_TO];

	fputs(learnt_once(rule) ? "# seen once: " : "# ", out);
	if (counts->connections) {
		print_count(out, counts->connections, "connection");
		fputs(", ", out);
	}
	print_count(out, counts->packets[PCTL_FROM] + counts->packets[PCTL_TO], "packet");
	if (bytes) {
		fputs(", ", out);
		print_count(out, bytes, "byte");
	}
	if (rule->widened) {
		fprintf(out, ", of %zu addresses", rule->addresses);
	}
	if (rule->one_way && !rule->unanswered)
		fputs(", not always answered", out);
}

static void print_names(FILE *out, const struct learnt_rule *rule, const struct learnt_about *about)
{
	char name[LEARNT_NAME], text[ADDRESS_TEXT];
	size_t told = 0;

	for (size_t i = 0; i < rule->peers.count && about->namer && told < NAMES_MAX; i++) {
		const struct prefix *peer = &rule->peers.items[i];

		if (peer->length < family_bits(peer->family) ||
		    !about->namer(about->namer_data, peer, name))
			continue;
		for (char *c = name; *c; c++)
			if (!isalnum((unsigned char)*c) && !strchr("-._", *c))
				*c = '?';
		address_print(peer, text);
		fprintf(out, "# %s: %s\n", text, name);
		told++;
	}
}

/* --- sets --- */

static bool same_names(const struct learnt_rule *x, const struct learnt_rule *y)
{
	if (x->name_count != y->name_count)
		return false;
	for (size_t i = 0; i < x->name_count; i++)
		if (strcmp(x->names[i], y->names[i]) != 0)
			return false;
	return true;
}

static bool same_set(const struct learnt_rule *x, const struct learnt_rule *y)
{
	if (x->name_count || y->name_count)
		return same_names(x, y);
	return prefixes_equal(&x->peers, &y->peers);
}

/* *sets: one entry for each rule: the number of the set of its peers or names, each from 1 on; 0:
 * they are few peers */
static void number_sets(const struct learnt *learnt, size_t *sets)
{
	size_t last[2] = {};

	for (size_t i = 0; i < learnt->count; i++) {
		const struct learnt_rule *rule = &learnt->rules[i];

		if (rule->unanswered || (!rule->name_count && (rule->peers.count <= INLINE_PEERS ||
							       is_all(&rule->peers))))
			continue;
		for (size_t j = 0; j < i && !sets[i]; j++)
			if (sets[j] && same_set(rule, &learnt->rules[j]))
				sets[i] = sets[j];
		if (!sets[i])
			sets[i] = ++last[rule->name_count > 0];
	}
}

static void print_name_sets(FILE *out, const struct learnt *learnt, const size_t *sets)
{
	size_t last = 0;

	for (size_t i = 0; i < learnt->count; i++) {
		const struct learnt_rule *rule = &learnt->rules[i];

		if (!rule->name_count || sets[i] <= last)
			continue;
		if (!last) {
			fputs("resolver { ", out);
			print_addresses(out, &learnt->resolvers, ", ");
			fputs(" }\n", out);
		}
		last = sets[i];
		fprintf(out, "set names%zu dns {", last);
		for (size_t j = 0; j < rule->name_count; j++)
			fprintf(out, "%s%s", j ? ", " : " ", rule->names[j]);
		fputs(" }\n", out);
	}
	fputs(last ? "\n" : "", out);
}

static void print_sets(FILE *out, const struct learnt *learnt, const size_t *sets)
{
	size_t last = 0;

	print_name_sets(out, learnt, sets);
	for (size_t i = 0; i < learnt->count; i++) {
		if (learnt->rules[i].name_count || sets[i] <= last)
			continue;
		last = sets[i];
		fprintf(out, "set peers%zu {\n\t", last);
		print_addresses(out, &learnt->rules[i].peers, ",\n\t");
		fputs("\n}\n", out);
	}
	fputs(last ? "\n" : "", out);
}

/* --- the whole --- */

static void print_aligned(FILE *out, const char *text)
{
	fprintf(out, "%-*s ", COMMENT_COLUMN, text);
}

static void print_learnt(FILE *out, const struct learnt_rule *rule, size_t set,
			 const struct learnt_about *about)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *line = open_memstream(&text, &size);

	if (!line)
		return;
	fputs(rule->unanswered ? "# " : "", line);
	print_rule(line, rule, set);
	if (fclose(line))
		return;
	print_names(out, rule, about);
	print_aligned(out, text);
	print_counts(out, rule);
	fputc('\n', out);
}

bool learnt_is_whole(const struct learning_gaps *gaps)
{
	return !gaps->unseen && !gaps->refused && !gaps->flows;
}

static void print_gaps(FILE *out, const struct learning_gaps *gaps)
{
	char number[READABLE_NUMBER_SIZE];

	if (learnt_is_whole(gaps))
		fputs("# Every connection that began was seen.\n", out);
	else
		fputs("# SOMETHING MAY BE MISSING:\n", out);
	if (gaps->unseen)
		fprintf(out, "#   %s connections were evicted before they were read\n",
			readable_number(gaps->unseen, number));
	if (gaps->refused)
		fprintf(out, "#   %s packets found the table of connections full\n",
			readable_number(gaps->refused, number));
	if (gaps->flows)
		fprintf(out, "#   %s times there was no room for another peer or port\n",
			readable_number(gaps->flows, number));
	if (gaps->frames)
		fprintf(out,
			"# %s frames were not read: bytes, and protocols without connections, are "
			"too few.\n",
			readable_number(gaps->frames, number));
}

static void print_head(FILE *out, const struct learnt_about *about)
{
	time_t began = about->began;
	struct tm utc;
	char when[32];

	gmtime_r(&began, &utc);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &utc);
	fputs("# What policyctl learn saw of ", out);
	for (const char *c = about->target; *c; c++)
		fputc(isgraph((unsigned char)*c) ? *c : '?', out);
	fprintf(out, " from %s on, in %" PRIu64 " s: ", when, about->seconds);
	print_count(out, about->connections, "connection");
	fputs(".\n", out);
	print_gaps(out, &about->gaps);
	if (about->too_many_names)
		fputs("# Rules have addresses: names would not fit into a policy.\n", out);
}

static bool opens(const struct learnt *learnt, enum pctl_direction direction)
{
	for (size_t i = 0; i < learnt->count; i++)
		if (!learnt->rules[i].unanswered && learnt->rules[i].direction == direction &&
		    learnt->rules[i].counts.connections)
			return true;
	return false;
}

static void print_defaults(FILE *out, const struct learnt *learnt)
{
	fputs("\ndefault deny\n\n", out);
	if (opens(learnt, PCTL_FROM)) {
		print_aligned(out, "allow to established");
		fputs("# answers to what the container opens\n", out);
	}
	if (opens(learnt, PCTL_TO)) {
		print_aligned(out, "allow from established");
		fputs("# answers of its servers\n", out);
	}
	fputc('\n', out);
}

static void print_unanswered(FILE *out, const struct learnt *learnt, size_t first,
			     const struct learnt_about *about)
{
	if (first == learnt->count)
		return;
	fputs("\n# Not answered, so not allowed:\n", out);
	for (size_t i = first; i < learnt->count && i - first < UNANSWERED_MAX; i++)
		print_learnt(out, &learnt->rules[i], 0, about);
	if (learnt->count - first > UNANSWERED_MAX)
		fprintf(out, "# and %zu more\n", learnt->count - first - UNANSWERED_MAX);
}

static void print_all(FILE *out, const struct learnt *learnt, const size_t *sets,
		      const struct learnt_about *about)
{
	size_t i;

	print_head(out, about);
	print_defaults(out, learnt);
	print_sets(out, learnt, sets);
	for (i = 0; i < learnt->count && !learnt->rules[i].unanswered; i++)
		print_learnt(out, &learnt->rules[i], sets[i], about);
	if (!i)
		fputs("# Nothing was seen that it would allow.\n", out);
	print_unanswered(out, learnt, i, about);
}

char *learnt_text(const struct learnt *learnt, const struct learnt_about *about)
{
	_cleanup_(freep) size_t *sets = calloc(learnt->count + 1, sizeof(*sets));
	char *text = NULL;
	size_t size;
	FILE *out = sets ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	number_sets(learnt, sets);
	print_all(out, learnt, sets, about);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* --- a policy that the kernel takes --- */

static int try(const char *text)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = {};
	_cleanup_(policy_freep) struct policy *policy = NULL;
	struct compiled *compiled = NULL;
	int error = policy_parse("learnt", text, strlen(text), NULL, &policy, &diagnostics);

	if (!error)
		error = policy_compile(policy, "learnt", &compiled, &diagnostics);
	compiled_free(compiled);
	if (error && diagnostics.count)
		error_set(error, "what was learnt makes no policy: line %u: %s",
			  diagnostics.items[0].place.line, diagnostics.items[0].message);
	return error;
}

/* One width: makes it and tries it. */
static int make_one(const struct flows *flows, enum learnt_width width,
		    const struct learnt_about *about, struct learnt *learnt, char **text)
{
	_cleanup_(freep) char *new = NULL;
	int error = learnt_make(flows, about->names, width, learnt);

	new = error ? NULL : learnt_text(learnt, about);
	if (!new)
		return error ?: -ENOMEM;
	error = try(new);
	if (!error)
		*text = TAKE_PTR(new);
	return error;
}

int learnt_policy(const struct flows *flows, bool exact, const struct learnt_about *about,
		  struct learnt *learnt, char **text)
{
	enum learnt_width width = exact ? LEARNT_EXACT : LEARNT_JOINED;
	struct learnt_about now = *about;
	int error;

	for (;;) {
		error = make_one(flows, width, &now, learnt, text);
		if (!error || error == -ENOMEM ||
		    (!now.names && (exact || width + 1 == LEARNT_WIDTHS)))
			return error;
		error_clear();
		learnt_clear(learnt);
		if (now.names)
			now.too_many_names = true;
		else
			width++;
		now.names = NULL;
	}
}
