// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "counters.h"
#include "error.h"
#include "gate.h"
#include "gate_slots.h"
#include "keeps.h"
#include "util.h"

struct gate {
	uint32_t number; /* from 1 on: the handle of its filters */
	int lock; /* on its directory: that it lives */
	char path[PATH_MAX], pins[PATH_MAX / 2];
	struct generation generation;
	int holds; /* the map of holds.h */
};

/* --- slots --- */

#define DAEMON_SLOT PINS_DAEMON_GATE

static void slot_path(const char *pins, uint32_t number, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/" PINS_GATE "%u", pins, number);
}

/* -EWOULDBLOCK: another process has this slot. */
static int take_slot(const struct session *session, uint32_t number, struct gate *gate)
{
	slot_path(session->pins.path, number, gate->path);
	gate->number = number;
	return claim_take(gate->path, &gate->lock);
}

static int daemon_runs(void)
{
	return error_set(-EBUSY, "policyctl daemon runs already in this network namespace");
}

int gate_check_daemon(const struct session *session)
{
	char path[PATH_MAX];

	slot_path(session->pins.path, DAEMON_SLOT, path);
	return claim_lives(path) ? daemon_runs() : 0;
}

bool gate_daemon_lives(const struct gate *gate)
{
	char path[PATH_MAX];

	slot_path(gate->pins, DAEMON_SLOT, path);
	return claim_lives(path);
}

/* --- whose policies the process with a slot keeps --- */

void gate_keep(const struct gate *gate, const char *container)
{
	if (gate->number != DAEMON_SLOT)
		keeps_add(gate->path, container);
}

bool gate_keeper_lives(const struct pins *pins, const struct owner *owner, const struct gate *self)
{
	return keeper_lives(pins->path, owner, self ? self->path : NULL);
}

bool gate_is_first(const struct gate *gate)
{
	return !gate_slots_live(gate->pins, gate->number - 1);
}

/* --- taking a slot --- */

static int take_any_slot(const struct session *session, bool daemon, struct gate *gate)
{
	int error = -EWOULDBLOCK;

	if (daemon) {
		error = take_slot(session, DAEMON_SLOT, gate);
		return error == -EWOULDBLOCK ? daemon_runs() : error;
	}
	for (uint32_t number = DAEMON_SLOT + 1; number <= GATES_MAX; number++) {
		error = take_slot(session, number, gate);
		if (error != -EWOULDBLOCK)
			return error;
	}
	return error_set(-EUSERS,
			 "%d others hold containers in this network namespace: that is "
			 "all there can be",
			 GATES_MAX);
}

/* --- programs --- */

/* Where the programs are pinned. */
static void programs_path(const char *slot, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.*s/1", PATH_MAX - 3, slot);
}

static int load(struct gate *gate)
{
	_cleanup_(policy_freep) struct policy *policy = policy_new();
	const struct meta meta = { .mode = XDP_MODE_GENERIC, .veth = 1, .guarded = 1 };
	char path[PATH_MAX];
	int error;

	if (!policy)
		return -ENOMEM;
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		policy->defaults[i] = VERDICT_DENY;
	programs_path(gate->path, path);
	error = generation_load(policy, &meta, NULL, path, 1, &gate->generation);
	return error ?: generation_pin(&gate->generation, NULL);
}

/* The programs that a killed predecessor left are taken over: that is faster than loading them, and
 * a daemon that starts anew should hold veths as soon as it can. */
static int open_or_load(struct gate *gate)
{
	char path[PATH_MAX];
	int error;

	programs_path(gate->path, path);
	error = generation_open(path, 1, &gate->generation);
	if (!error && !gate->generation.damaged)
		return 0;
	error_clear();
	generation_close(&gate->generation);
	gate->generation = (struct generation)GENERATION_EMPTY;
	error = generation_unpin(path);
	return error ?: load(gate);
}

static void remove_slot(const char *slot)
{
	char path[PATH_MAX];

	programs_path(slot, path);
	if (generation_unpin(path) || holds_unpin(slot))
		notice("%s", error_message(0));
	error_clear();
	keeps_forget(slot);
	rmdir(slot);
}

static size_t filters_of(uint32_t number, const struct hooks *hooks)
{
	size_t count = 0;

	for (size_t i = 0; i < hooks->count; i++)
		count += filter_is_gate(&hooks->filters[i]) && hooks->filters[i].handle == number;
	return count;
}

/* Does the gate of this number hold it? */
static bool is_held_by(struct nl *nl, uint32_t number, uint32_t ifindex)
{
	_cleanup_(hooks_free) struct hooks hooks = {};

	return !hooks_read(nl, ifindex, &hooks) && filters_of(number, &hooks);
}

/* A killed predecessor wrote down what others let go, or what is gone. */
static int open_holds(struct session *session, struct gate *gate)
{
	_cleanup_(freep) struct hold *holds = NULL;
	size_t count = 0;
	int error = holds_open(gate->path, &gate->holds);

	error = error ?: holds_read(gate->path, &holds, &count);
	for (size_t i = 0; i < count; i++)
		if (!is_held_by(session->nl, gate->number, holds[i].ifindex))
			holds_remove(gate->holds, holds[i].ifindex);
	if (!error)
		error_clear();
	return error;
}

