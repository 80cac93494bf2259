// SPDX-License-Identifier: GPL-2.0-only
/* policyctl apply replaces the whole policy in one step; policyctl diff prints what that would
 * change. */
#include "change.h"
#include "commands.h"
#include "confirm_arguments.h"
#include "edit.h"
#include "plan_arguments.h"
#include "target_arguments.h"
#include "target_container.h"
#include "util.h"

/* The rules and defaults stay. */
static int change_rest(const struct arguments *arguments, const struct hook_arguments *hook,
		       const struct pending *pending)
{
	_cleanup_(edit_close) struct edit edit = { .session = SESSION_EMPTY, .pending = *pending };
	bool audit = arguments_have(arguments, "audit", NULL);
	int status = edit_open(arguments, &edit);

	if (status != EXIT_DONE)
		return status;
	for (size_t i = 0; i < edit.attachments.count; i++)
		if (audit || arguments_have(arguments, "enforce", NULL))
			edit.plans[i].policy->audit = audit;
	return edit_finish(&edit, hook);
}

/* Without a policy: is there something else to change? */
static bool changes_rest(const struct arguments *arguments, const struct hook_arguments *hook)
{
	return hook->given || arguments_have(arguments, "audit", NULL) ||
	       arguments_have(arguments, "enforce", NULL);
}

static int change(const struct arguments *arguments, bool preview, bool *same)
{
	_cleanup_(attachments_close) struct attachments attachments = {};
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(target_clear) struct target target = {};
	_cleanup_(plan_free) struct plan plan = {};
	struct hook_arguments hook;
	struct pending pending;
	const struct change_settings settings = {
		.target = &target,
		.source = policy_arguments_source(arguments),
		.preview = preview,
		.anew = true,
		.json = arguments_have(arguments, "json", NULL),
		.hook = &hook,
	};
	int status = hook_from_arguments(arguments, &hook);

	status = status ?: confirm_from_arguments(arguments, &pending);
	if (status != EXIT_DONE)
		return status;
	if (arguments_have(arguments, "audit", NULL) && arguments_have(arguments, "enforce", NULL))
		return usage_failed(arguments->command, "--audit and --enforce exclude each other");
	if (!policy_arguments_given(arguments) && changes_rest(arguments, &hook))
		return change_rest(arguments, &hook, &pending);
	if (!policy_arguments_given(arguments))
		return usage_failed(
			arguments->command,
			"no policy: give --policy, --rule, --deny, --reject, --allow or --default");
	status = plan_from_arguments(arguments, &plan);
	plan.pending = pending;
	if (status == EXIT_DONE)
		status = target_from_arguments(arguments, arguments->operands[0], EXIT_NOT_ATTACHED,
					       &target);
	if (status == EXIT_DONE)
		status = target_attachments(&target, !preview, preview ? PINS_READ : PINS_CHANGE,
					    &session, &attachments);
	if (status == EXIT_DONE && !preview)
		status = changes_check(&session, &attachments);
	if (status != EXIT_DONE)
		return status;
	target_notice_uncovered(&target);
	return change_all_and_tell(&session, &attachments, &plan, &settings, same);
}

static int run_apply(const struct arguments *arguments)
{
	return change(arguments, arguments_have(arguments, "dry-run", NULL), NULL);
}

static int run_diff(const struct arguments *arguments)
{
	bool same = true;
	int status = change(arguments, true, &same);

	return status == EXIT_DONE && !same ? EXIT_DIFFERENCE : status;
}

const struct command command_apply = {
	.name = "apply",
	.synopsis = "IFACE [--deny SPEC]… [--reject SPEC]… [--allow SPEC]… [--rule TEXT]… "
		    "[--policy FILE]\n"
		    "                       [--default VERDICT]\n"
		    "                       [--hook xdp|tc|auto] [--mode auto|native|generic]\n"
		    "                       [--audit|--enforce] [--confirm TIME] [--dry-run]\n"
		    "                       [--json]",
	.summary = "replace the whole policy, atomically",
	.details =
		"Every packet is judged by the whole old policy or the whole new one. Counters of\n"
		"rules that stay go on. If it fails the old policy stays in force. Applying what "
		"is\n"
		"in force already changes nothing.\n\n"
		"With --confirm TIME the old policy comes back by itself unless policyctl confirm "
		"IFACE\n"
		"is said in time, also when the terminal is gone and policyctl was killed.\n\n"
		"With --audit nothing is enforced: what the policy denies is counted, told as "
		"\"would\n"
		"drop\", and passes. Without a policy, --audit and --enforce change only that.",
	.options =
		(const struct option_row[]){
			POLICY_OPTION_ROWS,
			HOOK_OPTION_ROW,
			{ "mode", "MODE", "of XDP: auto, native, generic; without both they stay" },
			CONFIRM_OPTION_ROW,
			{ "enforce", NULL, "no longer --audit; without a policy it stays" },
			{ "dry-run", NULL, "only say what would change" },
			TARGET_OPTION_ROW,
			{ "json", NULL, "say it as JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run_apply,
};

const struct command command_diff = {
	.name = "diff",
	.synopsis = "IFACE [--deny SPEC]… [--reject SPEC]… [--allow SPEC]… [--rule TEXT]… "
		    "[--policy FILE]\n"
		    "                      [--default VERDICT]\n"
		    "                      [--json]",
	.summary = "what apply would change",
	.details = "Exit status 0: nothing, this policy is in force; 3: something.",
	.options = (const struct option_row[]){ POLICY_OPTION_ROWS,
						TARGET_OPTION_ROW,
						{ "json", NULL, "say it as JSON" },
						{} },
	.min_operands = 1,
	.max_operands = 1,
	.run = run_diff,
};
