// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "change.h"
#include "command.h"
#include "display.h"
#include "error.h"
#include "policy_arguments.h"
#include "util.h"

static const struct rule *find_id(const struct policy *policy, uint32_t id)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].id == id)
			return &policy->rules[i];
	return NULL;
}

/* Prints the rules of `policy` that `other` does not have, with a sign in front. */
static size_t print_missing(const struct policy *policy, const struct policy *other, char sign,
			    enum colour colour)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->count; i++) {
		_cleanup_(freep) char *text = NULL;

		if (find_id(other, policy->rules[i].id))
			continue;
		text = policy_rule_print(&policy->rules[i]);
		display_coloured(stdout, colour, "  %c %s", sign, text);
		printf("  # id %u\n", policy->rules[i].id);
		count++;
	}
	return count;
}

static void print_difference(const struct policy *old, const struct policy *new)
{
	size_t gone = print_missing(old, new, '-', COLOUR_RED);
	size_t come = print_missing(new, old, '+', COLOUR_GREEN);
	size_t stay = new->count - come;

	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		if (old->defaults[d] != new->defaults[d])
			printf("  default %s %s, was %s\n", policy_direction_name(d),
			       policy_verdict_name(new->defaults[d]),
			       policy_verdict_name(old->defaults[d]));
	if (!gone && !come && stay)
		printf("  the order of the rules\n");
}

static json_t *rules_missing_json(const struct policy *policy, const struct policy *other)
{
	json_t *list = json_array();

	for (size_t i = 0; i < policy->count; i++) {
		_cleanup_(freep) char *text = NULL;

		if (find_id(other, policy->rules[i].id))
			continue;
		text = policy_rule_print(&policy->rules[i]);
		json_array_append_new(list,
				      json_pack("{s:I, s:s}", "id", (json_int_t)policy->rules[i].id,
						"rule", text));
	}
	return list;
}

static json_t *change_json(const char *name, const struct policy *old, const struct policy *new,
			   bool same, bool done)
{
	return json_pack("{s:s, s:b, s:b, s:o, s:o, s:{s:s, s:s}}", "interface", name, "changed",
			 !same && done, "differs", !same, "added", rules_missing_json(new, old),
			 "removed", rules_missing_json(old, new), "defaults", "from",
			 policy_verdict_name(new->defaults[PCTL_FROM]), "to",
			 policy_verdict_name(new->defaults[PCTL_TO]));
}

/* What differs between the policy in force and a new one, which gets its ids here. */
static int compare(const struct attachment *attachment, struct policy *policy, struct policy **old,
		   bool *same)
{
	int error = generation_policy(&attachment->current, old);

	error = error ?: policy_assign_ids(policy, *old);
	return error ?: policy_same(*old, policy, same);
}

static int tell(const char *name, const struct policy *old, const struct policy *new, bool same,
		bool done, bool json)
{
	if (json)
		return display_json(change_json(name, old, new, same, done));
	if (same) {
		printf("%s: nothing to change, this policy is in force\n", name);
		return EXIT_DONE;
	}
	printf("%s: %s\n", name, done ? "changed" : "would change");
	print_difference(old, new);
	return EXIT_DONE;
}

int change_and_tell(struct session *session, struct attachment *attachment, struct policy *policy,
		    bool json)
{
	_cleanup_(policy_freep) struct policy *old = NULL;
	char name[IF_NAMESIZE];
	bool same = false;
	int error;

	snprintf(name, sizeof(name), "%s", attachment->hooks.link.name);
	error = compare(attachment, policy, &old, &same);
	error = error ?: attachment_change(session, attachment, policy);
	if (error < 0)
		return command_failed(name, error, "the policy in force stays");
	return tell(name, old, policy, same, true, json);
}

int change_preview(const struct attachment *attachment, struct policy *policy, bool json,
		   bool *same)
{
	_cleanup_(policy_freep) struct policy *old = NULL;
	const char *name = attachment->hooks.link.name;
	int error = compare(attachment, policy, &old, same);

	if (error)
		return command_failed(name, error, "nothing was changed");
	return tell(name, old, policy, *same, false, json);
}
