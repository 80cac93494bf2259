// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "attachment.h"
#include "capabilities.h"
#include "counters.h"
#include "error.h"
#include "netns.h"
#include "util.h"

static void interface_path(const struct session *session, uint32_t ifindex, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%u", session->store.path, ifindex);
}

static void generation_path(const struct session *session, uint32_t ifindex, uint32_t number,
			    char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%u/%u", session->store.path, ifindex, number);
}

void attachment_close(struct attachment *attachment)
{
	generation_close(&attachment->current);
	hooks_free(&attachment->hooks);
}

bool attachment_live(const struct attachment *attachment)
{
	return hooks_live(&attachment->hooks, &attachment->current);
}

/* --- steps that a killed command may leave to the next one --- */

/* Waits until no CPU runs a program that was on a hook before: MEMBARRIER_CMD_GLOBAL is a
 * synchronize_rcu() (kernel/sched/membarrier.c), and XDP and tc run under RCU. */
static void wait_for_running_programs(void)
{
	const struct timespec long_enough = { .tv_nsec = 100 * 1000 * 1000 };

	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&long_enough, NULL); /* nohz_full machines refuse it */
}

/* Looks again: does the interface really run this generation on both hooks? */
static int verify(struct session *session, struct hooks *hooks, const struct generation *target)
{
	struct hooks now;
	int error = hooks_read(session->nl, target->meta.ifindex, &now);

	if (error)
		return error_prefix(error, "cannot see whether the programs are in place");
	hooks_free(hooks);
	*hooks = now;
	if (hooks_live(hooks, target))
		return 0;
	return error_set(-EIO, "the kernel took the programs, but they are not in place");
}

/*
 * From a pinned generation marked PHASE_ENFORCING to one in force and done. *hooks is brought up to
 * date. After a failure undo_enforcing() can still go back.
 */
static int finish_enforcing(struct session *session, struct hooks *hooks, struct generation *target,
			    const struct generation *previous)
{
	int error = hooks_enforce(session->nl, hooks, target, previous);

	error = error ?: verify(session, hooks, target);
	if (!error && previous) {
		wait_for_running_programs();
		error = generation_carry(target, previous);
	}
	if (error)
		return error;
	target->meta.phase = PHASE_DONE;
	error = generation_save_meta(target);
	/* From here on it is done: what is left of the old one goes with the next command. */
	if (!error && previous && generation_unpin(previous->path))
		notice("%s", error_message(0));
	return error;
}

/*
 * Undoes a finish_enforcing() that failed on its way, as far as it came; the message stays. False:
 * it could not, and `target` must stay pinned for the next session, which will go forward.
 */
static bool undo_enforcing(struct session *session, const struct generation *target,
			   const struct generation *previous)
{
	_cleanup_(hooks_free) struct hooks now = {};
	char message[512];
	int error;

	snprintf(message, sizeof(message), "%s", error_message(0));
	error = hooks_read(session->nl, target->meta.ifindex, &now);
	if (!error && !previous)
		error = hooks_release(session->nl, &now, target);
	else if (!error && hooks_runs_any(&now, target))
		error = hooks_enforce(session->nl, &now, previous, target);
	error_set(0, "%s%s", message,
		  error ? "; going back failed too, the next command finishes it" : "");
	return !error;
}

static int forget(const struct session *session, uint32_t ifindex)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	int error;

	interface_path(session, ifindex, path);
	error = store_numbers(path, &numbers, &count);
	for (size_t i = 0; i < count && !error; i++) {
		generation_path(session, ifindex, numbers[i], path);
		error = generation_unpin(path);
	}
	interface_path(session, ifindex, path);
	if (!error && rmdir(path) && errno != ENOENT)
		error = error_set(-errno, "cannot remove %s: %m", path);
	return error;
}

/* `older` may be empty. */
static int finish_detaching(struct session *session, const struct hooks *hooks,
			    const struct generation *newest, const struct generation *older)
{
	int error = older->number ? hooks_release(session->nl, hooks, older) : 0;

	error = error ?: hooks_release(session->nl, hooks, newest);
	return error ?: forget(session, newest->meta.ifindex);
}

/* --- putting right what was left --- */

/* Opens the whole generations of an interface, at most the newest two, and removes what is not
 * whole. */
