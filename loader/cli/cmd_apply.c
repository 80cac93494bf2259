// SPDX-License-Identifier: GPL-2.0-only
/* policyctl apply replaces the whole policy in one step, policyctl diff says what that would
 * change. */
#include "change.h"
#include "commands.h"
#include "policy_arguments.h"
#include "target.h"
#include "util.h"

/* The policy of the command line and what it would replace. */
static int open_both(const struct arguments *arguments, struct session *session,
		     struct attachment *attachment, struct plan *plan)
{
	int status;

	if (!policy_arguments_given(arguments))
		return usage_failed(arguments->command,
				    "no policy: give --policy, --deny, --allow or --default");
	status = policy_from_arguments(arguments, plan);
	if (status != EXIT_DONE)
		return status;
	return target_open(arguments->operands[0], session, attachment);
}

static int run_apply(const struct arguments *arguments)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(plan_free) struct plan plan = {};
	bool json = arguments_have(arguments, "json", NULL), same;
	int status = open_both(arguments, &session, &attachment, &plan);

	if (status != EXIT_DONE)
		return status;
	if (arguments_have(arguments, "dry-run", NULL))
		return change_preview(&attachment, &plan, json, &same);
	return change_and_tell(&session, &attachment, &plan, json);
}

static int run_diff(const struct arguments *arguments)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(plan_free) struct plan plan = {};
	bool json = arguments_have(arguments, "json", NULL), same = true;
	int status = open_both(arguments, &session, &attachment, &plan);

	if (status == EXIT_DONE)
		status = change_preview(&attachment, &plan, json, &same);
	return status == EXIT_DONE && !same ? EXIT_DIFFERENCE : status;
}

const struct command command_apply = {
	.name = "apply",
	.synopsis = "IFACE [--deny SPEC]… [--allow SPEC]… [--policy FILE] [--default VERDICT]\n"
		    "                       [--dry-run] [--json]",
	.summary = "replace the whole policy, atomically",
	.details =
		"Every packet is judged by the whole old policy or the whole new one. Counters of\n"
		"rules that stay go on. If it fails the old policy stays in force. Applying what "
		"is\n"
		"in force already changes nothing.",
	.options =
		(const struct option_row[]){
			POLICY_OPTION_ROWS,
			{ "dry-run", NULL, "only say what would change" },
			{ "json", NULL, "say it as JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run_apply,
};

const struct command command_diff = {
	.name = "diff",
	.synopsis = "IFACE [--deny SPEC]… [--allow SPEC]… [--policy FILE] [--default VERDICT]\n"
		    "                      [--json]",
	.summary = "what apply would change",
	.details = "Exit status 0: nothing, this policy is in force; 3: something.",
	.options = (const struct option_row[]){ POLICY_OPTION_ROWS,
						{ "json", NULL, "say it as JSON" },
						{} },
	.min_operands = 1,
	.max_operands = 1,
	.run = run_diff,
};
