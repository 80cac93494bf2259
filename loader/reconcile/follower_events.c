// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include "clock.h"
#include "error.h"
#include "follower_events.h"
#include "inherit.h"
#include "log.h"
#include "mirror_targets.h"
#include "quarantine_record.h"
#include "reconcile_pass.h"
#include "unenforceable.h"
#include "util.h"
#include "veth_wait.h"

/* --- when to pass --- */

static void schedule_pass(struct follower *f)
{
	sd_event_source_set_enabled(f->pass, SD_EVENT_ONESHOT);
}

void follower_mark_all(struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++)
		f->veths.items[i].dirty = true;
	schedule_pass(f);
}

/* A veth with an unknown container may be one of this container. */
static void mark_container(struct follower *f, const char *id)
{
	veths_mark(&f->veths, id);
	schedule_pass(f);
}

/* Something may have changed what live sets should have, or which there are. */
static void keeper_look(struct follower *f)
{
	f->keeper.dirty = true;
	schedule_pass(f);
}

/* A container that is gone may have been the reason for native mode. */
static void mark_native(struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++)
		if (f->veths.items[i].mode == MODE_NATIVE)
			f->veths.items[i].dirty = true;
	schedule_pass(f);
}

/* The power of a container counts for the network that it shares. */
static void mark_network_owner(struct follower *f, const struct container *container)
{
	const char *owner = container ? container_network_owner(container) : NULL;

	if (owner)
		mark_container(f, owner);
}

