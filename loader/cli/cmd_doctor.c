// SPDX-License-Identifier: GPL-2.0-only
/* policyctl doctor: checks whether the host is fit and enforcement is live. */
#include <errno.h>

#include "checkup.h"
#include "checkup_attachment.h"
#include "checkup_host.h"
#include "checkup_names.h"
#include "commands.h"
#include "error.h"
#include "findings_show.h"
#include "output.h"
#include "target_arguments.h"
#include "util.h"

/* Finds the interfaces of the target that have a policy. EXIT_NOT_ATTACHED only if it is certain
 * that none has one. */
static int find(struct checkup *checkup, const struct target *target, struct link **links,
		size_t *count)
{
	int status = target_status(target_links(&checkup->session, target, links, count),
				   EXIT_NOT_ATTACHED);
	size_t found = 0;

	for (size_t i = 0; status == EXIT_DONE && i < *count; i++) {
		if (!checkup->looked || checkup_has_policy(checkup, (*links)[i].ifindex))
			(*links)[found++] = (*links)[i];
		else if (target->several)
			notice("%s: nothing of policyctl is attached to %s", target->name,
			       (*links)[i].name);
	}
	*count = found;
	if (status != EXIT_DONE || found)
		return status;
	notice("%s: nothing of policyctl is attached here", target->name);
	return EXIT_NOT_ATTACHED;
}

static bool is_one_of(const struct link *links, size_t count, uint32_t ifindex)
{
	for (size_t i = 0; i < count; i++)
		if (links[i].ifindex == ifindex)
			return true;
	return false;
}

static int status_of(const struct findings *findings)
{
	if (findings->lost)
		return command_failed(NULL, -ENOMEM, "some findings are missing");
	return findings_count(findings, FINDING_WARNING) || findings_count(findings, FINDING_FAULT)
		       ? EXIT_DIFFERENCE
		       : EXIT_DONE;
}

static int examine(struct checkup *checkup, const struct target *target)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int status = target->name ? find(checkup, target, &links, &count) : EXIT_DONE;

	if (status != EXIT_DONE)
		return status;
	checkup_host(checkup);
	for (size_t i = 0; i < checkup->attached_count; i++)
		if (!target->name || is_one_of(links, count, checkup->attached[i]))
			checkup_attachment(checkup, checkup->attached[i]);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(checkup_close) struct checkup checkup = CHECKUP_EMPTY;
	_cleanup_(target_clear) struct target target = {};
	const char *socket = NULL;
	int status, shown = EXIT_DONE, error;

	status = target_from_arguments(arguments,
				       arguments->operand_count ? arguments->operands[0] : NULL,
				       EXIT_NOT_ATTACHED, &target);
	if (status != EXIT_DONE)
		return status;
	error = checkup_open(&checkup);
	if (error)
		return command_failed(NULL, error, "nothing was looked at");
	status = examine(&checkup, &target);
	checkup_unlock(&checkup);
	if (status != EXIT_DONE)
		return status;
	arguments_have(arguments, "docker-socket", &socket);
	checkup_names_ask(&checkup, socket);
	if (arguments_have(arguments, "json", NULL))
		shown = output_json(findings_json(&checkup.findings));
	else
		findings_print(&checkup.findings);
	return shown ?: status_of(&checkup.findings);
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
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
