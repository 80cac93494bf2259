// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "clock.h"
#include "follow_tell.h"
#include "unenforceable.h"
#include "util.h"

static double since_ms(uint64_t from, uint64_t to)
{
	return (double)(to - from) / NS_PER_MS;
}

/* NULL, which the log leaves out, for nothing. */
static const char *given(const char *text)
{
	return text && text[0] ? text : NULL;
}

static const char *since_heard(const struct veth *veth, uint64_t ns)
{
	return veth->heard_ns && ns ? log_milliseconds(since_ms(veth->heard_ns, ns)) : NULL;
}

/* What is said of a veth and its container. */
void follow_tell(const struct look *look, const struct veth *veth, enum log_level level,
		 const char *message, const struct owner *owner, size_t rules, const char *why)
{
	struct follower *f = look->follower;
	char network[sizeof(owner->network)], id[CONTAINER_SHORT_ID + 1] = "";

	bridges_network(f->bridges, veth->link.master, network, sizeof(network));
	if (owner)
		snprintf(id, sizeof(id), "%.*s", CONTAINER_SHORT_ID, owner->container);
	log_event(level, message, "container", given(owner ? owner->name : NULL), "id", given(id),
		  "interface", veth->link.name, "ifindex", log_number(veth->ifindex), "network",
		  given(network), "mode", veth->judged_ns ? mode_choices[veth->mode] : NULL,
		  "source", given(owner ? owner->source : NULL), "rules",
		  rules ? log_number((long long)rules) : NULL, "gate_ms",
		  since_heard(veth, veth->held_ns), "newlink_ms",
		  since_heard(veth, veth->judged_ns), "why", given(why), NULL);
}

/* Trouble is told when it is new. */
bool follow_is_new(struct veth *veth, const char *message, const char *why)
{
	char key[sizeof(veth->told)];

	snprintf(key, sizeof(key), "%s: %s", message, why);
	if (!strcmp(key, veth->told))
		return false;
	memcpy(veth->told, key, sizeof(key));
	return true;
}

void follow_tell_once(const struct look *look, struct veth *veth, enum log_level level,
		      const char *message, const struct owner *owner, const char *why)
{
	if (follow_is_new(veth, message, why))
		follow_tell(look, veth, level, message, owner, 0, why);
}

const char *follow_words(enum reconciled done, const struct desired_attachment *want)
{
	switch (done) {
	case RECONCILED_ATTACHED:
		return want->owner.held ? "container held" : "policy in force";
	case RECONCILED_CHANGED:
		return want->owner.held ? "container held" : "policy changed";
	case RECONCILED_OTHER_MODE:
		return "mode changed";
	case RECONCILED_REPAIRED:
		return "put back";
	case RECONCILED_RENEWED:
		return "attached anew";
	case RECONCILED_DETACHED:
		return "policy taken off";
	case RECONCILED_SAME:
		if (want->owner.held)
			return "container held";
		return want->plan ? "in force already" : "left alone";
	case RECONCILED_KEPT:
		return "keeps its policy";
	case RECONCILED_OTHERS:
		return "left alone";
	}
	return "?";
}

enum log_level follow_level(enum reconciled done, const struct desired_attachment *want)
{
	if (done == RECONCILED_REPAIRED || done == RECONCILED_RENEWED)
		return LOG_LEVEL_WARNING;
	if (done == RECONCILED_SAME && !want->owner.held)
		return LOG_LEVEL_DEBUG;
	return want->owner.held ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
}

/* What is wrong with what was asked for, all of it, or what is worth a warning. */
void follow_tell_details(const struct veth *veth, const struct container *container,
			 const struct desired_policy *desired)
{
	bool faulty = desired->kind == DESIRED_FAULTY;

	if (faulty || desired->details)
		log_event(faulty ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
			  faulty ? "policy refused" : "policy warned of", "container",
			  container->name, "interface", veth->link.name, "source",
			  given(desired->source), "why",
			  desired->details ? NULL : given(desired->why), "details",
			  desired->details, NULL);
}

/* --- what cannot be --- */

static bool wants_policy(const struct follower *f, const struct container *container)
{
	_cleanup_(desired_policy_clear) struct desired_policy desired = {};
	int error = f->settings.desired(f->settings.data, container, &desired);

	return !error && (desired.kind == DESIRED_POLICY || desired.kind == DESIRED_FAULTY);
}

/* Is it on a network that is not followed, while more than the configuration asks for a policy? */
static bool is_left_out(const struct follower *f, const struct container *container, char *why,
			size_t size)
{
	if (f->settings.manager == OWNER_DAEMON && !container_is_labelled(container))
		return false;
	for (size_t i = 0; i < container->network_count; i++) {
		if (bridges_follow(f->bridges, container->networks[i]))
			continue;
		snprintf(why, size, "network %s is none of those that are followed",
			 container->networks[i]);
		return true;
	}
	return false;
}

int follow_tell_unenforceable(void *data, const struct container *container)
{
	const struct follower *f = data;
	char why[256];

	if (container->running &&
	    (unenforceable(f->engine, container, why, sizeof(why)) ||
	     is_left_out(f, container, why, sizeof(why))) &&
	    wants_policy(f, container))
		log_event(LOG_LEVEL_WARNING, "not enforceable", "container", container->name, "why",
			  why, NULL);
	return 0;
}