static void gate_free(struct gate *gate)
{
	closep(&gate->lock);
	closep(&gate->holds);
	generation_close(&gate->generation);
	free(gate);
}

int gate_open(struct session *session, bool daemon, struct gate **gate)
{
	struct gate *new = malloc(sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	*new = (struct gate){ .lock = -1, .holds = -1, .generation = GENERATION_EMPTY };
	memcpy(new->pins, session->pins.path, sizeof(new->pins));
	error = take_any_slot(session, daemon, new);
	if (!error)
		keeps_forget(new->path);
	error = error ?: open_or_load(new);
	error = error ?: open_holds(session, new);
	if (error) {
		if (new->lock >= 0)
			remove_slot(new->path);
		gate_free(new);
		return error;
	}
	*gate = new;
	return 0;
}

void gate_close(struct gate *gate, bool idle)
{
	if (!gate)
		return;
	if (idle)
		remove_slot(gate->path);
	gate_free(gate);
}

/* --- interfaces --- */

static struct filter_position position_of(uint32_t number, uint32_t ifindex, enum tc_hook hook)
{
	return (struct filter_position){
		.ifindex = ifindex,
		.hook = hook,
		.priority = GATE_PRIORITY,
		.handle = number,
	};
}

static int delete_filter(struct nl *nl, uint32_t number, uint32_t ifindex, enum tc_hook hook)
{
	const struct filter_position position = position_of(number, ifindex, hook);
	int error = nl_filter_delete(nl, &position);

	/* -EINVAL: there is no qdisc, or no filter of this priority. */
	return error == -ENOENT || error == -EINVAL || error == -ENODEV ? 0 : error;
}

static int put_filter(const struct gate *gate, struct nl *nl, uint32_t ifindex, enum tc_hook hook)
{
	const struct filter_position position = position_of(gate->number, ifindex, hook);
	enum hook program = hook == TC_HOOK_EGRESS ? HOOK_EGRESS : HOOK_GUARD;

	return nl_filter_put(nl, &position, gate->generation.programs[program].fd, GATE_NAME,
			     false);
}

/* EXCL: it fails where there is one, and then it has to be the right kind. */
static int need_clsact(struct nl *nl, uint32_t ifindex, bool *made)
{
	struct qdiscs qdiscs;
	int error = nl_clsact_add(nl, ifindex);

	*made = !error;
	if (error != -EEXIST)
		return error;
	error = nl_qdiscs(nl, ifindex, &qdiscs);
	if (!error && strcmp(qdiscs.clsact, "clsact") != 0)
		error = error_set(-EBUSY,
				  "the qdisc at the place of clsact is of kind %s: not "
				  "replaced",
				  qdiscs.clsact);
	return error;
}

int gate_hold(struct gate *gate, struct nl *nl, uint32_t ifindex, bool *made_clsact)
{
	int error = need_clsact(nl, ifindex, made_clsact);
	bool from = false, to = false;

	if (error)
		return error_prefix(error, "cannot add the clsact qdisc");
	/* Ingress first: a container that hears nothing yet may already send. */
	error = put_filter(gate, nl, ifindex, TC_HOOK_INGRESS);
	from = error == -EEXIST;
	if (!error || from)
		error = put_filter(gate, nl, ifindex, TC_HOOK_EGRESS);
	to = error == -EEXIST;
	if (!error || to)
		return from && to ? GATE_HELD_ALREADY : 0;
	error_prefix(error, "cannot hold the interface");
	gate_lift(gate, nl, ifindex, *made_clsact);
	return error;
}

static int tidy_clsact(struct nl *nl, uint32_t ifindex)
{
	_cleanup_(hooks_free) struct hooks left = {};
	int error = hooks_read(nl, ifindex, &left);

	if (error || strcmp(left.qdiscs.clsact, "clsact") != 0 || left.count)
		return error == -ENODEV ? 0 : error;
	return nl_clsact_delete(nl, ifindex);
}

int gate_lift(struct gate *gate, struct nl *nl, uint32_t ifindex, bool made_clsact)
{
	int error = delete_filter(nl, gate->number, ifindex, TC_HOOK_INGRESS);

	error = delete_filter(nl, gate->number, ifindex, TC_HOOK_EGRESS) ?: error;
	if (!error)
		holds_remove(gate->holds, ifindex);
	if (!error && made_clsact)
		error = tidy_clsact(nl, ifindex);
	return error ? error_prefix(error, "cannot let the interface go") : 0;
}

int gate_note(struct gate *gate, const struct hold *hold)
{
	return holds_put(gate->holds, hold);
}

uint64_t gate_holds_since(const struct gate *gate, uint32_t ifindex)
{
	struct hold hold;

	return holds_get(gate->holds, ifindex, &hold) ? hold.since_ns : 0;
}

void gate_forget(struct gate *gate, uint32_t ifindex)
{
	holds_remove(gate->holds, ifindex);
}

int gate_counter(const struct gate *gate, struct pctl_counter *dropped)
{
	struct counters counters;
	int error = generation_counters(&gate->generation, &counters);

	if (error)
		return error;
	*dropped = (struct pctl_counter){};
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		const struct pctl_counter *counter = counters_slot(&counters, PCTL_SLOT_DEFAULT, i);

		dropped->packets += counter->packets;
		dropped->bytes += counter->bytes;
	}
	counters_free(&counters);
	return 0;
}

