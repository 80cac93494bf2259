// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"
#include "error.h"
#include "follow_tell.h"
#include "log.h"
#include "util.h"

/* --- when to look --- */

static void look_soon(struct follower *f)
{
	sd_event_source_set_enabled(f->look, SD_EVENT_ONESHOT);
}

static void mark_all(struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++)
		f->veths.items[i].dirty = true;
	look_soon(f);
}

static void mark_container(struct follower *f, const char *id)
{
	for (size_t i = 0; i < f->veths.count; i++) {
		struct veth *veth = &f->veths.items[i];

		/* Who is not known may be this one. */
		if (!veth->container[0] || !strcmp(veth->container, id))
			veth->dirty = true;
	}
	look_soon(f);
}

/* Who is gone may have been why. */
static void mark_native(struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++)
		if (f->veths.items[i].mode == MODE_NATIVE)
			f->veths.items[i].dirty = true;
	look_soon(f);
}

/* What a container may do counts for the network that it shares. */
static void mark_owner(struct follower *f, const struct container *container)
{
	const char *owner = container ? container_network_owner(container) : NULL;

	if (owner)
		mark_container(f, owner);
}

/* The next veth that waits, or the next look after one that failed. */
static void set_alarm(struct follower *f)
{
	uint64_t next = f->look_again_ns;

	for (size_t i = 0; i < f->veths.count; i++) {
		uint64_t retry = f->veths.items[i].retry_ns;

		if (retry && (!next || retry < next))
			next = retry;
	}
	if (!next) {
		sd_event_source_set_enabled(f->retry, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(f->retry, next / 1000 + 1);
	sd_event_source_set_enabled(f->retry, SD_EVENT_ONESHOT);
}

static int on_alarm(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	look_soon(data);
	return 0;
}

#define NEIGHBOURS_USEC (5 * 1000 * 1000)

/* Nothing tells when another one who holds (a sidecar) is killed. */
static int on_neighbours(sd_event_source *source, uint64_t usec, void *data)
{
	struct follower *f = data;

	(void)usec;
	f->neighbour_gone = gate_sees_dead(f->gate);
	if (f->neighbour_gone)
		look_soon(f);
	sd_event_source_set_time_relative(source, NEIGHBOURS_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- looking --- */

static void be_ready(struct follower *f)
{
	if (f->ready)
		return;
	f->ready = true;
	f->settings.ready(f->settings.data);
}

#define LOOK_AGAIN_NS (500 * NS_PER_MS)

/* Nothing need come that makes us look again. */
static void fail_to_look(struct follower *f, int error)
{
	const char *why = error_message(error);

	if (strncmp(f->trouble, why, sizeof(f->trouble) - 1) != 0)
		log_event(LOG_LEVEL_ERROR, "cannot look", "why", why, NULL);
	snprintf(f->trouble, sizeof(f->trouble), "%s", why);
	f->look_again_ns = clock_monotonic_ns() + LOOK_AGAIN_NS;
	error_clear();
}

static int on_look(sd_event_source *source, void *data)
{
	struct follower *f = data;
	bool more;
	int error = follower_look(f, &more);

	(void)source;
	f->look_again_ns = 0;
	if (error) {
		fail_to_look(f, error);
	} else {
		f->trouble[0] = '\0';
		if (more)
			look_soon(f);
		else
			be_ready(f);
	}
	set_alarm(f);
	return 0;
}

/* --- what the kernel says --- */

static int on_link(void *data, const struct link *link, bool gone)
{
	struct follower *f = data;
	const struct veth *veth = veths_find(&f->veths, link->ifindex);

	if (!gone && !strcmp(link->kind, "bridge") &&
	    bridges_kind(f->bridges, link->ifindex) == BRIDGE_UNKNOWN)
		engine_refresh_networks(f->engine);
	/* The list says more: the look finds out itself what changed. */
	if (veth || (!gone && link->master && !strcmp(link->kind, "veth")))
		look_soon(f);
	return 0;
}

static int on_tc(void *data, uint32_t ifindex)
{
	struct follower *f = data;
	struct veth *veth = veths_find(&f->veths, ifindex);

	if (!veth || veth->status == VETH_ALONE || veth->status == VETH_OTHERS)
		return 0;
	veth->dirty = true;
	veth->shaken = true;
	look_soon(f);
	return 0;
}

static int on_news(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct follower *f = data;
	const struct nl_news news = { .link = on_link, .tc = on_tc, .data = f };

	(void)source, (void)fd, (void)events;
	if (nl_listen(f->listener, &news)) {
		log_event(LOG_LEVEL_WARNING, "news of the kernel were lost: looking at everything",
			  NULL);
		f->counts.resyncs++;
		mark_all(f);
	}
	return 0;
}

static int on_arrivals(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct follower *f = data;
	struct arrival arrival;

	(void)source, (void)fd, (void)events;
	while (gate_thread_take(f->gate_thread, &arrival)) {
		struct veth *veth = veths_get(&f->veths, arrival.ifindex);

		if (arrival.held_ns)
			histogram_add(&f->counts.gate, (arrival.held_ns - arrival.heard_ns) / 1e9);
		else
			log_event(LOG_LEVEL_ERROR, "cannot hold", "ifindex",
				  log_number(arrival.ifindex), "why", arrival.why, NULL);
		if (!veth)
			continue;
		veth->held = veth->held || arrival.held_ns;
		veth->made_clsact = veth->made_clsact || arrival.made_clsact;
		veth->heard_ns = arrival.heard_ns;
		veth->held_ns = arrival.held_ns;
		veth->dirty = true;
	}
	look_soon(f);
	return 0;
}

/* --- what the engine says --- */

static void update_bridges(struct follower *f)
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

	f->engine_seen = true;
	log_event(LOG_LEVEL_INFO, "engine connected", "socket", f->settings.socket, NULL);
	update_bridges(f);
	bridges_engine_answers(f->bridges, true);
	f->counts.resyncs++;
	engine_each(f->engine, follow_tell_unenforceable, f);
	if (f->settings.synced)
		f->settings.synced(f->settings.data, f->engine);
	mark_all(f);
}

static void on_lost(void *data, const char *why)
{
	struct follower *f = data;

	log_event(LOG_LEVEL_WARNING, f->engine_seen ? "engine lost" : "no engine yet", "socket",
		  f->settings.socket, "why", why, NULL);
	bridges_engine_answers(f->bridges, false);
}

/* The engine has made its veth, or is about to: there is time to prepare until it can be used. */
static void prepare(struct follower *f, const char *id)
{
	char(*grown)[CONTAINER_ID_SIZE] =
		reallocarray(f->starting, f->starting_count + 1, sizeof(*grown));

	if (!grown)
		return;
	f->starting = grown;
	snprintf(grown[f->starting_count++], sizeof(*grown), "%s", id);
	look_soon(f);
}

/* docker makes a container and starts it at once, as a rule. */
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
		follow_tell_unenforceable(f, container);
	if (change == ENGINE_CONNECTED || is_about_to_start(f, id, change))
		prepare(f, id);
	if (change == ENGINE_STARTED || change == ENGINE_STOPPED || change == ENGINE_GONE)
		prepared_drop(&f->prepared, id);
	if (change == ENGINE_GONE)
		mark_native(f);
	else if (change != ENGINE_MISSING)
		mark_container(f, id);
	mark_owner(f, container);
}

static void on_networks(void *data)
{
	struct follower *f = data;

	update_bridges(f);
	mark_all(f);
}

/* --- life --- */

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

	if (error)
		return error;
	follower->settings.configuration = configuration;
	follower->settings.hold = hold;
	prepared_drop(&follower->prepared, NULL); /* their plans are gone */
	if (engine_synced(follower->engine))
		update_bridges(follower);
	mark_all(follower);
	return 0;
}

static void release_all(struct look *look)
{
	struct follower *f = look->follower;

	for (size_t i = 0; i < f->veths.count; i++)
		if (follow_release(look, &f->veths.items[i]))
			notice("%s: %s", f->veths.items[i].link.name, error_message(0));
}

int follower_detach_all(struct follower *follower)
{
	return follower_in_session(follower, release_all);
}

static bool is_on_its_way(const struct follower *f, const struct veth *veth)
{
	return veth->link.peer_nsid < 0 && bridges_hold(f->bridges, f->nl, veth->link.master);
}

/* What a predecessor held who was killed, we hold from now on, and what came while nobody was there
 * and is in no container yet: until the first look, large policies are read. */
static int inherit_gates(struct follower *f, struct session *session)
{
	int error = follower_list_veths(f);

	for (size_t i = 0; i < f->veths.count && !error; i++) {
		_cleanup_(hooks_free) struct hooks hooks = {};
		struct veth *veth = &f->veths.items[i];
		bool made;

		if (hooks_read(f->nl, veth->ifindex, &hooks) ||
		    (!hooks_held(&hooks) && !is_on_its_way(f, veth)) ||
		    gate_hold(f->gate, f->nl, veth->ifindex, &made) < 0)
			continue;
		veth->held = true;
		veth->made_clsact = made || hooks_held_only(&hooks);
	}
	error_clear();
	if (!error)
		error = gate_tidy_others(f->gate, session);
	return error < 0 ? error : 0;
}

static int open_gate(struct follower *f)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error = session_open(&session, true);

	error = error ?: gate_open(&session, f->settings.manager == OWNER_DAEMON, &f->gate);
	error = error ?: gate_thread_open(f->gate, f->bridges, &f->gate_thread);
	return error ?: inherit_gates(f, &session);
}

