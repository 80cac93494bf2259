// SPDX-License-Identifier: GPL-2.0-only
/* policyctl apply: replaces the whole policy in one step. */
#include "change.h"
#include "commands.h"
#include "policy_arguments.h"
#include "target.h"
#include "util.h"

static int run(const struct arguments *arguments)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int status;

	if (!policy_arguments_given(arguments))
		return usage_failed(arguments->command,
				    "no policy: give --policy, --deny, --allow or --default");
	status = policy_from_arguments(arguments, &policy);
	if (status == EXIT_DONE)
		status = target_open(arguments->operands[0], &session, &attachment);
	if (status != EXIT_DONE)
		return status;
	return change_and_tell(&session, &attachment, policy,
			       arguments_have(arguments, "dry-run", NULL),
			       arguments_have(arguments, "json", NULL));
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
	.run = run,
};
