// SPDX-License-Identifier: GPL-2.0-only
/* policyctl release: ends a quarantine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "error.h"
#include "gate.h"
#include "json_text.h"
#include "output.h"
#include "owner_words.h"
#include "quarantine.h"
#include "quarantine_record.h"
#include "target_arguments.h"
#include "util.h"

/* How long a daemon or sidecar gets to put its own policy in force: a large one takes some time. */
#define PATIENCE_NS (20 * NS_PER_SECOND)

enum outcome {
	OUTCOME_WAITS, /* for what keeps its policy */
	OUTCOME_KEEPER, /* that has put its own in force */
	OUTCOME_BEFORE, /* what was there before is back */
	OUTCOME_NOTHING, /* nothing is attached any more */
	OUTCOME_FAILED,
};

/* An interface that was in quarantine. */
struct released {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	struct owner owner;
	enum outcome outcome;
};

struct releasing {
	const char *name; /* as it was given */
	struct quarantine_record record; /* of the container; no id: there is none */
	struct released *items;
	size_t count;
};

static void releasing_clear(struct releasing *releasing)
{
	quarantine_record_clear(&releasing->record);
	free(releasing->items);
}

/* --- what is meant --- */

static bool has_record(const struct releasing *releasing)
{
	return releasing->record.container[0];
}

/* An interface that is followed by its name stays in quarantine while it is not there. */
static bool find_by_name(struct session *session, struct releasing *releasing)
{
	struct owner owner = { .version = OWNER_VERSION };
	int error;

	owner_set_interface(&owner, releasing->name);
	error = quarantine_record_read(session->pins.path, owner.container, &releasing->record);
	error_clear();
	return !error;
}

/* The container behind one interface: its record, if that is in quarantine. */
static int find_by_interface(struct session *session, struct releasing *releasing,
			     uint32_t *ifindex)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	const struct target target = { .name = releasing->name };
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int status;

	if (find_by_name(session, releasing))
		return EXIT_DONE;
	status = target_status(target_links(session, &target, &links, &count), EXIT_NOT_ATTACHED);
	if (status != EXIT_DONE)
		return status;
	*ifindex = links[0].ifindex;
	if (!attachment_open(session, links[0].ifindex, &attachment) &&
	    owner_is(&attachment.current.owner))
		quarantine_record_read(session->pins.path, attachment.current.owner.container,
				       &releasing->record);
	error_clear();
	return EXIT_DONE;
}

/* The engine need not answer, and the container need not run: the records know both. */
static int find_record(struct session *session, struct releasing *releasing, uint32_t *ifindex)
{
	const char *name = releasing->name;
	int found;

	if (strncmp(name, TARGET_CONTAINER, strlen(TARGET_CONTAINER)) != 0)
		return find_by_interface(session, releasing, ifindex);
	name += strlen(TARGET_CONTAINER);
	found = quarantine_record_find(session->pins.path, name, &releasing->record);
	return found < 0 ? command_failed(releasing->name, found, "nothing was changed")
			 : EXIT_DONE;
}

/* Is this attachment in quarantine, and meant? */
static bool is_meant(const struct releasing *releasing, const struct attachment *attachment,
		     uint32_t ifindex)
{
	const struct owner *owner = &attachment->current.owner;
	const char *container = has_record(releasing) ? releasing->record.container : NULL;

	if (!quarantine_is_on(attachment))
		return false;
	if (attachment->current.meta.ifindex == ifindex)
		return true;
	return container && owner_is(owner) && !strcmp(owner->container, container);
}

/* --- doing it --- */

/* A keeper that runs is left to put in force what is wanted now: what was there before may be the
 * policy that made the quarantine necessary. */
static int release_one(struct session *session, struct attachment *attachment,
		       struct released *released)
{
	bool attached = true;
	int error;

	if (gate_keeper_lives(&session->pins, &attachment->current.owner, NULL)) {
		released->outcome = OUTCOME_WAITS;
		error = quarantine_hand_over(attachment);
	} else {
		error = quarantine_leave(session, attachment, &attached);
		released->outcome = attached ? OUTCOME_BEFORE : OUTCOME_NOTHING;
	}
	if (!error)
		return EXIT_DONE;
	released->outcome = OUTCOME_FAILED;
	return command_failed(released->name, error, "all stays dropped");
}

static int release_next(struct session *session, struct releasing *releasing,
			struct attachment *attachment)
{
	struct released *grown =
		reallocarray(releasing->items, releasing->count + 1, sizeof(*grown));

	if (!grown)
		return command_failed(releasing->name, -ENOMEM, "all stays dropped");
	releasing->items = grown;
	grown += releasing->count++;
	*grown = (struct released){ .ifindex = attachment->current.meta.ifindex,
				    .owner = attachment->current.owner };
	memcpy(grown->name, attachment->hooks.link.name, sizeof(grown->name));
	return release_one(session, attachment, grown);
}

static int release_all(struct session *session, struct releasing *releasing, uint32_t ifindex)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	size_t count = 0;
	int status = EXIT_DONE, error = attachment_list(session, &ifindexes, &count);

	if (!error && has_record(releasing))
		error = quarantine_record_remove(session->pins.path, releasing->record.container);
	if (error)
		return command_failed(releasing->name, error, "nothing was changed");
	for (size_t i = 0; i < count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		if (!attachment_open(session, ifindexes[i], &attachment) &&
		    is_meant(releasing, &attachment, ifindex))
			status = release_next(session, releasing, &attachment) ?: status;
	}
	if (!releasing->count && !has_record(releasing)) {
		error_set(0, "it is not in quarantine");
		command_failed(releasing->name, 0, NULL);
		return EXIT_NOT_ATTACHED;
	}
	return status;
}

