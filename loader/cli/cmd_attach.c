// SPDX-License-Identifier: GPL-2.0-only
/* policyctl attach: puts a policy in force on an interface that has none. */
#include <errno.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "attachment_json.h"
#include "attachment_state.h"
#include "attachment_text.h"
#include "attachment_view.h"
#include "commands.h"
#include "confirm_arguments.h"
#include "error.h"
#include "hook_arguments.h"
#include "keeper.h"
#include "output.h"
#include "owner_words.h"
#include "plan_arguments.h"
#include "print.h"
#include "target_arguments.h"
#include "target_container.h"
#include "terminal.h"
#include "util.h"

/* One interface of the target. */
struct site {
	struct link link;
	struct attachment attachment;
	const char *what; /* what was done, in words */
	bool made; /* this command attached it */
};

struct attaching {
	struct target target;
	struct session session;
	struct plan plan;
	struct pending pending; /* of --confirm */
	struct hook_arguments hook;
	const char *source; /* of the policy */
	struct site *sites;
	size_t count;
};

#define ATTACHING_EMPTY                  \
	{                                \
		.session = SESSION_EMPTY \
	}

static void attaching_close(struct attaching *attaching)
{
	for (size_t i = 0; i < attaching->count; i++)
		attachment_close(&attaching->sites[i].attachment);
	free(attaching->sites);
	session_close(&attaching->session);
	plan_free(&attaching->plan);
	target_clear(&attaching->target);
}

/* --- what is told --- */

static void print_owner(const struct owner *owner)
{
	if (!owner_is_container(owner))
		return;
	printf(" (%s", owner_name(owner));
	if (*owner->network)
		printf(" on %s", owner->network);
	putchar(')');
}

static int print_one(const struct attaching *attaching, const struct site *site, json_t *array,
		     bool json)
{
	const struct attachment *attachment = &site->attachment;
	_cleanup_(attachment_view_close) struct attachment_view view = {};
	const struct link *link = &attachment->hooks.link;
	const char *what = site->what, *does = "enforcing";
	int error = attachment_view_open(attachment, &view);

	if (error)
		return command_failed(link->name, error, "the policy is in force");
	attachment_view_look_at_container(&view, attaching->session.nl);
	attachment_view_look_at_mirrors(&view, attaching->session.nl);
	if (json && view.admin == NETNS_ADMIN_OF_HOST)
		notice("%s: " ATTACHMENT_ADMIN_OF_HOST ": " ATTACHMENT_ADMIN_WHY, link->name);
	if (json)
		return output_json_in(array, attachment_json(&view));
	if (attachment_audits(attachment))
		does = "auditing";
	if (hooks_preceded(&attachment->hooks, &attachment->current)) {
		what = "attached, with a foreign filter in front,";
		does = attachment_audits(attachment) ? "auditing" : "";
	}
	printf("%s%s%s", terminal_start(stdout, COLOUR_GREEN), link->name, terminal_end(stdout));
	print_owner(&attachment->current.owner);
	printf(": %s%s%s%s%zu rule%s, default from %s, to %s\n", what ?: "", what ? " " : "", does,
	       *does ? " " : "", view.policy->count, view.policy->count == 1 ? "" : "s",
	       policy_default_words(view.policy, PCTL_FROM),
	       policy_default_words(view.policy, PCTL_TO));
	if (attachment_audits(attachment))
		terminal_print(stdout, COLOUR_YELLOW, "  AUDIT           " ATTACHMENT_AUDITS);
	fputs(attachment_audits(attachment) ? "\n" : "", stdout);
	attachment_print_hooks(&view, "");
	attachment_print_mirrors(&view, "");
	return EXIT_DONE;
}

static int print_all(const struct attaching *attaching, bool json)
{
	json_t *array = json && attaching->target.several ? json_array() : NULL;
	int status = EXIT_DONE;

	for (size_t i = 0; i < attaching->count; i++)
		status = print_one(attaching, &attaching->sites[i], array, json) ?: status;
	return array ? output_json(array) ?: status : status;
}

/* --- attaching --- */

/* A policy is attached already: fine if it is the same. Puts back programs that were removed. */
static int attach_again(struct attaching *attaching, struct site *site)
{
	struct attachment *attachment = &site->attachment;
	enum xdp_mode current = attachment->current.meta.mode;
	_cleanup_(policy_freep) struct policy *old = NULL;
	bool same = false;
	int error;

	error = generation_policy(&attachment->current, &old);
	error = error ?: policy_same(old, attaching->plan.policy, &same);
	if (error)
		return error;
	if (!same)
		error = check_keeper(&attaching->session, attachment);
	if (error)
		return error;
	if (!same)
		return error_set(-EEXIST,
				 "another policy is attached: use policyctl apply to replace it");
	if (attaching->hook.given &&
	    !hook_is(hook_mode(&attaching->hook, attaching->session.nl, &site->link), current))
		return error_set(-EEXIST,
				 "attached by %s%s%s%s: policyctl apply with --hook or --mode "
				 "changes that",
				 attachment_hook(attachment),
				 current == XDP_MODE_NONE ? "" : " in ",
				 current == XDP_MODE_NONE ? "" : xdp_mode_name(current),
				 current == XDP_MODE_NONE ? "" : " mode");
	error = attachment_repair(&attaching->session, attachment);
	site->what = error ? "put back what somebody had taken off," : "attached already,";
	return error < 0 ? error : 0;
}

