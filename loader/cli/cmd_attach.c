// SPDX-License-Identifier: GPL-2.0-only
/* policyctl attach: a policy comes into force on an interface that had none. */
#include <errno.h>
#include <net/if_arp.h>
#include <string.h>

#include "commands.h"
#include "display.h"
#include "error.h"
#include "policy_arguments.h"
#include "report.h"
#include "target.h"
#include "util.h"

static int parse_mode(const struct arguments *arguments, enum mode_choice *mode)
{
	static const char *const names[] = {
		[MODE_AUTO] = "auto",
		[MODE_NATIVE] = "native",
		[MODE_GENERIC] = "generic",
	};
	const char *given = "auto";

	arguments_have(arguments, "mode", &given);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(given, names[i])) {
			*mode = i;
			return EXIT_DONE;
		}
	return usage_failed(arguments->command, "--mode is auto, native or generic, not %s", given);
}

static int print_report(const struct session *session, const struct attachment *attachment,
			bool json, const char *what)
{
	_cleanup_(report_close) struct report report = {};
	const struct link *link = &attachment->hooks.link;
	int error = report_open(attachment, &report);

	if (error)
		return command_failed(link->name, error, "the policy is in force");
	if (json)
		return display_json(report_json(&report));
	report_look_at_container(&report, session->nl);
	if (hooks_preceded(&attachment->hooks))
		what = "attached, with a foreign filter in front,";
	printf("%s%s%s: %s %zu rule%s, default from %s, to %s\n",
	       display_start(stdout, COLOUR_GREEN), link->name, display_end(stdout), what,
	       report.policy->count, report.policy->count == 1 ? "" : "s",
	       policy_verdict_name(report.policy->defaults[PCTL_FROM]),
	       policy_verdict_name(report.policy->defaults[PCTL_TO]));
	report_print_hooks(&report, "");
	return EXIT_DONE;
}

/* Attached already: fine if it is the same, and put back what somebody took off. */
static int attach_again(struct session *session, struct attachment *attachment,
			enum mode_choice mode, const struct plan *plan, bool json)
{
	const char *name = attachment->hooks.link.name;
	enum xdp_mode current = attachment->current.meta.mode;
	_cleanup_(policy_freep) struct policy *old = NULL;
	bool same = false;
	int error;

	error = generation_policy(&attachment->current, &old);
	error = error ?: policy_same(old, plan->policy, &same);
	if (error)
		return command_failed(name, error, "nothing was changed");
	if (!same) {
		error_set(-EEXIST, "another policy is attached: use policyctl apply to replace it");
		return command_failed(name, -EEXIST, "nothing was changed");
	}
	if ((mode == MODE_NATIVE && current != XDP_MODE_NATIVE) ||
	    (mode == MODE_GENERIC && current != XDP_MODE_GENERIC)) {
		error_set(-EEXIST, "attached in %s mode: detach it to change the mode",
			  xdp_mode_name(current));
		return command_failed(name, -EEXIST, "nothing was changed");
	}
	error = attachment_repair(session, attachment);
	if (error < 0)
		return command_failed(name, error, "the programs that were missing still are");
	return print_report(session, attachment, json,
			    error ? "put back what somebody had taken off, enforcing"
				  : "attached already, enforcing");
}

static int attach_first(struct session *session, const struct link *link, enum mode_choice mode,
			const struct plan *plan, bool json)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int error;

	if (link->type != ARPHRD_ETHER)
		error = error_set(-EOPNOTSUPP,
				  "not an Ethernet interface: the programs read Ethernet "
				  "frames");
	else
		error = attachment_attach(session, link, mode, plan, NULL, &attachment);
	if (error)
		return command_failed(link->name, error, "nothing was changed");
	return print_report(session, &attachment, json, "enforcing");
}

static int run(const struct arguments *arguments)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(plan_free) struct plan plan = {};
	const char *name = arguments->operands[0];
	bool json = arguments_have(arguments, "json", NULL);
	enum mode_choice mode = MODE_AUTO;
	struct link link;
	int status, error;

	status = parse_mode(arguments, &mode);
	if (status == EXIT_DONE)
		status = policy_from_arguments(arguments, &plan);
	if (status != EXIT_DONE)
		return status;
	error = session_open(&session, true);
	if (error)
		return command_failed(name, error, "nothing was changed");
	status = target_link(&session, name, EXIT_FAILED, &link);
	if (status != EXIT_DONE)
		return status;
	error = attachment_open(&session, link.ifindex, &attachment);
	if (!error)
		return attach_again(&session, &attachment, mode, &plan, json);
	if (error != -ENOENT)
		return command_failed(name, error, "nothing was changed");
	return attach_first(&session, &link, mode, &plan, json);
}

const struct command command_attach = {
	.name = "attach",
	.synopsis = "IFACE [--deny SPEC]… [--allow SPEC]… [--policy FILE] [--default VERDICT]\n"
		    "                        [--mode auto|native|generic] [--json]",
	.summary = "put a policy in force on an interface",
	.details =
		"Attaches both programs to IFACE, the host's end of a container's veth: what the\n"
		"container sends is judged by XDP, what it receives by tc (clsact egress). Says\n"
		"which programs, in which mode and why, and who else is on the device.\n\n"
		"Rules are tried in the order given, the first match decides, then the default.\n"
		"Attaching the same policy again is safe, and puts back what somebody removed.\n"
		"Somebody else's XDP program, qdisc or filter is never replaced.",
	.options =
		(const struct option_row[]){
			POLICY_OPTION_ROWS,
			{ "mode", "MODE",
			  "auto (generic on a veth, native elsewhere), native, generic" },
			{ "json", NULL, "report as JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
