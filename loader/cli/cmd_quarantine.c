// SPDX-License-Identifier: GPL-2.0-only
/* policyctl quarantine: drops all packets of a container, or of an interface, but what is named. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attachment_json.h"
#include "attachment_text.h"
#include "attachment_view.h"
#include "commands.h"
#include "container_lookup.h"
#include "error.h"
#include "gate.h"
#include "output.h"
#include "plan_arguments.h"
#include "print.h"
#include "quarantine.h"
#include "quarantine_record.h"
#include "target_arguments.h"
#include "target_container.h"
#include "terminal.h"
#include "util.h"

struct quarantining {
	struct target target;
	struct session session;
	struct plan plan;
	char *text; /* of its policy */
	/* The container that is meant: all of its interfaces, now and later. Version 0: none is
	 * known, and the interface alone is meant. */
	struct owner container;
	bool asleep; /* it does not run: it has no interface yet */
	struct attachment *attachments; /* those that are in quarantine now */
	size_t count;
};

#define QUARANTINING_EMPTY               \
	{                                \
		.session = SESSION_EMPTY \
	}

static void quarantining_close(struct quarantining *q)
{
	for (size_t i = 0; i < q->count; i++)
		attachment_close(&q->attachments[i]);
	free(q->attachments);
	session_close(&q->session);
	plan_free(&q->plan);
	target_clear(&q->target);
	free(q->text);
}

/* --- the policy --- */

/* A file can change until the container starts again, and its set is gone from the kernel by then.
 */
static int check_sets(const struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++)
		if (policy->sets[i]->path)
			return error_set(
				-EINVAL,
				"the set %s is from a file: a quarantine has its addresses "
				"in its policy",
				policy->sets[i]->name);
	return 0;
}

/* What is named is read as for attach, with --default deny behind it. */
static int read_named(const struct arguments *arguments, struct plan *plan)
{
	struct arguments with_default = *arguments;
	size_t count = arguments->option_count;
	_cleanup_(freep) struct given_option *options = calloc(count + 1, sizeof(*options));
	int status;

	if (!options)
		return command_failed(NULL, -ENOMEM, "nothing was changed");
	if (count)
		memcpy(options, arguments->options, count * sizeof(*options));
	options[count] = (struct given_option){ "default", "deny" };
	with_default.options = options;
	with_default.option_count = count + 1;
	status = plan_from_arguments(&with_default, plan);
	if (status != EXIT_DONE || !check_sets(plan->policy))
		return status;
	command_failed(NULL, -EINVAL, "nothing was changed");
	return EXIT_USAGE;
}

static int read_policy(const struct arguments *arguments, struct quarantining *q)
{
	_cleanup_(plan_free) struct plan named = {};
	int error = 0, status = EXIT_DONE;

	if (policy_arguments_given(arguments)) {
		status = read_named(arguments, &named);
		if (status != EXIT_DONE)
			return status;
		q->text = policy_print(named.policy);
	} else {
		q->text = strdup("default from deny\ndefault to deny\n");
	}
	error = q->text ? quarantine_plan(q->text, &q->plan) : -ENOMEM;
	return error ? command_failed(NULL, error, "nothing was changed") : EXIT_DONE;
}

/* --- which container --- */

/* Has it a network of its own at its next start? */
static bool sleeps(const struct target *target)
{
	const struct container *container = &target->container;

	return container->id[0] && !container->running && !container_network_owner(container) &&
	       strcmp(container->network_mode, "host") != 0 &&
	       strcmp(container->network_mode, "none") != 0;
}

/* The container that one interface leads to, by its record or as the engine says. */
static int look_up(const struct target *target, const char *socket, struct owner *owner)
{
	_cleanup_(container_lookup_clear) struct container_lookup lookup = {};
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(freep) struct link *links = NULL;
	struct session session = SESSION_EMPTY;
	size_t count = 0;
	int error = session_open(&session, PINS_READ);

	error = error ?: target_links(&session, target, &links, &count);
	if (!error && !attachment_open(&session, links[0].ifindex, &attachment))
		*owner = attachment.current.owner;
	session_close(&session);
	if (error)
		return error;
	error_clear();
	container_lookup_init(&lookup, socket);
	container_lookup_complete(&lookup, &links[0], owner);
	return 0;
}