static int add_sources(struct follower *f)
{
	int error = sd_event_add_io(f->loop, &f->news, nl_listener_fd(f->listener), EPOLLIN,
				    on_news, f);

	if (error >= 0)
		error = sd_event_add_io(f->loop, &f->arrivals, gate_thread_fd(f->gate_thread),
					EPOLLIN, on_arrivals, f);
	if (error >= 0)
		error = sd_event_add_time(f->loop, &f->retry, CLOCK_MONOTONIC, 0, 1000, on_alarm,
					  f);
	if (error >= 0)
		error = sd_event_add_time_relative(f->loop, &f->neighbours, CLOCK_MONOTONIC,
						   NEIGHBOURS_USEC, 0, on_neighbours, f);
	if (error >= 0)
		error = sd_event_add_defer(f->loop, &f->look, on_look, f);
	/* What came is taken in before it is looked at. */
	if (error >= 0)
		error = sd_event_source_set_priority(f->look, SD_EVENT_PRIORITY_IDLE);
	return error < 0 ? error_set(error, "cannot watch: %s", strerror(-error)) : 0;
}

static int open_engine(struct follower *f)
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

/* A policy that is prepared takes up to 31 of them (16 sets from files). */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit); /* if it may not: as it is */
}

int follower_open(sd_event *loop, const struct follower_settings *settings,
		  struct follower **follower)
{
	struct follower *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	allow_files();
	new->settings = *settings;
	new->loop = sd_event_ref(loop);
	error = bridges_new(&new->bridges);
	error = error ?: bridges_configure(new->bridges, settings->configuration);
	error = error ?: nl_open(&new->nl);
	error = error ?: nl_listener_open(true, &new->listener);
	error = error ?: open_gate(new);
	error = error ?: add_sources(new);
	error = error ?: open_engine(new);
	if (error)
		follower_close(new);
	else
		*follower = new;
	return error;
}

static bool is_idle(const struct follower *f)
{
	for (size_t i = 0; i < f->veths.count; i++)
		if (f->veths.items[i].held)
			return false;
	return true;
}

/* Directories that became empty go with the session. */
static void tidy_store(void)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;

	if (session_open(&session, false))
		notice("%s", error_message(0));
	error_clear();
}

void follower_close(struct follower *follower)
{
	if (!follower)
		return;
	gate_thread_close(follower->gate_thread);
	if (follower->gate) {
		gate_close(follower->gate, is_idle(follower));
		tidy_store();
	}
	engine_close(follower->engine);
	sd_event_source_disable_unref(follower->news);
	sd_event_source_disable_unref(follower->arrivals);
	sd_event_source_disable_unref(follower->retry);
	sd_event_source_disable_unref(follower->look);
	sd_event_source_disable_unref(follower->neighbours);
	sd_event_unref(follower->loop);
	nl_listener_close(follower->listener);
	nl_close(follower->nl);
	prepared_drop(&follower->prepared, NULL);
	free(follower->starting);
	veths_clear(&follower->veths);
	bridges_free(follower->bridges);
	free(follower);
}
