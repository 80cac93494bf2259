// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "follow_tell.h"
#include "unenforceable.h"
#include "util.h"

static double since_ms(uint64_t from, uint64_t to)
{
	return (double)(to - from) / FOLLOW_MS;
}

static const char *const mode_names[] = {
	[MODE_AUTO] = "auto",
	[MODE_NATIVE] = "native",
	[MODE_GENERIC] = "generic",
};

/* NULL, which the journal leaves out, for nothing. */
static const char *given(const char *text)
{
	return text && text[0] ? text : NULL;
}

static const char *since_heard(const struct veth *veth, uint64_t ns)
{
	return veth->heard_ns && ns ? journal_milliseconds(since_ms(veth->heard_ns, ns)) : NULL;
}

/* What is said of a veth and its container. */
void follow_tell(const struct look *look, const struct veth *veth, enum journal_level level,
		 const char *message, const struct owner *owner, size_t rules, const char *why)
{
	struct follower *f = look->follower;
	char network[sizeof(owner->network)], id[CONTAINER_SHORT_ID + 1] = "";

	bridges_network(f->bridges, veth->link.master, network, sizeof(network));
	if (owner)
		snprintf(id, sizeof(id), "%.*s", CONTAINER_SHORT_ID, owner->container);
	journal(level, message, "container", given(owner ? owner->name : NULL), "id", given(id),
		"interface", veth->link.name, "ifindex", journal_number(veth->ifindex), "network",
		given(network), "mode", veth->judged_ns ? mode_names[veth->mode] : NULL, "source",
		given(owner ? owner->source : NULL), "rules",
		rules ? journal_number((long long)rules) : NULL, "gate_ms",
		since_heard(veth, veth->held_ns), "newlink_ms", since_heard(veth, veth->judged_ns),
		"why", given(why), NULL);
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

void follow_tell_once(const struct look *look, struct veth *veth, enum journal_level level,
		      const char *message, const struct owner *owner, const char *why)
{
	if (follow_is_new(veth, message, why))
		follow_tell(look, veth, level, message, owner, 0, why);
}

const char *follow_words(enum enforced done, const struct demand *demand)
{
	switch (done) {
	case ENFORCED_ATTACHED:
		return demand->owner.held ? "container held" : "policy in force";
	case ENFORCED_CHANGED:
		return demand->owner.held ? "container held" : "policy changed";
	case ENFORCED_OTHER_MODE:
		return "mode changed";
	case ENFORCED_REPAIRED:
		return "put back";
	case ENFORCED_RENEWED:
		return "attached anew";
	case ENFORCED_DETACHED:
		return "policy taken off";
	case ENFORCED_SAME:
		if (demand->owner.held)
			return "container held";
		return demand->plan ? "in force already" : "left alone";
	case ENFORCED_KEPT:
		return "keeps its policy";
	case ENFORCED_OTHERS:
		return "left alone";
	}
	return "?";
}

enum journal_level follow_level(enum enforced done, const struct demand *demand)
{
	if (done == ENFORCED_REPAIRED || done == ENFORCED_RENEWED)
		return JOURNAL_WARNING;
	if (done == ENFORCED_SAME && !demand->owner.held)
		return JOURNAL_DEBUG;
	return demand->owner.held ? JOURNAL_ERROR : JOURNAL_INFO;
}

/* What is wrong with what was asked for, all of it, or what is worth a warning. */
void follow_tell_details(const struct veth *veth, const struct container *container,
			 const struct wanted *wanted)
{
	bool faulty = wanted->kind == WANTED_FAULTY;

	if (faulty || wanted->details)
		journal(faulty ? JOURNAL_ERROR : JOURNAL_WARNING,
			faulty ? "policy refused" : "policy warned of", "container",
			container->name, "interface", veth->link.name, "source",
			given(wanted->source), "why", wanted->details ? NULL : given(wanted->why),
			"details", wanted->details, NULL);
}

/* --- what cannot be --- */

static bool wants_policy(const struct follower *f, const struct container *container)
{
	_cleanup_(wanted_clear) struct wanted wanted = {};
	int error = f->settings.wanted(f->settings.data, container, &wanted);

	return !error && (wanted.kind == WANTED_POLICY || wanted.kind == WANTED_FAULTY);
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
		journal(JOURNAL_WARNING, "not enforceable", "container", container->name, "why",
			why, NULL);
	return 0;
}