/* An interface that leads to a container stands for the container. Where the engine does not answer
 * it stands for itself and for what the records say. */
static int widen(const struct arguments *arguments, struct quarantining *q)
{
	char name[sizeof(TARGET_CONTAINER) + sizeof(q->container.container)];
	const char *socket = NULL, *interface = q->target.name;
	struct target wide;
	int error;

	arguments_have(arguments, "docker-socket", &socket);
	error = look_up(&q->target, socket, &q->container);
	if (error)
		return target_status(error, EXIT_FAILED);
	if (!owner_is(&q->container) || !q->container.container[0])
		return EXIT_DONE;
	snprintf(name, sizeof(name), TARGET_CONTAINER "%s", q->container.container);
	if (target_read(name, socket, &wide)) {
		error_clear();
		target_clear(&wide);
		return EXIT_DONE;
	}
	notice("%s leads to the container %s: all of its interfaces are meant", interface,
	       owner_name(&q->container));
	target_clear(&q->target);
	q->target = wide;
	q->target.name = interface;
	return EXIT_DONE;
}

static int find_container(const struct arguments *arguments, struct quarantining *q)
{
	const char *name = arguments->operands[0], *socket = NULL;
	int result;

	arguments_have(arguments, "docker-socket", &socket);
	if (strncmp(name, TARGET_CONTAINER, strlen(TARGET_CONTAINER)) != 0) {
		q->target.name = name;
		return widen(arguments, q);
	}
	result = target_read(name, socket, &q->target);
	q->asleep = result == TARGET_ABSENT && sleeps(&q->target);
	if (result && !q->asleep)
		return target_status(result, EXIT_FAILED);
	error_clear();
	target_owner(&q->target, &(struct link){}, &q->container);
	return EXIT_DONE;
}

/* --- doing it --- */

static int write_record(struct quarantining *q)
{
	struct quarantine_record record = { .since = time(NULL), .text = q->text };

	if (!owner_is(&q->container) || !q->container.container[0])
		return 0;
	memcpy(record.container, q->container.container, sizeof(record.container));
	memcpy(record.name, q->container.name, sizeof(record.name));
	return quarantine_record_write(q->session.pins.path, &record);
}

static int enter(struct quarantining *q, const struct link *link)
{
	struct attachment *grown = reallocarray(q->attachments, q->count + 1, sizeof(*grown));
	struct owner owner;
	int error;

	if (!grown)
		return command_failed(link->name, -ENOMEM, "it is not in quarantine");
	q->attachments = grown;
	grown[q->count] = (struct attachment)ATTACHMENT_EMPTY;
	target_owner(&q->target, link, &owner);
	if (!owner_is(&owner))
		owner = q->container;
	error = quarantine_enter(&q->session, link, &q->plan, owner_is(&owner) ? &owner : NULL,
				 &grown[q->count]);
	if (error)
		return command_failed(link->name, error, "it is not in quarantine");
	q->count++;
	return EXIT_DONE;
}

static bool is_among(const struct link *links, size_t count, uint32_t ifindex)
{
	for (size_t i = 0; i < count; i++)
		if (links[i].ifindex == ifindex)
			return true;
	return false;
}

/* Interfaces of the container that are known by their records alone: without an engine. */
static int enter_recorded(struct quarantining *q, const struct link *links, size_t link_count)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	size_t count = 0;
	int status = EXIT_DONE, error = attachment_list(&q->session, &ifindexes, &count);

	if (error)
		return command_failed(q->target.name, error, "others may not be in quarantine");
	for (size_t i = 0; i < count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		if (is_among(links, link_count, ifindexes[i]) ||
		    attachment_open(&q->session, ifindexes[i], &attachment) ||
		    !owner_is(&attachment.current.owner) ||
		    strcmp(attachment.current.owner.container, q->container.container) != 0)
			continue;
		status = enter(q, &attachment.hooks.link) ?: status;
	}
	error_clear();
	return status;
}

