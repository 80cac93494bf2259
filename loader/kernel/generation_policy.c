// SPDX-License-Identifier: GPL-2.0-only
/* The policy of a generation, read back from its text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "diagnostics.h"
#include "error.h"
#include "generation.h"
#include "policy_parse.h"
#include "set_map.h"
#include "util.h"

/* What the sets from files of a policy are, when its text is read back from the kernel. */
struct pinned_sets {
	const struct generation *generation;
	unsigned int next; /* they come in the order of the text, and so they were pinned */
};

static int load_pinned(void *data, const char *name, struct set *set,
		       struct diagnostics *diagnostics)
{
	struct pinned_sets *sets = data;
	struct pctl_set_header header;
	int error;

	(void)name, (void)diagnostics;
	if (sets->next >= sets->generation->meta.set_count)
		return -EIO;
	error = set_map_header(sets->generation->sets[sets->next++], &header);
	for (int i = 0; i < PCTL_FAMILIES && !error; i++)
		set->counts[i] = header.prefixes[i];
	if (!error)
		memcpy(set->digest, header.digest, sizeof(set->digest));
	return error;
}

static int read_ids(const struct generation *generation, struct policy *policy)
{
	size_t size = policy->count * sizeof(struct rule_record);
	_cleanup_(freep) struct rule_record *records = malloc(size + 1);
	int error = records ? map_read(generation->maps[MAP_RULE_IDS], "rule_ids", records, size)
			    : -ENOMEM;

	for (size_t i = 0; i < policy->count && !error; i++) {
		policy->rules[i].id = records[i].id;
		policy->rules[i].baseline = records[i].baseline;
	}
	policy->next_id = generation->meta.next_id;
	return error;
}

int generation_policy(const struct generation *generation, struct policy **policy)
{
	size_t length = generation->meta.text_length;
	_cleanup_(freep) char *text = malloc(length + 1);
	struct pinned_sets sets = { .generation = generation };
	const struct policy_files files = { .load = load_pinned, .data = &sets };
	_cleanup_(policy_freep) struct policy *parsed = NULL;
	struct diagnostics diagnostics = {};
	int error;

	if (generation->damaged)
		return error_set(
			-EIO,
			"somebody removed or replaced pins in %s: what is attached goes on "
			"enforcing, and policyctl detach takes it off",
			generation->path);
	if (!text)
		return -ENOMEM;
	error = map_read(generation->maps[MAP_POLICY_TEXT], "policy_text", text, length);
	if (error)
		return error;
	error = policy_parse(generation->path, text, length, &files, &parsed, &diagnostics);
	diagnostics_clear(&diagnostics);
	if (!error && parsed->count != generation->meta.rule_count)
		error = -EIO;
	if (error)
		return error_set(error, "the policy text pinned in %s cannot be read",
				 generation->path);
	parsed->own_found = generation->own;
	parsed->audit = generation->meta.audit == AUDIT_WHOLE;
	policy_forget_places(parsed); /* what show prints has other lines */
	error = read_ids(generation, parsed);
	if (!error)
		*policy = TAKE_PTR(parsed);
	return error;
}
