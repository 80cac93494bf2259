// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "clock.h"
#include "util.h"
#include "veth_log.h"

static double since_ms(uint64_t from, uint64_t to)
{
	return (double)(to - from) / NS_PER_MS;
}

/* The log leaves out fields that are NULL. */
static const char *given(const char *text)
{
	return text && text[0] ? text : NULL;
}

static const char *since_heard(const struct veth *veth, uint64_t ns)
{
	return veth->heard_ns && ns ? log_milliseconds(since_ms(veth->heard_ns, ns)) : NULL;
}

void veth_log(const struct reconcile_pass *pass, const struct veth *veth, enum log_level level,
	      const char *message, const struct owner *owner, size_t rules, const char *why)
{
	struct follower *f = pass->follower;
	char network[sizeof(owner->network)], id[CONTAINER_SHORT_ID + 1] = "";
	bool container = owner && !owner_is_interface(owner);

	bridges_network(f->bridges, veth->link.master, network, sizeof(network));
	if (container)
		snprintf(id, sizeof(id), "%.*s", CONTAINER_SHORT_ID, owner->container);
	log_event(level, message, "container", given(container ? owner->name : NULL), "id",
		  given(id), "interface", veth->link.name, "ifindex", log_number(veth->ifindex),
		  "network", given(network), "hook",
		  veth->judged_ns ? veth->mode == MODE_NONE ? "tc" : "xdp" : NULL, "mode",
		  veth->judged_ns && veth->mode != MODE_NONE ? mode_choice_name(veth->mode) : NULL,
		  "source", given(owner ? owner->source : NULL), "rules",
		  rules ? log_number((long long)rules) : NULL, "gate_ms",
		  since_heard(veth, veth->held_ns), "newlink_ms",
		  since_heard(veth, veth->judged_ns), "why", given(why), NULL);
}

bool veth_trouble_is_new(struct veth *veth, const char *message, const char *why)
{
	char key[sizeof(veth->told)];

	snprintf(key, sizeof(key), "%s: %s", message, why);
	if (!strcmp(key, veth->told))
		return false;
	memcpy(veth->told, key, sizeof(key));
	return true;
}

void veth_log_once(const struct reconcile_pass *pass, struct veth *veth, enum log_level level,
		   const char *message, const struct owner *owner, const char *why)
{
	if (veth_trouble_is_new(veth, message, why))
		veth_log(pass, veth, level, message, owner, 0, why);
}

/* Nothing of its policy is enforced. */
static bool desired_audits(const struct desired_attachment *desired)
{
	return desired->plan && policy_only_audits(desired->plan->policy);
}

const char *reconciled_message(enum reconciled done, const struct desired_attachment *desired)
{
	bool begins = done == RECONCILED_ATTACHED || done == RECONCILED_CHANGED ||
		      done == RECONCILED_SAME;

	if (begins && desired_is_quarantine(desired))
		return "in quarantine";
	if (begins && desired_audits(desired))
		return "policy audited";
	switch (done) {
	case RECONCILED_ATTACHED:
		return desired->owner.held ? "container held" : "policy in force";
	case RECONCILED_CHANGED:
		return desired->owner.held ? "container held" : "policy changed";
	case RECONCILED_OTHER_MODE:
		return "mode changed";
	case RECONCILED_REPAIRED:
		return "put back";
	case RECONCILED_RENEWED:
		return "attached again";
	case RECONCILED_DETACHED:
		return "policy taken off";
	case RECONCILED_SAME:
		if (desired->owner.held)
			return "container held";
		return desired->plan ? "in force already" : "left alone";
	case RECONCILED_KEPT:
		return "keeps its policy";
	case RECONCILED_QUARANTINE:
		return "in quarantine";
	case RECONCILED_OTHERS:
		return "left alone";
	}
	return "?";
}

enum log_level reconciled_level(enum reconciled done, const struct desired_attachment *desired)
{
	if (done == RECONCILED_REPAIRED || done == RECONCILED_RENEWED)
		return LOG_LEVEL_WARNING;
	if (desired_is_quarantine(desired))
		return LOG_LEVEL_WARNING;
	if (done != RECONCILED_OTHER_MODE && desired_audits(desired))
		return LOG_LEVEL_WARNING;
	if (done == RECONCILED_SAME && !desired->owner.held)
		return LOG_LEVEL_DEBUG;
	return desired->owner.held ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
}

void veth_log_details(const struct veth *veth, const struct container *container,
		      const struct desired_policy *policy)
{
	const char *name = container ? container->name : NULL;
	bool faulty = policy->kind == DESIRED_FAULTY;
	_cleanup_(freep) char *details = NULL;

	if (policy->diagnostics.count)
		details = diagnostics_text(&policy->diagnostics, name);
	if (faulty || details)
		log_event(faulty ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
			  faulty ? "policy refused" : "policy has warnings", "container", name,
			  "interface", veth->link.name, "source", given(policy->source), "why",
			  details ? NULL : given(policy->why), "details", details, NULL);
}