static int open_generations(struct session *session, uint32_t ifindex, struct generation *newest,
			    struct generation *older)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	int error;

	interface_path(session, ifindex, path);
	error = store_numbers(path, &numbers, &count);
	for (size_t i = count; i-- > 0 && !error;) {
		struct generation *slot = newest->number ? older : newest;

		generation_path(session, ifindex, numbers[i], path);
		error = generation_open(path, numbers[i], slot);
		if (error == -ENOENT)
			error = generation_unpin(path);
	}
	return error;
}

static void settle_gone(struct session *session, const struct generation *generation)
{
	const struct meta *meta = &generation->meta;
	char where[PATH_MAX];
	struct link again;
	int found = netns_release_xdp(generation, where, sizeof(where));

	if (found == 0 && !nl_link_get(session->nl, meta->name, 0, &again))
		notice("%s was made anew (ifindex %u, now %u): the policy went with the old one, "
		       "its "
		       "state is removed",
		       meta->name, meta->ifindex, again.ifindex);
	else if (found > 0)
		notice("%s (ifindex %u) moved to another network namespace: XDP program taken off "
		       "%s, "
		       "state removed",
		       meta->name, meta->ifindex, where);
	else if (found < 0)
		notice("%s (ifindex %u) is gone: state removed; if it moved to another network "
		       "namespace its XDP program went along, and looking there failed: %s",
		       meta->name, meta->ifindex, error_message(found));
	else
		notice("%s (ifindex %u) is gone: state removed", meta->name, meta->ifindex);
	error_clear();
	if (forget(session, meta->ifindex))
		notice("%s", error_message(0));
}

/* An ifindex is unique only while its interface lives. */
static bool is_another_interface(const struct hooks *hooks, const struct generation *generation)
{
	const struct meta *meta = &generation->meta;

	if (hooks_runs_any(hooks, generation))
		return false;
	return memcmp(hooks->link.mac, meta->mac, sizeof(meta->mac)) != 0 ||
	       hooks->link.peer != meta->peer;
}

/* What could not go forward went back: its generation is forgotten, and the reason told. */
static int settle_back(struct session *session, const struct generation *newest,
		       const struct generation *previous, int error)
{
	notice("%s: an interrupted %s could not be finished and was undone: %s", newest->meta.name,
	       previous ? "apply" : "attach", error_message(error));
	return previous ? generation_unpin(newest->path) : forget(session, newest->meta.ifindex);
}

static int settle_present(struct session *session, struct hooks *hooks, struct generation *newest,
			  struct generation *older)
{
	const struct generation *previous = older->number ? older : NULL;
	const char *name = hooks->link.name;
	int error;

	switch (newest->meta.phase) {
	case PHASE_ENFORCING:
		error = finish_enforcing(session, hooks, newest, previous);
		if (!error)
			notice("%s: finished an interrupted %s", name,
			       previous ? "apply" : "attach");
		else if (undo_enforcing(session, newest, previous))
			error = settle_back(session, newest, previous, error);
		break;
	case PHASE_DETACHING:
		error = finish_detaching(session, hooks, newest, older);
		if (!error)
			notice("%s: finished an interrupted detach", name);
		break;
	default:
		error = previous ? generation_unpin(previous->path) : 0;
	}
	return error ? error_prefix(error, "%s", name) : 0;
}

static int settle(struct session *session, uint32_t ifindex)
{
	_cleanup_(generation_close) struct generation newest = GENERATION_EMPTY;
	_cleanup_(generation_close) struct generation older = GENERATION_EMPTY;
	_cleanup_(hooks_free) struct hooks hooks = {};
	int error;

	error = open_generations(session, ifindex, &newest, &older);
	if (error)
		return error;
	if (!newest.number)
		return forget(session, ifindex);
	if (newest.meta.abi_version != PCTL_ABI_VERSION)
		return error_set(-EPROTO,
				 "%s was attached by another version of policyctl (format %u, "
				 "this one has %u): use that one to detach it",
				 newest.meta.name, newest.meta.abi_version, PCTL_ABI_VERSION);
	error = hooks_read(session->nl, ifindex, &hooks);
	if (error == -ENODEV || (!error && is_another_interface(&hooks, &newest))) {
		error_clear();
		settle_gone(session, &newest);
		return 0;
	}
	return error ?: settle_present(session, &hooks, &newest, &older);
}

