// SPDX-License-Identifier: GPL-2.0-only
/* policyctl deny, reject, allow, delete: adds rules to the policy in force, or removes some. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "confirm_arguments.h"
#include "edit.h"
#include "error.h"
#include "ids.h"
#include "plan_arguments.h"
#include "print.h"
#include "spec.h"
#include "target_arguments.h"
#include "target_container.h"
#include "util.h"

/* Appends the rules of the SPECs. @sets: also of those that name a set or rate, with an @ */
static int parse_specs(const struct arguments *arguments, enum verdict verdict, bool sets,
		       struct policy *policy)
{
	struct diagnostics diagnostics = {};
	int error = 0;

	for (int i = 1; i < arguments->operand_count && error != -ENOMEM; i++)
		if (sets || !strchr(arguments->operands[i], '@'))
			error = policy_add_spec(policy, verdict, arguments->operands[i],
						&diagnostics);
	if (!error && diagnostics.errors)
		error = -EINVAL;
	return plan_status(error, &diagnostics, NULL);
}

/* Tells of mistakes before anything is looked at. Sets are of the policy in force, not known yet.
 */
static int check_specs(const struct arguments *arguments, enum verdict verdict)
{
	_cleanup_(policy_freep) struct policy *policy = policy_new();

	return policy ? parse_specs(arguments, verdict, false, policy)
		      : command_failed(NULL, -ENOMEM, "nothing was changed");
}

/* Moves the rules behind the first @count to a policy of their own; their sets stay. */
static int split_rules(struct policy *policy, size_t count, struct policy *last)
{
	size_t more = policy->count - count;

	last->rules = calloc(more + 1, sizeof(*last->rules));
	if (!last->rules)
		return -ENOMEM;
	memcpy(last->rules, policy->rules + count, more * sizeof(*last->rules));
	last->count = more;
	policy->count = count;
	return 0;
}

/* Puts the rules of `first` in front of those of `policy`. Where it has one of them already, that
 * one moves to the front. */
static int put_first(struct policy *policy, struct policy *first)
{
	size_t count = first->count;
	struct rule *rules;
	int error;

	error = policy_assign_ids(first, policy);
	for (size_t i = 0; i < count && !error; i++)
		policy_remove(policy, first->rules[i].id); /* -ENOENT: the rule is new */
	rules = error ? NULL : calloc(count + policy->count, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	memcpy(rules, first->rules, count * sizeof(*rules));
	if (policy->count)
		memcpy(rules + count, policy->rules, policy->count * sizeof(*rules));
	free(policy->rules);
	policy->rules = rules;
	policy->count += count;
	policy->next_id = first->next_id;
	first->count = 0;
	return 0;
}

/* Puts the rules of the SPECs in front of one policy. */
static int add_specs(const struct edit *edit, enum verdict verdict, struct policy *policy)
{
	_cleanup_(policy_freep) struct policy *first = policy_new();
	size_t count = policy->count;
	int status = parse_specs(edit->arguments, verdict, true, policy), error;

	if (status != EXIT_DONE)
		return status;
	error = first ? split_rules(policy, count, first) : -ENOMEM;
	error = error ?: put_first(policy, first);
	return error ? command_failed(edit->target.name, error, "the policy in force stays")
		     : EXIT_DONE;
}

static int add(const struct arguments *arguments, enum verdict verdict)
{
	_cleanup_(edit_close) struct edit edit = EDIT_EMPTY;
	int status = check_specs(arguments, verdict);

	status = status ?: confirm_from_arguments(arguments, &edit.pending);
	if (status == EXIT_DONE)
		status = edit_open(arguments, &edit);
	for (size_t i = 0; i < edit.attachments.count && status == EXIT_DONE; i++)
		status = add_specs(&edit, verdict, edit.plans[i].policy);
	return status == EXIT_DONE ? edit_finish(&edit, NULL) : status;
}

static int run_deny(const struct arguments *arguments)
{
	return add(arguments, VERDICT_DENY);
}

static int run_reject(const struct arguments *arguments)
{
	return add(arguments, VERDICT_REJECT);
}

static int run_allow(const struct arguments *arguments)
{
	return add(arguments, VERDICT_ALLOW);
}

static int parse_id(const struct arguments *arguments, const char *text, uint32_t *id)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !value || value > UINT32_MAX)
		return usage_failed(arguments->command, "%s is not the number of a rule", text);
	*id = value;
	return EXIT_DONE;
}

