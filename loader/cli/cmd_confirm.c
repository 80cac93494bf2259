// SPDX-License-Identifier: GPL-2.0-only
/* policyctl confirm: ends the waiting of a change that was made with --confirm. */
#include <errno.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "json_text.h"
#include "output.h"
#include "target_arguments.h"
#include "undo_unconfirmed.h"
#include "unconfirmed.h"
#include "unconfirmed_words.h"
#include "util.h"

struct answering {
	bool keep; /* confirm; else undo */
	json_t *array; /* NULL: it is told in words */
	size_t done;
};

static json_t *answer_json(const char *name, bool keep, bool attached)
{
	return json_pack("{s:o, s:s}", "interface", json_text(name), "now",
			 keep	    ? "policy"
			 : attached ? "policy before"
				    : "nothing");
}

static void tell(struct answering *answering, const char *name, bool attached)
{
	answering->done++;
	if (answering->array)
		json_array_append_new(answering->array,
				      answer_json(name, answering->keep, attached));
	else if (answering->keep)
		printf("%s: confirmed: its policy stays\n", name);
	else
		printf("%s: undone: %s\n", name,
		       attached ? "the policy before is in force again" : "it is detached again");
}

static int answer(struct session *session, struct attachment *attachment, void *data)
{
	struct answering *answering = data;
	char name[IF_NAMESIZE];
	bool attached = true;
	int error;

	if (!attachment_unconfirmed(attachment))
		return EXIT_DONE;
	snprintf(name, sizeof(name), "%s", attachment->hooks.link.name);
	error = answering->keep ? unconfirmed_confirm(session, attachment)
				: unconfirmed_go_back(session, attachment, PLAN_UNDO, &attached);
	if (error)
		return command_failed(name, error, "its policy still waits to be confirmed");
	tell(answering, name, attached);
	return EXIT_DONE;
}

int undo_unconfirmed(struct session *session, struct attachments *attachments, bool json)
{
	struct answering answering = { .array = json ? json_array() : NULL };
	int status = EXIT_DONE;

	for (size_t i = 0; i < attachments->count; i++)
		status = answer(session, &attachments->items[i], &answering) ?: status;
	return answering.array ? output_json(answering.array) ?: status : status;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(target_clear) struct target target = {};
	struct answering answering = { .keep = true };
	size_t count;
	int status = target_from_arguments(arguments, arguments->operands[0], EXIT_NOT_ATTACHED,
					   &target);

	if (status != EXIT_DONE)
		return status;
	if (arguments_have(arguments, "json", NULL))
		answering.array = json_array();
	status = target_each(&target, PINS_CHANGE, answer, &answering, &count);
	if (status == EXIT_DONE && !answering.done) {
		error_set(0, "nothing waits to be confirmed");
		status = command_failed(arguments->operands[0], 0, "nothing was changed");
	}
	if (answering.array && answering.done)
		return output_json(answering.array) ?: status;
	json_decref(answering.array);
	return status;
}

const struct command command_confirm = {
	.name = "confirm",
	.synopsis = "IFACE [--json]",
	.summary = "keep a policy that was put in force with --confirm",
	.details = "Without it the policy before comes back when the time is over, or nothing, if "
		   "there\n"
		   "was none. Where nothing waits to be confirmed it fails.",
	.options =
		(const struct option_row[]){
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
