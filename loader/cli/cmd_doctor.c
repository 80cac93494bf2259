// SPDX-License-Identifier: GPL-2.0-only
/* policyctl doctor: is this host fit, is enforcement live? */
#include <errno.h>

#include "checkup.h"
#include "commands.h"
#include "display.h"
#include "error.h"
#include "target.h"
#include "util.h"

/* The one interface that was asked for. EXIT_NOT_ATTACHED only where that is known. */
static int find_one(struct checkup *checkup, const char *name, uint32_t *ifindex)
{
	struct link link;
	int status = target_link(&checkup->session, name, EXIT_NOT_ATTACHED, &link);

	if (status != EXIT_DONE)
		return status;
	*ifindex = link.ifindex;
	if (!checkup->looked || checkup_has_policy(checkup, link.ifindex))
		return EXIT_DONE;
	notice("%s: nothing of policyctl is attached here", name);
	return EXIT_NOT_ATTACHED;
}

static int examine(struct checkup *checkup, const char *name)
{
	uint32_t one = 0;
	int status = name ? find_one(checkup, name, &one) : EXIT_DONE;

	if (status != EXIT_DONE)
		return status;
	checkup_host(checkup);
	for (size_t i = 0; i < checkup->attached_count; i++)
		if (!one || checkup->attached[i] == one)
			checkup_attachment(checkup, checkup->attached[i]);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(checkup_close) struct checkup checkup = CHECKUP_EMPTY;
	int status, shown = EXIT_DONE, error = checkup_open(&checkup);

	if (error)
		return command_failed(NULL, error, "nothing was looked at");
	status = examine(&checkup, arguments->operand_count ? arguments->operands[0] : NULL);
	checkup_unlock(&checkup);
	if (status != EXIT_DONE)
		return status;
	if (arguments_have(arguments, "json", NULL))
		shown = display_json(findings_json(&checkup.findings));
	else
		findings_print(&checkup.findings);
	return shown ?: findings_status(&checkup.findings);
}

const struct command command_doctor = {
	.name = "doctor",
	.synopsis = "[IFACE] [--json]",
	.summary = "is this host fit, is enforcement really live",
	.details =
		"Looks at the host, and at one attachment or all: are the programs in place with "
		"nobody in\n"
		"front, does the veth lead where it did, do the loaded programs decide by the "
		"rules (a few\n"
		"packets are given to them; nothing of it is counted). Each finding says what, "
		"why it\n"
		"matters and what to do. Changes nothing, and goes on as far as it may without "
		"privileges.\n"
		"Exit status 3: there is a warning or a fault.",
	.options =
		(const struct option_row[]){
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