static const struct rule *rule_with_id(const struct policy *policy, uint32_t id)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].id == id)
			return &policy->rules[i];
	return NULL;
}

static int no_such_rule(const char *interface, uint32_t id)
{
	fprintf(stderr,
		"policyctl: %s: no rule has the id %u (policyctl show %s lists them; nothing was "
		"changed)\n",
		interface, id, interface);
	return EXIT_USAGE;
}

/* Each policy numbers its own rules: an id that belongs to different rules in different policies
 * cannot say which one is meant. */
static int check_same_rule(const struct edit *edit, uint32_t id)
{
	_cleanup_(freep) char *first = NULL;
	const char *name = edit->target.name;

	for (size_t i = 0; i < edit->attachments.count; i++) {
		const struct rule *rule = rule_with_id(edit->plans[i].policy, id);
		const char *interface = edit->attachments.items[i].hooks.link.name;
		_cleanup_(freep) char *text = rule ? policy_rule_print(rule) : NULL;

		if (!rule)
			return no_such_rule(edit->target.several ? interface : name, id);
		if (!text)
			return command_failed(name, -ENOMEM, "the policy in force stays");
		if (first && strcmp(first, text) != 0) {
			fprintf(stderr,
				"policyctl: %s: id %u is `%s` on %s, but `%s` on %s: name the "
				"interface (nothing was changed)\n",
				name, id, first, edit->attachments.items[0].hooks.link.name, text,
				interface);
			return EXIT_USAGE;
		}
		if (!first)
			first = TAKE_PTR(text);
	}
	return EXIT_DONE;
}

static int take_out(struct edit *edit, uint32_t id)
{
	int status = check_same_rule(edit, id);

	for (size_t i = 0; i < edit->attachments.count && status == EXIT_DONE; i++)
		policy_remove(edit->plans[i].policy, id);
	return status;
}

static int run_delete(const struct arguments *arguments)
{
	_cleanup_(edit_close) struct edit edit = EDIT_EMPTY;
	int status = EXIT_DONE;
	uint32_t id = 0;

	for (int i = 1; i < arguments->operand_count && status == EXIT_DONE; i++)
		status = parse_id(arguments, arguments->operands[i], &id);
	status = status ?: confirm_from_arguments(arguments, &edit.pending);
	if (status == EXIT_DONE)
		status = edit_open(arguments, &edit);
	for (int i = 1; i < arguments->operand_count && status == EXIT_DONE; i++) {
		parse_id(arguments, arguments->operands[i], &id);
		status = take_out(&edit, id);
	}
	return status == EXIT_DONE ? edit_finish(&edit, NULL) : status;
}

static const struct option_row options[] = {
	CONFIRM_OPTION_ROW,
	TARGET_OPTION_ROW,
	{ "json", NULL, "say what changed as JSON" },
	{},
};

static const char added_in_front[] =
	"The new rules go first, so that they take effect whatever stands behind them; a\n"
	"rule that is there already moves to the front. The change is atomic.";

const struct command command_deny = {
	.name = "deny",
	.synopsis = "IFACE SPEC… [--confirm TIME] [--json]",
	.summary = "add a rule that drops to the policy in force",
	.details = added_in_front,
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run_deny,
};

const struct command command_reject = {
	.name = "reject",
	.synopsis = "IFACE SPEC… [--confirm TIME] [--json]",
	.summary = "add a rule that drops, and tells the sender",
	.details = added_in_front,
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run_reject,
};

const struct command command_allow = {
	.name = "allow",
	.synopsis = "IFACE SPEC… [--confirm TIME] [--json]",
	.summary = "add a rule that passes to the policy in force",
	.details = added_in_front,
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run_allow,
};

const struct command command_delete = {
	.name = "delete",
	.synopsis = "IFACE RULE-ID… [--confirm TIME] [--json]",
	.summary = "take rules out of the policy in force",
	.details =
		"RULE-ID is the number that policyctl show prints behind a rule. All of them are\n"
		"taken out in one atomic change, or none if one does not exist. Of a container "
		"with\n"
		"several veths an id has to be the same rule on each.",
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run_delete,
};
