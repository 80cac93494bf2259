// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "change.h"
#include "check.h"
#include "command.h"
#include "edit.h"
#include "plan_arguments.h"
#include "target_arguments.h"
#include "target_container.h"

/* Reads the policy in force, and the warnings about it: only warnings about the added rule are
 * worth printing. */
static int read_policy(const struct attachment *attachment, struct policy **policy,
		       struct diagnostics *known)
{
	int error = generation_policy(&attachment->current, policy);

	return error ?: policy_check(*policy, attachment->hooks.link.name, known);
}

void edit_close(struct edit *edit)
{
	for (size_t i = 0; i < edit->attachments.count && edit->plans; i++)
		plan_free(&edit->plans[i]);
	for (size_t i = 0; i < edit->attachments.count && edit->known; i++)
		diagnostics_clear(&edit->known[i]);
	free(edit->plans);
	free(edit->list);
	free(edit->known);
	attachments_close(&edit->attachments);
	session_close(&edit->session);
	target_clear(&edit->target);
}

static int read_policies(struct edit *edit)
{
	size_t count = edit->attachments.count;

	edit->plans = calloc(count, sizeof(*edit->plans));
	edit->list = calloc(count, sizeof(*edit->list));
	edit->known = calloc(count, sizeof(*edit->known));
	if (!edit->plans || !edit->list || !edit->known)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		int error = read_policy(&edit->attachments.items[i], &edit->plans[i].policy,
					&edit->known[i]);

		if (error)
			return error;
		edit->list[i] = &edit->plans[i];
		edit->plans[i].pending = edit->pending;
	}
	return 0;
}

int edit_open(const struct arguments *arguments, struct edit *edit)
{
	int status, error;

	edit->arguments = arguments;
	status = target_from_arguments(arguments, arguments->operands[0], EXIT_NOT_ATTACHED,
				       &edit->target);
	if (status == EXIT_DONE)
		status = target_attachments(&edit->target, true, PINS_CHANGE, &edit->session,
					    &edit->attachments);
	if (status == EXIT_DONE && !arguments_have(arguments, "dry-run", NULL))
		status = changes_check(&edit->session, &edit->attachments);
	if (status != EXIT_DONE)
		return status;
	target_notice_uncovered(&edit->target);
	error = read_policies(edit);
	return error ? command_failed(edit->target.name, error, "the policy in force stays")
		     : EXIT_DONE;
}

int edit_finish(struct edit *edit, const struct hook_arguments *hook)
{
	const struct change_settings settings = {
		.target = &edit->target,
		.source = "command line",
		.preview = arguments_have(edit->arguments, "dry-run", NULL),
		.json = arguments_have(edit->arguments, "json", NULL),
		.hook = hook,
	};
	int status;

	for (size_t i = 0; i < edit->attachments.count; i++) {
		struct diagnostics diagnostics = {};
		int error = plan_compile(&edit->plans[i], edit->target.name, &diagnostics);

		status = plan_status(error, &diagnostics, &edit->known[i]);
		if (status != EXIT_DONE)
			return status;
	}
	return change_and_tell(&edit->session, &edit->attachments, edit->list, &settings, NULL);
}