/* For the next veth that waits, or for the pass after one that failed. */
static void set_alarm(struct follower *f)
{
	uint64_t next = f->pass_again_ns;

	for (size_t i = 0; i < f->veths.count; i++) {
		uint64_t retry = f->veths.items[i].retry_ns;

		if (retry && (!next || retry < next))
			next = retry;
	}
	if (!next) {
		sd_event_source_set_enabled(f->alarm, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(f->alarm, next / 1000 + 1);
	sd_event_source_set_enabled(f->alarm, SD_EVENT_ONESHOT);
}

static int on_alarm(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	schedule_pass(data);
	return 0;
}

#define NEIGHBOURS_USEC (5 * 1000 * 1000)

/* No event tells that another process that holds veths, a sidecar, was killed. */
static int on_neighbours(sd_event_source *source, uint64_t usec, void *data)
{
	struct follower *f = data;

	(void)usec;
	f->neighbour_gone = gate_sees_dead(f->gate);
	/* It may have kept the live sets; and what failed is tried again. */
	keeper_look(f);
	sd_event_source_set_time_relative(source, NEIGHBOURS_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- devices above the host's --- */

#define UPPERS_NS (5 * NS_PER_SECOND)
#define UPPERS_LEAST_NS (1 * NS_PER_SECOND) /* between two looks, however much happens */
#define UPPERS_ACCURACY_USEC 1000

static int set_uppers_due(struct follower *f, uint64_t after_ns)
{
	int error = sd_event_source_set_time(f->uppers_due,
					     (f->uppers.looked_ns + after_ns) / 1000 + 1);

	return error < 0 ? error : sd_event_source_set_enabled(f->uppers_due, SD_EVENT_ONESHOT);
}

static int on_uppers_due(sd_event_source *source, uint64_t usec, void *data)
{
	struct follower *f = data;

	(void)source, (void)usec;
	uppers_look(f);
	return set_uppers_due(f, UPPERS_NS);
}

/* A link changed, which may be that another device is above it. */
static void look_for_uppers(struct follower *f)
{
	if (f->uppers_due)
		set_uppers_due(f, UPPERS_LEAST_NS);
}

/* --- where copies go --- */

#define MIRRORS_LEAST_NS (1 * NS_PER_SECOND) /* between two looks, however much happens */
#define MIRRORS_ACCURACY_USEC 1000

/* Opening a session looks for the targets anew. */
static int on_mirrors_due(sd_event_source *source, uint64_t usec, void *data)
{
	struct follower *f = data;

	(void)source, (void)usec;
	f->mirrors_looked_ns = clock_monotonic_ns();
	f->links_changed = mirrors_are_made(f->pins);
	if (f->links_changed)
		schedule_pass(f);
	return 0;
}

/* A link came, went or changed, which may be one that copies go to. */
static void look_for_mirrors(struct follower *f)
{
	uint64_t due = f->mirrors_looked_ns + MIRRORS_LEAST_NS;
	int on = SD_EVENT_OFF;

	sd_event_source_get_enabled(f->mirrors_due, &on);
	if (on != SD_EVENT_OFF)
		return;
	sd_event_source_set_time(f->mirrors_due, due / 1000 + 1);
	sd_event_source_set_enabled(f->mirrors_due, SD_EVENT_ONESHOT);
}

/* --- the pass --- */

/* A holder (daemon/holder.h) may have held one only behind the look at the start, and lets go of it
 * when this follower is ready. */
static void set_ready(struct follower *f)
{
	if (f->ready)
		return;
	if (inherit_gates(f))
		log_event(LOG_LEVEL_ERROR, "cannot see what others hold", "why", error_message(0),
			  NULL);
	error_clear();
	schedule_pass(f);
	f->ready = true;
	f->settings.ready(f->settings.data);
}

#define PASS_AGAIN_NS (500 * NS_PER_MS)

/* There may be no further event. */
static void pass_failed(struct follower *f, int error)
{
	const char *why = error_message(error);

	if (strncmp(f->trouble, why, sizeof(f->trouble) - 1) != 0)
		log_event(LOG_LEVEL_ERROR, "cannot reconcile", "why", why, NULL);
	snprintf(f->trouble, sizeof(f->trouble), "%s", why);
	f->pass_again_ns = clock_monotonic_ns() + PASS_AGAIN_NS;
	error_clear();
	veths_held_because(f, f->trouble);
}

static int on_pass(sd_event_source *source, void *data)
{
	struct follower *f = data;
	bool more;
	int error = reconcile_pass(f, &more);

	(void)source;
	f->pass_again_ns = 0;
	if (error) {
		pass_failed(f, error);
	} else {
		f->trouble[0] = '\0';
		if (more)
			schedule_pass(f);
		else if (!loads_age(f->loads, NULL) || loads_age(f->loads, NULL) > LOAD_SLOW_NS)
			set_ready(f);
	}
	set_alarm(f);
	return 0;
}

/* --- the kernel --- */

static int on_link(void *data, const struct link *link, bool gone)
{
	struct follower *f = data;
	const struct veth *veth = veths_find(&f->veths, link->ifindex);
	bool may_be = !gone && reconcile_may_follow(f, link);

	if (!strcmp(link->kind, "bridge"))
		bridges_saw(f->bridges, link, gone); /* without memory the engine's list tells */
	if (!gone && !strcmp(link->kind, "bridge") &&
	    bridges_kind(f->bridges, link->ifindex) == BRIDGE_UNKNOWN)
		engine_refresh_networks(f->engine);
	/* What changed, the pass finds in the kernel's list of links. */
	if (!veth && may_be)
		reconcile_note_new(f, link);
	if (veth || may_be)
		schedule_pass(f);
	look_for_uppers(f);
	look_for_mirrors(f);
	keeper_look(f);
	return 0;
}

/* @host, @gateway */
static int on_address(void *data, uint32_t ifindex)
{
	(void)ifindex;
	keeper_look(data);
	return 0;
}

static int on_tc(void *data, uint32_t ifindex)
{
	struct follower *f = data;
	struct veth *veth = veths_find(&f->veths, ifindex);

	keeper_look(f); /* a policy with live sets may have been attached by hand */
	if (!veth || veth->status == VETH_ALONE || veth->status == VETH_OTHERS)
		return 0;
	veth->dirty = true;
	veth->filters_changed = true;
	schedule_pass(f);
	return 0;
}

static int on_kernel_events(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct follower *f = data;
	const struct nl_news news = {
		.link = on_link, .tc = on_tc, .address = on_address, .data = f
	};

	(void)source, (void)fd, (void)events;
	if (nl_listen(f->listener, &news)) {
		log_event(LOG_LEVEL_WARNING, "kernel messages were lost: all veths are looked at",
			  NULL);
		f->counts.resyncs++;
		follower_mark_all(f);
		keeper_look(f);
	}
	return 0;
}

static void take_arrival(struct follower *f, const struct arrival *arrival)
{
	struct veth *veth = veths_get(&f->veths, arrival->ifindex);

	if (arrival->held_ns)
		histogram_add(&f->counts.gate, ns_to_seconds(arrival->held_ns - arrival->heard_ns));
	else
		log_event(LOG_LEVEL_ERROR, "cannot hold", "ifindex", log_number(arrival->ifindex),
			  "why", arrival->why, NULL);
	if (!veth)
		return; /* no memory: the next pass finds it */
	if (!veth->held)
		veth->hold_ns = arrival->held_ns;
	veth->held = veth->held || arrival->held_ns;
	veth->watched = veth->watched || arrival->watched;
	veth->newborn = arrival->held_ns && !veth->judged_ns && !veth->container[0];
	veth->made_clsact = veth->made_clsact || arrival->made_clsact;
	veth->dirty = true;
	if (veth->judged_ns)
		return; /* the gate came second: its times are of no interest */
	veth->heard_ns = arrival->heard_ns;
	veth->held_ns = arrival->held_ns;
}

static int on_arrivals(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct follower *f = data;
	struct arrival arrival;

	(void)source, (void)fd, (void)events;
	while (gate_thread_take(f->gate_thread, &arrival))
		take_arrival(f, &arrival);
	schedule_pass(f);
	return 0;
}

/* What it was for asks again, unless it is gone. */
static void on_loaded(void *data, const char *container)
{
	struct follower *f = data;
	char id[CONTAINER_ID_SIZE];

	if (!container) {
		follower_mark_all(f);
		return;
	}
	snprintf(id, sizeof(id), "%s", container); /* it goes with the load */
	mark_container(f, id);
	if (id[0] && !engine_container(f->engine, id) && !veths_have(&f->veths, id))
		loads_drop(f->loads, id);
}

/* A container comes into quarantine, or is released: which one, the pass reads from its record. */
static int on_quarantine(sd_event_source *source, const struct inotify_event *event, void *data)
{
	(void)source;
	if ((event->mask & IN_Q_OVERFLOW) ||
	    (event->len && !strncmp(event->name, QUARANTINE_PIN, strlen(QUARANTINE_PIN))))
		follower_mark_all(data);
	return 0;
}

int follower_add_sources(struct follower *f)
{
	int error = sd_event_add_io(f->loop, &f->kernel_events, nl_listener_fd(f->listener),
				    EPOLLIN, on_kernel_events, f);

	if (error >= 0)
		error = sd_event_add_io(f->loop, &f->arrivals, gate_thread_fd(f->gate_thread),
					EPOLLIN, on_arrivals, f);
	if (error >= 0)
		error = sd_event_add_time(f->loop, &f->alarm, CLOCK_MONOTONIC, 0, 1000, on_alarm,
					  f);
	if (error >= 0)
		error = sd_event_add_time_relative(f->loop, &f->neighbours, CLOCK_MONOTONIC,
						   NEIGHBOURS_USEC, 0, on_neighbours, f);
	if (error >= 0)
		error = loads_new(f->loop, on_loaded, f, &f->loads);
	if (error >= 0)
		error = sd_event_add_inotify(f->loop, &f->quarantines, f->pins,
					     IN_MOVED_TO | IN_DELETE, on_quarantine, f);
	if (error >= 0 && f->settings.manager == OWNER_DAEMON)
		error = sd_event_add_time(f->loop, &f->uppers_due, CLOCK_MONOTONIC, 0,
					  UPPERS_ACCURACY_USEC, on_uppers_due, f);
	if (error >= 0)
		error = sd_event_add_time(f->loop, &f->mirrors_due, CLOCK_MONOTONIC, 0,
					  MIRRORS_ACCURACY_USEC, on_mirrors_due, f);
	if (error >= 0)
		error = sd_event_add_defer(f->loop, &f->pass, on_pass, f);
	/* All events that are there are taken in before the pass. */
	if (error >= 0)
		error = sd_event_source_set_priority(f->pass, SD_EVENT_PRIORITY_IDLE);
	return error < 0 ? error_set(error, "cannot wait for events: %s", strerror(-error)) : 0;
}

/* --- the engine --- */

void follower_update_bridges(struct follower *f)
{
	_cleanup_(freep) struct link *links = NULL;
	const struct network *networks;
	size_t count = 0, network_count;
	int error = nl_links(f->nl, &links, &count);

	networks = engine_networks(f->engine, &network_count);
	error = error ?: bridges_update(f->bridges, networks, network_count, links, count);
	if (error)
		log_event(LOG_LEVEL_ERROR, "cannot tell which bridges are followed", "why",
			  error_message(error), NULL);
	error_clear();
}

static void on_synced(void *data)
{
	struct follower *f = data;

	log_event(LOG_LEVEL_INFO, "engine connected", "socket", f->settings.socket, NULL);
	f->engine_seen = true;
	f->listed_ns = clock_monotonic_ns();
	missing_clear(&f->missing);
	follower_update_bridges(f);
	bridges_engine_answers(f->bridges, true);
	f->counts.resyncs++;
	engine_each(f->engine, unenforceable_log, f);
	look_for_uppers(f);
	if (f->settings.synced)
		f->settings.synced(f->settings.data, f->engine);
	follower_mark_all(f);
	keeper_look(f);
}

static void on_lost(void *data, const char *why)
{
	struct follower *f = data;

	log_event(LOG_LEVEL_WARNING, f->engine_seen ? "engine lost" : "no engine yet", "socket",
		  f->settings.socket, "why", why, NULL);
	bridges_engine_answers(f->bridges, false);
}

/* The engine has made its veth, or is about to: the policy is loaded before the veth can be used.
 */
static void prepare(struct follower *f, const char *id)
{
	char(*grown)[CONTAINER_ID_SIZE] =
		reallocarray(f->starting, f->starting_count + 1, sizeof(*grown));

	if (!grown)
		return;
	f->starting = grown;
	snprintf(grown[f->starting_count++], sizeof(*grown), "%s", id);
	schedule_pass(f);
}

/* `docker run` makes a container and starts it at once. */
static bool is_about_to_start(const struct follower *f, const char *id, enum engine_change change)
{
	const struct container *container = engine_container(f->engine, id);

	return (change == ENGINE_KNOWN || change == ENGINE_UPDATED) && engine_synced(f->engine) &&
	       container && !container->running && container->power != POWER_UNKNOWN;
}

static void on_container(void *data, const char *id, enum engine_change change)
{
	struct follower *f = data;
	const struct container *container = engine_container(f->engine, id);

	if (change == ENGINE_STARTED && container)
		unenforceable_log(f, container);
	if (change == ENGINE_MISSING)
		missing_add(&f->missing, id);
	else if (change == ENGINE_KNOWN)
		missing_remove(&f->missing, id);
	if (change == ENGINE_CONNECTED || is_about_to_start(f, id, change))
		prepare(f, id);
	if (change == ENGINE_STARTED || change == ENGINE_STOPPED || change == ENGINE_GONE)
		prepared_drop(&f->prepared, id);
	if (change == ENGINE_STOPPED || change == ENGINE_GONE)
		loads_drop(f->loads, id);
	if (change == ENGINE_GONE)
		mark_native(f);
	else if (change != ENGINE_MISSING)
		mark_container(f, id);
	mark_network_owner(f, container);
	keeper_look(f);
}

static void on_networks(void *data)
{
	struct follower *f = data;

	f->listed_ns = clock_monotonic_ns();
	follower_update_bridges(f);
	follower_mark_all(f);
	keeper_look(f);
}

int follower_open_engine(struct follower *f)
{
	const struct engine_observer observer = {
		.synced = on_synced,
		.lost = on_lost,
		.container = on_container,
		.networks = on_networks,
		.data = f,
	};

	return engine_open(f->loop, f->settings.socket, &observer, &f->engine);
}
