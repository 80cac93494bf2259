/* SPDX-License-Identifier: GPL-2.0-only */
#include "evaluate_rows.h"

#include <stdio.h>

#include "frame_text.h"
#include "policy_parse.h"
#include "prefixes_parse.h"

/* The content of every file of a set. */
static const char feed[] = "198.51.100.0/25  # half a block\n2001:db8:f::/48\n";

static int load_feed(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	const bool *lazy = data;
	int error;

	if (*lazy)
		return 0;
	error = prefixes_parse(name, feed, strlen(feed), &set->prefixes, diagnostics, NULL, NULL);
	set->loaded = !error;
	return error;
}

struct policy *evaluate_parse(const char *text, bool lazy)
{
	struct policy_files files = { .load = load_feed, .data = &lazy };
	struct diagnostics diagnostics = { 0 };
	struct policy *policy;
	int error;

	error = policy_parse("test", text, strlen(text), &files, &policy, &diagnostics);
	if (error)
		fail_msg("%s\n%s", text, print_diagnostics(&diagnostics));
	diagnostics_clear(&diagnostics);
	return policy;
}

void evaluate_frames(const struct policy *policy, enum pctl_direction direction, const char *words,
		     struct packet_fields *fields, struct evaluation *evaluation)
{
	struct first_fragment items[2];
	struct fragment_memory memory = { .items = items, .capacity = COUNT(items) };
	char text[300], *rest = text, *one;
	static struct frame frame;

	snprintf(text, sizeof(text), "%s", words);
	while ((one = strsep(&rest, ";"))) {
		frame_from_text(&frame, one);
		packet_fields_read(frame.data, frame.length, fields);
		assert_int_equal(
			policy_evaluate(policy, direction, fields, &memory, NULL, evaluation), 0);
	}
}

void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct policy *policy = evaluate_parse(row->policy, false);
		struct packet_fields fields;
		struct evaluation e;

		evaluate_frames(policy, row->direction, row->frames, &fields, &e);
		if (row->passes != evaluation_passes(&e) || row->slot != e.slot ||
		    row->reason != e.reason)
			fail_msg("row %zu: %s\n%s %s: slot %u, reason %d", i, row->policy,
				 row->frames, policy_verdict_name(e.verdict), e.slot, e.reason);
		assert_true(!e.rule == (e.slot < PCTL_SLOT_RULES));
		if (e.rule)
			assert_ptr_equal(e.rule, &policy->rules[e.slot - PCTL_SLOT_RULES]);
		assert_true(!e.implicit || e.implicit->slot == e.slot);
		policy_free(policy);
	}
}
