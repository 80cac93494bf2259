// SPDX-License-Identifier: GPL-2.0-only
/* policyctl detach: takes off exactly what attach put on. */
#include <errno.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "target.h"
#include "util.h"

static int detach_one(struct session *session, struct attachment *attachment, void *data)
{
	char name[IF_NAMESIZE];
	bool live = attachment_live(attachment);
	const char *state = live ? "" : ", where not all of it was left";
	int error;

	(void)data;
	memcpy(name, attachment->hooks.link.name, sizeof(name));
	error = attachment_detach(session, attachment);
	if (error)
		return command_failed(name, error, "what is left of it goes with the next command");
	printf("%s: detached%s\n", name, state);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(target_clear) struct target target = {};
	bool all = arguments_have(arguments, "all", NULL);
	size_t count;
	int status;

	if (all && arguments->operand_count)
		return usage_failed(arguments->command, "either IFACE or --all");
	if (!all && !arguments->operand_count)
		return usage_failed(arguments->command, "missing argument: IFACE, or --all");
	status = target_read(arguments, all ? NULL : arguments->operands[0], EXIT_NOT_ATTACHED,
			     &target);
	return status == EXIT_DONE ? target_each(&target, detach_one, NULL, &count) : status;
}

const struct command command_detach = {
	.name = "detach",
	.synopsis = "IFACE | --all",
	.summary = "take it off again",
	.details = "Removes both programs, the clsact qdisc if attach had made it and nobody else "
		   "uses\n"
		   "it, and everything kept below /sys/fs/bpf/policyctl for the interface.",
	.options =
		(const struct option_row[]){
			{ "all", NULL, "every interface of this network namespace" },
			TARGET_OPTION_ROW,
			{},
		},
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