static int begin(struct releasing *releasing)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error = session_open(&session, PINS_CHANGE), status;
	uint32_t ifindex = 0;

	if (error)
		return command_failed(releasing->name, error, "nothing was changed");
	status = find_record(&session, releasing, &ifindex);
	return status == EXIT_DONE ? release_all(&session, releasing, ifindex) : status;
}

/* --- waiting for what keeps the policy --- */

static void look(struct session *session, struct released *released)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int error = attachment_open(session, released->ifindex, &attachment);

	if (error == -ENOENT)
		released->outcome = OUTCOME_NOTHING;
	else if (!error && attachment.current.meta.quarantine != QUARANTINE_RELEASED)
		released->outcome = OUTCOME_KEEPER;
	error_clear();
}

/* Looks once. Returns whether one is still waited for. */
static bool waits(struct releasing *releasing)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	bool open = !session_open(&session, PINS_READ), waits = false;

	error_clear();
	for (size_t i = 0; i < releasing->count; i++) {
		struct released *released = &releasing->items[i];

		if (open && released->outcome == OUTCOME_WAITS)
			look(&session, released);
		waits = waits || released->outcome == OUTCOME_WAITS;
	}
	return waits;
}

/* What keeps it does not do its work: it is busy, stopped, or follows this network no more. */
static int bring_back(struct releasing *releasing)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int status = EXIT_DONE, error = session_open(&session, PINS_CHANGE);

	if (error)
		return command_failed(releasing->name, error, "all stays dropped");
	for (size_t i = 0; i < releasing->count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
		struct released *released = &releasing->items[i];
		bool attached;

		if (released->outcome != OUTCOME_WAITS)
			continue;
		notice("%s: the %s that keeps its policy does not act", released->name,
		       owner_manager_name(&released->owner));
		error = attachment_open(&session, released->ifindex, &attachment);
		error = error ?: quarantine_leave(&session, &attachment, &attached);
		released->outcome = error ? OUTCOME_FAILED : OUTCOME_BEFORE;
		if (error)
			status = command_failed(released->name, error, "all stays dropped");
	}
	return status;
}

static int wait_for_keepers(struct releasing *releasing)
{
	const struct timespec pause = { .tv_nsec = 20 * NS_PER_MS };
	uint64_t end = clock_monotonic_ns() + PATIENCE_NS;
	bool left;

	while ((left = waits(releasing)) && clock_monotonic_ns() < end)
		nanosleep(&pause, NULL);
	return left ? bring_back(releasing) : EXIT_DONE;
}

/* --- what is told --- */

static void print_one(const struct released *released)
{
	static const char *const words[] = {
		[OUTCOME_KEEPER] = "has put its policy in force",
		[OUTCOME_BEFORE] = "what was in force before is in force again",
		[OUTCOME_NOTHING] = "nothing is attached any more",
	};
	const char *container = owner_name(&released->owner);

	printf("%s%s%s%s: released: ", released->name, *container ? " (" : "", container,
	       *container ? ")" : "");
	if (released->outcome == OUTCOME_KEEPER)
		printf("the %s ", owner_manager_name(&released->owner));
	printf("%s\n", words[released->outcome]);
}

static json_t *released_json(const struct released *released)
{
	static const char *const now[] = {
		[OUTCOME_KEEPER] = "policy",
		[OUTCOME_BEFORE] = "policy before",
		[OUTCOME_NOTHING] = "nothing",
		[OUTCOME_FAILED] = "all dropped",
	};

	return json_pack("{s:o, s:I, s:o, s:b, s:s}", "interface", json_text(released->name),
			 "ifindex", (json_int_t)released->ifindex, "container",
			 owner_container_json(&released->owner), "released",
			 released->outcome != OUTCOME_FAILED, "now", now[released->outcome]);
}

static int tell(const struct releasing *releasing, bool json)
{
	json_t *array = json ? json_array() : NULL;

	for (size_t i = 0; i < releasing->count; i++) {
		const struct released *released = &releasing->items[i];

		if (array)
			json_array_append_new(array, released_json(released));
		else if (released->outcome != OUTCOME_FAILED)
			print_one(released);
	}
	if (!releasing->count && has_record(releasing))
		notice("%s: released; it has no interface here", releasing->name);
	return array ? output_json(array) : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(releasing_clear) struct releasing releasing = { .name = arguments->operands[0] };
	int status = begin(&releasing);

	if (!releasing.count && !has_record(&releasing))
		return status;
	status = wait_for_keepers(&releasing) ?: status;
	return tell(&releasing, arguments_have(arguments, "json", NULL)) ?: status;
}

const struct command command_release = {
	.name = "release",
	.synopsis = "IFACE [--json]",
	.summary = "end a quarantine",
	.details =
		"Where a daemon or sidecar that runs keeps the policy, it puts in force what "
		"labels "
		"and\n"
		"files say now. Else what was in force before the quarantine comes back: the "
		"policy, "
		"or\n"
		"nothing. Both are atomic.\n\n"
		"container:NAME also names a container that does not run, by the name that it had, "
		"or\n"
		"by its id. No engine is asked.",
	.options =
		(const struct option_row[]){
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
