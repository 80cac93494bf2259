/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes are either refused, with a message and nothing else, or are a policy that can be
 * printed, read back and compiled to the same tables. The first byte says what the others are: a
 * policy text, a SPEC or a default.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "diagnostics.h"

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

static void require_round_trip(const struct policy *policy)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = { 0 };
	_cleanup_(freep) char *text = policy_print(policy);
	_cleanup_(policy_freep) struct policy *again = NULL;
	struct compiled *a = NULL, *b = NULL;
	bool same = false;

	require(text);
	require(!policy_parse("again", text, strlen(text), NULL, &again, &diagnostics));
	require(!diagnostics.count);
	require(!policy_same(policy, again, &same) && same);
	require(!policy_compile(policy, "fuzz", &a, NULL) &&
		!policy_compile(again, "again", &b, NULL));
	require(!memcmp(a->tables, b->tables, sizeof(a->tables)));
	require(a->port_count == b->port_count && a->proto_count == b->proto_count);
	compiled_free(a);
	compiled_free(b);
	require(!policy_check(policy, "again", &diagnostics));
	require(!diagnostics.errors);
	print_all(&diagnostics);
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
	if (data[0] == 'S' || data[0] == 'D') {
		policy = policy_new();
		error = read_short_form(policy, data[0] == 'D', data + 1, size - 1, &diagnostics);
	} else {
		error = policy_parse("fuzz", (const char *)data + 1, size - 1, NULL, &policy,
				     &diagnostics);
		require(!error == !!policy);
	}
	require(!error || error == -EINVAL);
	require(!error == !diagnostics.errors);
	print_all(&diagnostics);
	if (!error)
		require_round_trip(policy);
	return 0;
}