/* --- what was left --- */

/* Lifts the gates whose numbers are marked in dead[] from one interface. Returns 1 if one was
 * there. */
static int tidy_interface(struct session *session, uint32_t ifindex, const bool dead[])
{
	_cleanup_(hooks_free) struct hooks hooks = {};
	int error = hooks_read(session->nl, ifindex, &hooks), found = 0;

	for (uint32_t number = 1; number <= GATES_MAX && !error; number++) {
		if (!dead[number] || !filters_of(number, &hooks))
			continue;
		error = delete_filter(session->nl, number, ifindex, TC_HOOK_INGRESS);
		error = error ?: delete_filter(session->nl, number, ifindex, TC_HOOK_EGRESS);
		found = 1;
	}
	if (found && !error && hooks_held_only(&hooks))
		error = tidy_clsact(session->nl, ifindex);
	return error == -ENODEV ? 0 : error ?: found;
}

/* The first slot that the process with this gate may tidy. */
static uint32_t first_slot(const struct gate *gate)
{
	return gate->number == DAEMON_SLOT ? DAEMON_SLOT : DAEMON_SLOT + 1;
}

/* Marks the slots that no living process has. */
static void find_dead(const struct session *session, uint32_t first, bool dead[])
{
	for (uint32_t number = first; number <= GATES_MAX; number++) {
		char path[PATH_MAX];

		slot_path(session->pins.path, number, path);
		dead[number] = !claim_lives(path);
	}
}

bool gates_abandoned(const struct session *session, const struct hooks *hooks)
{
	bool dead[GATES_MAX + 1] = {};
	bool found = false;

	if (!hooks_held(hooks))
		return false;
	find_dead(session, DAEMON_SLOT, dead);
	for (uint32_t number = 1; number <= GATES_MAX; number++)
		found = found || (dead[number] && filters_of(number, hooks));
	return found;
}

bool gate_sees_dead(const struct gate *gate)
{
	char path[PATH_MAX];

	for (uint32_t number = first_slot(gate); number <= GATES_MAX; number++) {
		slot_path(gate->pins, number, path);
		if (!access(path, F_OK) && !claim_lives(path))
			return true;
	}
	return false;
}

/* Appends what one gate has written down, and still holds. */
static int add_held(const struct session *session, uint32_t number, struct held **held,
		    size_t *count)
{
	_cleanup_(freep) struct hold *holds = NULL;
	struct held *grown;
	char path[PATH_MAX];
	size_t added = 0;
	bool abandoned;
	int error;

	slot_path(session->pins.path, number, path);
	error = holds_read(path, &holds, &added);
	if (!added)
		return error;
	grown = reallocarray(*held, *count + added, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*held = grown;
	abandoned = !claim_lives(path);
	for (size_t i = 0; i < added; i++)
		if (is_held_by(session->nl, number, holds[i].ifindex))
			grown[(*count)++] =
				(struct held){ holds[i], number == DAEMON_SLOT, abandoned };
	return error;
}

int gates_held(const struct session *session, struct held **held, size_t *count)
{
	int error = 0;

	*held = NULL;
	*count = 0;
	for (uint32_t number = DAEMON_SLOT; number <= GATES_MAX && !error; number++)
		error = add_held(session, number, held, count);
	if (!error)
		error_clear();
	return error;
}

static void remove_slots(const struct session *session, const bool dead[])
{
	char path[PATH_MAX];

	for (uint32_t number = 1; number <= GATES_MAX; number++) {
		slot_path(session->pins.path, number, path);
		if (dead[number] && !access(path, F_OK))
			remove_slot(path);
	}
}

static int tidy(struct session *session, uint32_t first, uint32_t ifindex)
{
	_cleanup_(freep) struct link *links = NULL;
	bool dead[GATES_MAX + 1] = {};
	size_t count = 0;
	int error, found = 0;

	find_dead(session, first, dead);
	if (ifindex)
		return tidy_interface(session, ifindex, dead);
	error = nl_links(session->nl, &links, &count);
	for (size_t i = 0; i < count && !error; i++) {
		int result = 0;

		if (!strcmp(links[i].kind, "veth") || !strcmp(links[i].kind, "tun"))
			result = tidy_interface(session, links[i].ifindex, dead);
		if (result < 0)
			error = result;
		else
			found += result;
	}
	if (!error)
		remove_slots(session, dead);
	return error ?: found;
}

int gates_tidy(struct session *session, uint32_t ifindex)
{
	return tidy(session, DAEMON_SLOT, ifindex);
}

int gate_tidy_others(const struct gate *gate, struct session *session)
{
	return tidy(session, first_slot(gate), 0);
}
