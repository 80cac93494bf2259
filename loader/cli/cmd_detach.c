// SPDX-License-Identifier: GPL-2.0-only
/* policyctl detach: removes exactly what attach has added. */
#include <errno.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "gate.h"
#include "keeper.h"
#include "stacked.h"
#include "target_arguments.h"
#include "util.h"

static int detach_one(struct session *session, struct attachment *attachment, void *data)
{
	char name[IF_NAMESIZE];
	bool live = attachment_live(attachment);
	const char *state = live ? "" : ", where not all of it was left";
	int error = check_detach(session, attachment);

	(void)data;
	memcpy(name, attachment->hooks.link.name, sizeof(name));
	if (error)
		return command_failed(name, error, "it stays attached");
	error = attachment_detach(session, attachment);
	if (error)
		return command_failed(name, error, "what is left of it goes with the next command");
	printf("%s: detached%s\n", name, state);
	return EXIT_DONE;
}

/* Devices above others first: below one that has an XDP program the kernel allows no change. */
static int detach_all(void)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	int status = EXIT_DONE, error = session_open(&session, PINS_CHANGE);
	size_t count = 0;

	error = error ?: attachment_list(&session, &ifindexes, &count);
	error = error ?: stacked_sort(session.nl, ifindexes, count);
	if (error)
		return command_failed(NULL, error, "nothing was detached");
	for (size_t i = 0; i < count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		error = attachment_open(&session, ifindexes[i], &attachment);
		if (error)
			status = command_failed(NULL, error, NULL);
		else
			status = detach_one(&session, &attachment, NULL) ?: status;
	}
	return status;
}

/* --- interfaces that a killed daemon held --- */

struct found {
	size_t let_go, attached;
};

static int let_go_one(struct session *session, const struct link *link, struct found *found)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int result = gates_tidy(session, link->ifindex);

	if (result < 0)
		return command_failed(link->name, result, "it stays held");
	if (result)
		printf("%s: let go: it was held by a process that is gone\n", link->name);
	found->let_go += result;
	found->attached += !attachment_open(session, link->ifindex, &attachment);
	error_clear();
	return EXIT_DONE;
}

static int let_go(const struct target *target, struct found *found)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int status = EXIT_DONE, error = session_open(&session, PINS_CHANGE);

	if (!error && target->name)
		status = target_status(target_links(&session, target, &links, &count),
				       EXIT_NOT_ATTACHED);
	else if (!error)
		error = nl_links(session.nl, &links, &count);
	for (size_t i = 0; i < count && status == EXIT_DONE && !error; i++)
		status = let_go_one(&session, &links[i], found);
	if (!target->name && status == EXIT_DONE && !error)
		error = gates_tidy(&session, 0); /* also removes the pins of their gates */
	return error < 0 ? command_failed(NULL, error, "nothing was detached") : status;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(target_clear) struct target target = {};
	struct found found = {};
	bool all = arguments_have(arguments, "all", NULL);
	size_t count;
	int status;

	if (all && arguments->operand_count)
		return usage_failed(arguments->command, "either IFACE or --all");
	if (!all && !arguments->operand_count)
		return usage_failed(arguments->command, "missing argument: IFACE, or --all");
	status = target_from_arguments(arguments, all ? NULL : arguments->operands[0],
				       EXIT_NOT_ATTACHED, &target);
	status = status ?: let_go(&target, &found);
	if (status != EXIT_DONE || (found.let_go && !found.attached))
		return status;
	return all ? detach_all() : target_each(&target, PINS_CHANGE, detach_one, NULL, &count);
}

const struct command command_detach = {
	.name = "detach",
	.synopsis = "IFACE | --all",
	.summary = "take it off again",
	.details =
		"Removes both programs, the clsact qdisc if attach had made it and nobody else "
		"uses\n"
		"it, and everything kept below /sys/fs/bpf/policyctl for the interface. Lets go "
		"what a\n"
		"daemon or a sidecar held when it was killed. Refused in quarantine, and where a "
		"daemon\n"
		"or sidecar that runs keeps the policy.",
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
