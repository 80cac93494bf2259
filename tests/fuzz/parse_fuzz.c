/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes are either refused, with a message and nothing else, or are a policy that can be
 * printed, read back and compiled to the same tables. The first byte is the kind of the others: `S`
 * a SPEC, `D` a default, `A` a list of addresses, anything else a policy text.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "check.h"
#include "cleanup.h"
#include "compile.h"
#include "diagnostics.h"
#include "policy_parse.h"
#include "prefixes.h"
#include "prefixes_parse.h"
#include "print.h"
#include "spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void print_all(const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		_cleanup_(freep) char *text = diagnostic_print(&diagnostics->items[i]);

		require(text && strlen(text) > 0 && text[strlen(text) - 1] == '\n');
	}
}

/* The file of a set: its content is its path, with a comma for each newline. */
static int load(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *text = strdup(set->path);
	int error;

	(void)data;
	require(text && name);
	if (strstr(text, "gone"))
		return -ENOENT;
	for (char *c = text; *c; c++)
		*c = *c == ',' ? '\n' : *c;
	error = prefixes_parse(set->path, text, strlen(text), &set->prefixes, diagnostics, NULL,
			       NULL);
	if (error)
		return error;
	set->loaded = true;
	prefixes_count(&set->prefixes, set->counts);
	return 0;
}

static const struct policy_files files = { .load = load };

/* Rules behind a policy that has a set and a rate. */
static int read_more(struct policy **policy, const uint8_t *data, size_t size,
		     struct diagnostics *diagnostics)
{
	static const char first[] = "set a { 192.0.2.0/24 }\nrate b 1mbit\n"
				    "allow tcp peer @a rate @b\n";
	_cleanup_(diagnostics_clear) struct diagnostics none = { 0 };
	_cleanup_(freep) char *copy = strndup((const char *)data, size);
	const struct policy_text text = {
		.name = "fuzz",
		.text = copy,
		.files = &files,
		.of_label = size % 2,
	};
	int error;

	require(copy && !policy_parse("first", first, strlen(first), &files, policy, &none));
	error = policy_add_text(*policy, &text, diagnostics);
	require((*policy)->count >= 1 && (*policy)->set_count >= 1);
	return error;
}

static void require_same_tables(const struct policy *policy, const struct policy *again)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = { 0 };
	struct compiled *a = NULL, *b = NULL;
	int error = policy_compile(policy, "fuzz", &a, &diagnostics);

	require(!error || error == -E2BIG);
	require(policy_compile(again, "again", &b, &diagnostics) == error);
	if (!error) {
		require(!memcmp(a->tables, b->tables, sizeof(a->tables)));
		require(!memcmp(&a->classes, &b->classes, sizeof(a->classes)));
		require(a->port_count == b->port_count && a->proto_count == b->proto_count);
		require(a->service_count == b->service_count && a->pair_count == b->pair_count);
	}
	compiled_free(a);
	compiled_free(b);
}

static void require_round_trip(const struct policy *policy)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = { 0 };
	_cleanup_(freep) char *text = policy_print(policy);
	_cleanup_(policy_freep) struct policy *again = NULL, *copy = policy_copy(policy);
	bool same = false;

	require(text && copy);
	require(!policy_parse("again", text, strlen(text), &files, &again, &diagnostics));
	require(!diagnostics.errors);
	require(!policy_same(policy, again, &same) && same);
	require(!policy_same(policy, copy, &same) && same);
	require_same_tables(copy, again);
	require(!policy_check(policy, "again", &diagnostics));
	require(!diagnostics.errors);
	print_all(&diagnostics);
}

/* Each prefix of the set reads back by itself, and so does their list. */
static int read_addresses(const uint8_t *data, size_t size, struct diagnostics *diagnostics)
{
	_cleanup_(prefixes_clear) struct prefixes prefixes = { 0 }, again = { 0 };
	char text[ADDRESS_TEXT];
	int error = prefixes_parse("fuzz", (const char *)data, size, &prefixes, diagnostics, NULL,
				   NULL);

	for (size_t i = 0; i < prefixes.count; i++) {
		address_print(&prefixes.items[i], text);
		require(!prefixes_parse("again", text, strlen(text), &again, diagnostics, NULL,
					NULL));
		require(prefixes_cover(&prefixes, &again) && again.count == 1);
		require(prefix_holds(&again.items[0], &prefixes.items[i]));
		prefixes_clear(&again);
	}
	return error;
}

static int read_short_form(struct policy *policy, bool is_default, const uint8_t *data, size_t size,
			   struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);

	require(text);
	if (is_default)
		return policy_set_default(policy, text, diagnostics);
	return policy_add_spec(policy, VERDICT_DENY, text, diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = { 0 };
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int error;

	if (!size)
		return 0;
	if (data[0] == 'A') {
		error = read_addresses(data + 1, size - 1, &diagnostics);
	} else if (data[0] == 'S' || data[0] == 'D') {
		policy = policy_new();
		error = read_short_form(policy, data[0] == 'D', data + 1, size - 1, &diagnostics);
	} else if (data[0] == 'R') {
		error = read_more(&policy, data + 1, size - 1, &diagnostics);
	} else {
		error = policy_parse("fuzz", (const char *)data + 1, size - 1, &files, &policy,
				     &diagnostics);
		require(!error == !!policy);
	}
	require(!error || error == -EINVAL);
	require(!error == !diagnostics.errors);
	print_all(&diagnostics);
	if (policy && !error)
		require_round_trip(policy);
	return 0;
}