/* The common case, for little: one generation, done, and the interface is still the same one. */
static bool is_settled(const struct session *session, uint32_t ifindex, const struct link *links,
		       size_t link_count)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	struct meta meta;

	interface_path(session, ifindex, path);
	if (store_numbers(path, &numbers, &count) || count != 1)
		return false;
	generation_path(session, ifindex, numbers[0], path);
	if (generation_peek(path, &meta) || meta.abi_version != PCTL_ABI_VERSION ||
	    meta.phase != PHASE_DONE)
		return false;
	for (size_t i = 0; i < link_count; i++)
		if (links[i].ifindex == ifindex)
			return !memcmp(links[i].mac, meta.mac, sizeof(meta.mac)) &&
			       links[i].peer == meta.peer;
	return false;
}

static int settle_all(struct session *session)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0, link_count = 0;
	int error = attachment_list(session, &ifindexes, &count);

	if (!error && count)
		error = nl_links(session->nl, &links, &link_count);
	for (size_t i = 0; i < count && !error; i++) {
		if (is_settled(session, ifindexes[i], links, link_count))
			continue;
		if (settle(session, ifindexes[i]))
			notice("%s", error_message(0));
		error_clear();
	}
	return error;
}

int session_open(struct session *session, bool create)
{
	struct session new = SESSION_EMPTY;
	int error;

	error = capabilities_check();
	error = error ?: nl_open(&new.nl);
	error = error ?: store_open(&new.store, create);
	error = error ?: settle_all(&new);
	if (error)
		session_close(&new);
	else
		*session = new;
	return error;
}

void session_close(struct session *session)
{
	store_close(&session->store);
	nl_closep(&session->nl);
}

int attachment_list(const struct session *session, uint32_t **ifindexes, size_t *count)
{
	if (session->store.lock >= 0)
		return store_numbers(session->store.path, ifindexes, count);
	*ifindexes = NULL;
	*count = 0;
	return 0;
}

int attachment_open(struct session *session, uint32_t ifindex, struct attachment *attachment)
{
	_cleanup_(generation_close) struct generation older = GENERATION_EMPTY;
	struct attachment new = ATTACHMENT_EMPTY;
	int error;

	if (session->store.lock < 0)
		return -ENOENT;
	error = open_generations(session, ifindex, &new.current, &older);
	if (!error && !new.current.number)
		error = -ENOENT;
	error = error ?: hooks_read(session->nl, ifindex, &new.hooks);
	if (error)
		attachment_close(&new);
	else
		*attachment = new;
	return error;
}

/* --- attach, change, detach --- */

static struct meta new_meta(const struct hooks *hooks, enum mode_choice choice, enum xdp_mode mode)
{
	const struct link *link = &hooks->link;
	struct meta meta = {
		.phase = PHASE_ENFORCING,
		.mode = mode,
		.mode_choice = choice,
		.made_clsact = hooks->qdisc[0] == '\0',
		.attached_at = time(NULL),
		.changed_at = time(NULL),
		.ifindex = link->ifindex,
		.peer = link->peer,
	};

	memcpy(meta.name, link->name, sizeof(meta.name));
	memcpy(meta.mac, link->mac, sizeof(meta.mac));
	while (!meta.stamp)
		if (getrandom(&meta.stamp, sizeof(meta.stamp), 0) < 0 && errno != EINTR)
			abort(); /* never: Linux has it since 3.17 */
	return meta;
}

static int attach_in_mode(struct session *session, const struct link *link, enum mode_choice choice,
			  enum xdp_mode mode, const struct policy *policy,
			  struct attachment *attachment)
{
	_cleanup_(attachment_close) struct attachment new = ATTACHMENT_EMPTY;
	char path[PATH_MAX];
	struct meta meta;
	int error;

