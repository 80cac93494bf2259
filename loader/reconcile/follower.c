// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"
#include "error.h"
#include "follower_events.h"
#include "follower_state.h"
#include "inherit.h"
#include "reconcile_pass.h"
#include "util.h"
#include "veth_named.h"
#include "veth_reconcile.h"

const struct container *follower_container(const struct follower *follower, uint32_t ifindex)
{
	const struct veth *veth = veths_find(&follower->veths, ifindex);

	return veth && veth->container[0] ? engine_container(follower->engine, veth->container)
					  : NULL;
}

int follower_reconsider(struct follower *follower, const struct configuration *configuration,
			struct plan *hold)
{
	int error = bridges_configure(follower->bridges, configuration);

	if (!error && follower->settings.desired_of_interfaces)
		error = watched_names_configure(follower->names, configuration);
	if (error)
		return error;
	follower->settings.configuration = configuration;
	follower->settings.hold = hold;
	prepared_drop(&follower->prepared, NULL); /* of the old policies */
	loads_drop(follower->loads, NULL);
	if (engine_synced(follower->engine))
		follower_update_bridges(follower);
	veth_named_tell_never(follower);
	follower_mark_all(follower);
	return 0;
}

static void release_all(struct reconcile_pass *pass)
{
	struct follower *f = pass->follower;

	for (size_t i = 0; i < f->veths.count; i++)
		if (veth_release(pass, &f->veths.items[i]))
			notice("%s: %s", f->veths.items[i].link.name, error_message(0));
}

int follower_detach_all(struct follower *follower)
{
	return reconcile_in_session(follower, release_all);
}

/* --- opening --- */

/* The engine lists its networks later. */
static int see_bridges(struct follower *f)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(f->nl, &links, &count);

	return error ?: bridges_update(f->bridges, NULL, 0, links, count);
}

static int open_gate(struct follower *f)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error = session_open(&session, PINS_CREATE);

	if (!error)
		memcpy(f->pins, session.pins.path, sizeof(f->pins));
	error = error ?: gate_open(&session, f->settings.manager == OWNER_DAEMON, &f->gate);
	error = error ?: gate_thread_open(f->gate, f->bridges, f->names, &f->gate_thread);
	error = error ?: inherit_named(f, &session);
	error = error ?: inherit_gates(f);
	if (!error)
		error = gate_tidy_others(f->gate, &session);
	return error < 0 ? error : 0;
}

/* A prepared policy takes up to 31 descriptors (16 sets from files). */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit); /* a failure leaves it as it is */
}

int follower_open(sd_event *loop, const struct follower_settings *settings,
		  struct follower **follower)
{
	struct follower *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	raise_file_limit();
	new->settings = *settings;
	new->start_ns = clock_monotonic_ns();
	new->loop = sd_event_ref(loop);
	error = bridges_new(&new->bridges);
	error = error ?: bridges_configure(new->bridges, settings->configuration);
	error = error ?: watched_names_new(&new->names);
	if (!error && settings->desired_of_interfaces)
		error = watched_names_configure(new->names, settings->configuration);
	error = error ?: nl_open(&new->nl);
	error = error ?: nl_listener_open(true, &new->listener);
	error = error ?: see_bridges(new);
	error = error ?: open_gate(new);
	error = error ?: follower_add_sources(new);
	error = error ?: follower_open_engine(new);
	if (error) {
		follower_close(new);
		return error;
	}
	veth_named_tell_never(new);
	*follower = new;
	return 0;
}

/* --- closing --- */

static bool holds_nothing(const struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++)
		if (f->veths.items[i].held)
			return false;
	return true;
}

/* Closing a session removes directories that became empty. */
static void tidy_pins(void)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;

	if (session_open(&session, PINS_CHANGE))
		notice("%s", error_message(0));
	error_clear();
}

void follower_close(struct follower *follower)
{
	if (!follower)
		return;
	gate_thread_close(follower->gate_thread);
	if (follower->gate) {
		gate_close(follower->gate, holds_nothing(follower));
		tidy_pins();
	}
	engine_close(follower->engine);
	sd_event_source_disable_unref(follower->kernel_events);
	sd_event_source_disable_unref(follower->arrivals);
	sd_event_source_disable_unref(follower->alarm);
	sd_event_source_disable_unref(follower->pass);
	sd_event_source_disable_unref(follower->neighbours);
	sd_event_source_disable_unref(follower->quarantines);
	sd_event_source_disable_unref(follower->uppers_due);
	sd_event_source_disable_unref(follower->mirrors_due);
	sd_event_unref(follower->loop);
	loads_free(follower->loads);
	nl_listener_close(follower->listener);
	nl_close(follower->nl);
	prepared_drop(&follower->prepared, NULL);
	free(follower->starting);
	veths_clear(&follower->veths);
	uppers_clear(&follower->uppers);
	set_keeper_clear(&follower->keeper);
	bridges_free(follower->bridges);
	watched_names_free(follower->names);
	free(follower);
}
