// SPDX-License-Identifier: GPL-2.0-only
/* policyctl deny, allow, delete: the policy in force with a rule more or less. */
#include <errno.h>
#include <string.h>

#include "change.h"
#include "commands.h"
#include "error.h"
#include "policy_arguments.h"
#include "target.h"
#include "util.h"

/* The rules of the SPECs, as a policy of their own. */
static int parse_specs(const struct arguments *arguments, enum verdict verdict,
		       struct policy **policy)
{
	struct diagnostics diagnostics = {};
	struct policy *new = policy_new();
	int error = new ? 0 : -ENOMEM;

	for (int i = 1; i < arguments->operand_count && error != -ENOMEM; i++)
		error = policy_add_spec(new, verdict, arguments->operands[i], &diagnostics);
	if (!error && diagnostics.errors)
		error = -EINVAL;
	diagnostics_show(&diagnostics);
	diagnostics_clear(&diagnostics);
	if (!error) {
		*policy = new;
		return EXIT_DONE;
	}
	policy_free(new);
	return error == -EINVAL ? EXIT_USAGE : command_failed(NULL, error, "nothing was changed");
}

/* Puts `first` in front of the rules of `policy`, and takes it out further back. */
static int put_first(struct policy *policy, struct policy *first)
{
	size_t count = first->count;
	struct rule *rules;
	int error;

	error = policy_assign_ids(first, policy);
	for (size_t i = 0; i < count && !error; i++)
		policy_remove(policy, first->rules[i].id); /* -ENOENT: it is new */
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

/* The policy in force, and what was said of it when it came: who adds a rule is told of that one.
 */
static int read_policy(const struct attachment *attachment, struct policy **policy,
		       struct diagnostics *known)
{
	int error = generation_policy(&attachment->current, policy);

	return error ?: policy_check(*policy, attachment->hooks.link.name, known);
}

static int add(const struct arguments *arguments, enum verdict verdict)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(policy_freep) struct policy *first = NULL;
	_cleanup_(diagnostics_clear) struct diagnostics known = {};
	_cleanup_(plan_free) struct plan plan = {};
	const char *name = arguments->operands[0];
	int status, error;

	status = parse_specs(arguments, verdict, &first);
	if (status == EXIT_DONE)
		status = target_open(name, &session, &attachment);
	if (status != EXIT_DONE)
		return status;
	error = read_policy(&attachment, &plan.policy, &known);
	error = error ?: put_first(plan.policy, first);
	if (error)
		return command_failed(name, error, "the policy in force stays");
	status = plan_compile(&plan, name, &known);
	if (status != EXIT_DONE)
		return status;
	return change_and_tell(&session, &attachment, &plan,
			       arguments_have(arguments, "json", NULL));
}

static int run_deny(const struct arguments *arguments)
{
	return add(arguments, VERDICT_DENY);
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

static int run_delete(const struct arguments *arguments)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(diagnostics_clear) struct diagnostics known = {};
	_cleanup_(plan_free) struct plan plan = {};
	const char *name = arguments->operands[0];
	int status, error;
	uint32_t id = 0;

	for (int i = 1; i < arguments->operand_count; i++) {
		status = parse_id(arguments, arguments->operands[i], &id);
		if (status != EXIT_DONE)
			return status;
	}
	status = target_open(name, &session, &attachment);
	if (status != EXIT_DONE)
		return status;
	error = read_policy(&attachment, &plan.policy, &known);
	if (error)
		return command_failed(name, error, "the policy in force stays");
	for (int i = 1; i < arguments->operand_count; i++) {
		parse_id(arguments, arguments->operands[i], &id);
		if (policy_remove(plan.policy, id)) {
			fprintf(stderr,
				"policyctl: %s: no rule has the id %u (policyctl show %s lists "
				"them; nothing was changed)\n",
				name, id, name);
			return EXIT_USAGE;
		}
	}
	status = plan_compile(&plan, name, &known);
	if (status != EXIT_DONE)
		return status;
	return change_and_tell(&session, &attachment, &plan,
			       arguments_have(arguments, "json", NULL));
}

static const struct option_row options[] = {
	{ "json", NULL, "say what changed as JSON" },
	{},
};

static const char added_in_front[] =
	"The new rules go first, so that they take effect whatever stands behind them; a\n"
	"rule that is there already moves to the front. The change is atomic.";

const struct command command_deny = {
	.name = "deny",
	.synopsis = "IFACE SPEC… [--json]",
	.summary = "add a rule that drops to the policy in force",
	.details = added_in_front,
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run_deny,
};

const struct command command_allow = {
	.name = "allow",
	.synopsis = "IFACE SPEC… [--json]",
	.summary = "add a rule that passes to the policy in force",
	.details = added_in_front,
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run_allow,
};

const struct command command_delete = {
	.name = "delete",
	.synopsis = "IFACE RULE-ID… [--json]",
	.summary = "take rules out of the policy in force",
	.details =
		"RULE-ID is the number that policyctl show prints behind a rule. All of them are\n"
		"taken out in one atomic change, or none if one does not exist.",
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run_delete,
};