static int attach_first(struct attaching *attaching, struct site *site)
{
	struct owner owner;
	int error;

	if (site->link.type != ARPHRD_ETHER)
		return error_set(-EOPNOTSUPP,
				 "not an Ethernet interface: the programs read Ethernet frames");
	target_owner(&attaching->target, &site->link, &owner);
	error = check_quarantine_of(&attaching->session, &owner);
	error = error ?: check_set_keeper(&attaching->session, attaching->plan.policy);
	if (error)
		return error;
	if (owner_is(&owner))
		owner_set(owner.source, sizeof(owner.source), attaching->source);
	error = attachment_attach(&attaching->session, &site->link,
				  hook_mode(&attaching->hook, attaching->session.nl, &site->link),
				  &attaching->plan, owner_is(&owner) ? &owner : NULL,
				  &site->attachment);
	site->made = !error;
	site->what = NULL;
	return error;
}

static int attach_one(struct attaching *attaching, struct site *site)
{
	int error = attachment_open(&attaching->session, site->link.ifindex, &site->attachment);

	if (error == -ENOENT)
		return attach_first(attaching, site);
	error = error ?: check_quarantine(&site->attachment);
	return error ?: attach_again(attaching, site);
}

/* Detaches what this command has attached, so that either all interfaces have the policy or none.
 */
static int go_back(struct attaching *attaching, const struct site *failed, int error)
{
	char state[IF_NAMESIZE + 64] = "nothing was changed", subject[300] = "";
	_cleanup_(freep) char *words = strdup(error_message(error));

	for (struct site *site = attaching->sites; site < failed; site++)
		if (site->made && attachment_detach(&attaching->session, &site->attachment))
			snprintf(state, sizeof(state), "but the policy is in force on %s",
				 site->link.name);
	error_set(error, "%s", words ?: strerror(-error));
	if (attaching->target.several)
		snprintf(subject, sizeof(subject), "%.200s: ", attaching->target.name);
	strcat(subject, failed->link.name);
	return command_failed(subject, error, state);
}

static int begin_confirm(struct attaching *attaching)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < attaching->count; i++)
		status = confirm_begin(&attaching->sites[i].attachment, &attaching->pending)
				 ?: status;
	return status;
}

static int attach_all(struct attaching *attaching)
{
	for (size_t i = 0; i < attaching->count; i++) {
		int error = attach_one(attaching, &attaching->sites[i]);

		if (error)
			return go_back(attaching, &attaching->sites[i], error);
	}
	return begin_confirm(attaching);
}

/* --- the command line --- */

static int find_sites(struct attaching *attaching)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int status = target_status(
		target_links(&attaching->session, &attaching->target, &links, &count), EXIT_FAILED);

	if (status != EXIT_DONE)
		return status;
	attaching->sites = calloc(count, sizeof(*attaching->sites));
	if (!attaching->sites)
		return command_failed(attaching->target.name, -ENOMEM, "nothing was changed");
	attaching->count = count;
	for (size_t i = 0; i < count; i++)
		attaching->sites[i] = (struct site){
			.link = links[i],
			.attachment = ATTACHMENT_EMPTY,
		};
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(attaching_close) struct attaching attaching = ATTACHING_EMPTY;
	const char *name = arguments->operands[0];
	int status, error;

	attaching.source = policy_arguments_source(arguments);
	status = hook_from_arguments(arguments, &attaching.hook);
	status = status ?: confirm_from_arguments(arguments, &attaching.pending);
	if (status == EXIT_DONE)
		status = plan_from_arguments(arguments, &attaching.plan);
	attaching.plan.pending = attaching.pending;
	if (status == EXIT_DONE)
		status = target_from_arguments(arguments, name, EXIT_FAILED, &attaching.target);
	if (status != EXIT_DONE)
		return status;
	error = session_open(&attaching.session, PINS_CREATE);
	if (error)
		return command_failed(name, error, "nothing was changed");
	status = find_sites(&attaching);
	if (status == EXIT_DONE)
		status = attach_all(&attaching);
	if (status != EXIT_DONE)
		return status;
	target_notice_uncovered(&attaching.target);
	return print_all(&attaching, arguments_have(arguments, "json", NULL));
}

const struct command command_attach = {
	.name = "attach",
	.synopsis = "IFACE [--deny SPEC]… [--reject SPEC]… [--allow SPEC]… [--rule TEXT]… "
		    "[--policy FILE]\n"
		    "                        [--default VERDICT]\n"
		    "                        [--hook xdp|tc|auto] [--mode auto|native|generic]\n"
		    "                        [--confirm TIME] [--json]",
	.summary = "put a policy in force on an interface",
	.details =
		"Attaches both programs to IFACE, the host's end of a container's veth: what the\n"
		"container sends is judged by XDP, what it receives by tc (clsact egress). Says\n"
		"which programs, in which mode and why, and who else is on the device. With\n"
		"--hook tc clsact ingress judges what the container sends: safe unless the "
		"container\n"
		"has CAP_NET_ADMIN, and cheaper for its bulk TCP.\n\n"
		"Rules are tried in the order given, the first match decides, then the default.\n"
		"Attaching the same policy again is safe, and puts back what somebody removed.\n"
		"Somebody else's XDP program, qdisc or filter is never replaced.\n\n"
		"container:NAME is all veths of that container, on every network it is on; if one\n"
		"fails, those attached just now are taken off again. What the container gets at "
		"its\n"
		"next start is another veth: policyctl daemon follows it.",
	.options =
		(const struct option_row[]){
			POLICY_OPTION_ROWS,
			HOOK_OPTION_ROW,
			{ "mode", "MODE",
			  "of XDP: auto (generic on a veth, native elsewhere), native, generic" },
			CONFIRM_OPTION_ROW,
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