	error = hooks_read(session->nl, link->ifindex, &new.hooks);
	error = error ?: hooks_check(&new.hooks, mode, NULL, NULL);
	if (error)
		return error;
	interface_path(session, link->ifindex, path);
	if (mkdir(path, 0700))
		return error_set(-errno, "cannot create %s: %m", path);
	generation_path(session, link->ifindex, 1, path);
	meta = new_meta(&new.hooks, choice, mode);
	error = generation_load(policy, &meta, path, 1, &new.current);
	error = error ?: generation_pin(&new.current);
	error = error ?: finish_enforcing(session, &new.hooks, &new.current, NULL);
	if (error) {
		if (!new.current.number || undo_enforcing(session, &new.current, NULL))
			forget(session, link->ifindex);
		return error;
	}
	*attachment = new;
	new = (struct attachment)ATTACHMENT_EMPTY;
	return 0;
}

/* Native mode is not there: the driver has none, or not for this device as it is set up. */
static bool lacks_native(int error)
{
	return error == -EOPNOTSUPP || error == -EINVAL || error == -ERANGE;
}

int attachment_attach(struct session *session, const struct link *link, enum mode_choice choice,
		      struct policy *policy, struct attachment *attachment)
{
	bool veth = !strcmp(link->kind, "veth");
	int error = policy_assign_ids(policy, NULL);

	if (error)
		return error;
	if (choice == MODE_NATIVE || (choice == MODE_AUTO && !veth)) {
		error = attach_in_mode(session, link, choice, XDP_MODE_NATIVE, policy, attachment);
		if (choice == MODE_NATIVE || !lacks_native(error))
			return error;
		error_clear();
	}
	return attach_in_mode(session, link, choice, XDP_MODE_GENERIC, policy, attachment);
}

static int load_next(struct session *session, const struct attachment *attachment,
		     const struct policy *policy, struct generation *next)
{
	const struct generation *current = &attachment->current;
	struct meta meta = current->meta;
	char path[PATH_MAX];
	int error;

	meta.phase = PHASE_ENFORCING;
	meta.changed_at = time(NULL);
	if (!attachment->hooks.qdisc[0])
		meta.made_clsact = 1; /* somebody took it off, and it is made anew */
	generation_path(session, meta.ifindex, current->number + 1, path);
	error = generation_load(policy, &meta, path, current->number + 1, next);
	if (error)
		return error;
	error = generation_pin(next);
	if (error)
		generation_close(next);
	return error;
}

int attachment_change(struct session *session, struct attachment *attachment, struct policy *policy)
{
	_cleanup_(generation_close) struct generation next = GENERATION_EMPTY;
	struct policy *old = NULL;
	bool same = false;
	int error;

	error = generation_policy(&attachment->current, &old);
	error = error ?: policy_assign_ids(policy, old);
	error = error ?: policy_same(old, policy, &same);
	policy_free(old);
	if (error || same)
		return error;
	error = hooks_check(&attachment->hooks, attachment->current.meta.mode, NULL,
			    &attachment->current);
	error = error ?: load_next(session, attachment, policy, &next);
	if (error)
		return error;
	error = finish_enforcing(session, &attachment->hooks, &next, &attachment->current);
	if (error) {
		if (undo_enforcing(session, &next, &attachment->current))
			generation_unpin(next.path);
		return error;
	}
	generation_close(&attachment->current);
	attachment->current = next;
	next = (struct generation)GENERATION_EMPTY;
	return 1;
}

int attachment_repair(struct session *session, struct attachment *attachment)
{
	int error;

	if (attachment_live(attachment))
		return 0;
	if (!attachment->hooks.qdisc[0] && !attachment->current.meta.made_clsact) {
		attachment->current.meta.made_clsact = 1;
		error = generation_save_meta(&attachment->current);
		if (error)
			return error;
	}
	error = hooks_enforce(session->nl, &attachment->hooks, &attachment->current, NULL);
	error = error ?: verify(session, &attachment->hooks, &attachment->current);
	return error ?: 1;
}

int attachment_detach(struct session *session, struct attachment *attachment)
{
	_cleanup_(generation_close) struct generation newest = GENERATION_EMPTY;
	_cleanup_(generation_close) struct generation older = GENERATION_EMPTY;
	int error = open_generations(session, attachment->current.meta.ifindex, &newest, &older);

	newest.meta.phase = PHASE_DETACHING;
	error = error ?: generation_save_meta(&newest);
	error = error ?: finish_detaching(session, &attachment->hooks, &newest, &older);
	attachment_close(attachment);
	return error;
}