/* The record first: from then on daemon and sidecar do the same. */
static int enter_all(struct quarantining *q)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int status = EXIT_DONE, error;

	if (!q->asleep)
		status = target_status(target_links(&q->session, &q->target, &links, &count),
				       EXIT_FAILED);
	if (status != EXIT_DONE)
		return status;
	error = write_record(q);
	if (error)
		return command_failed(q->target.name, error, "nothing was changed");
	for (size_t i = 0; i < count; i++)
		status = enter(q, &links[i]) ?: status;
	if (owner_is(&q->container) && q->container.container[0])
		status = enter_recorded(q, links, count) ?: status;
	return status;
}

/* --- what is told --- */

static int print_one(struct quarantining *q, const struct attachment *attachment, json_t *array)
{
	_cleanup_(attachment_view_close) struct attachment_view view = {};
	const struct link *link = &attachment->hooks.link;
	const char *container = owner_name(&attachment->current.owner);
	int error = attachment_view_open(attachment, &view);

	if (error)
		return command_failed(link->name, error, "it is in quarantine");
	attachment_view_look_at_container(&view, q->session.nl);
	if (array)
		return output_json_in(array, attachment_json(&view));
	printf("%s%s%s%s%s%s: in quarantine: all is dropped", terminal_start(stdout, COLOUR_GREEN),
	       link->name, terminal_end(stdout), *container ? " (" : "", container,
	       *container ? ")" : "");
	if (view.policy->count)
		printf(" but what %zu rule%s allow%s", view.policy->count,
		       view.policy->count == 1 ? "" : "s", view.policy->count == 1 ? "s" : "");
	putchar('\n');
	attachment_print_hooks(&view, "");
	return EXIT_DONE;
}

/* Will the container still be in quarantine behind its next interface? */
static void tell_who_follows(const struct quarantining *q)
{
	const char *name = owner_subject(&q->container);
	struct owner sidecar = q->container;
	bool follows;

	if (!owner_is(&q->container) || !q->container.container[0])
		return;
	sidecar.manager = OWNER_SIDECAR;
	follows = gate_check_daemon(&q->session) ||
		  gate_keeper_lives(&q->session.pins, &sidecar, NULL);
	error_clear();
	if (follows && q->asleep)
		notice("%s does not run: it is in quarantine from its next start on", name);
	else if (!follows)
		notice("no policyctl daemon follows containers here: when %s is started%s, it is "
		       "not in quarantine",
		       name, q->asleep ? "" : " again");
}

static int tell(struct quarantining *q, bool json)
{
	json_t *array = json ? json_array() : NULL;
	int status = EXIT_DONE;

	for (size_t i = 0; i < q->count; i++)
		status = print_one(q, &q->attachments[i], array) ?: status;
	tell_who_follows(q);
	return array ? output_json(array) ?: status : status;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(quarantining_close) struct quarantining q = QUARANTINING_EMPTY;
	int status = read_policy(arguments, &q), error;

	if (status == EXIT_DONE)
		status = find_container(arguments, &q);
	if (status != EXIT_DONE)
		return status;
	error = session_open(&q.session, PINS_CREATE);
	if (error)
		return command_failed(arguments->operands[0], error, "nothing was changed");
	status = enter_all(&q);
	return tell(&q, arguments_have(arguments, "json", NULL)) ?: status;
}

const struct command command_quarantine = {
	.name = "quarantine",
	.synopsis = "IFACE [--allow SPEC]… [--rule TEXT]… [--policy FILE] [--json]",
	.summary = "drop all but what is named, until it is released",
	.details =
		"For an incident: from now on nothing passes but what --allow and --policy name, "
		"and\n"
		"what every default deny passes (ARP, neighbour discovery). Running connections "
		"are "
		"cut\n"
		"at once. A daemon or sidecar leaves it alone, and no other command changes it.\n\n"
		"If IFACE leads to a container, all of its interfaces are meant. It stays in\n"
		"quarantine when it is started again or connected to another network, while a "
		"daemon\n"
		"follows it. It ends with policyctl release, or with a restart of the host.\n\n"
		"Again, with other rules: these take the place of the first ones. A rule lets pass "
		"what\n"
		"it names and no answers to it: docs/docker.md has an example.",
	.options =
		(const struct option_row[]){
			{ "allow", "SPEC", "what passes, may be repeated" },
			{ "rule", "TEXT",
			  "rules in the policy language, separated by ';', may be repeated" },
			{ "policy", "FILE", "rules from a file; its defaults do not count" },
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
