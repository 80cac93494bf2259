// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "wait.h"

bool wait_is_engine_name(const char *name)
{
	static const char prefix[] = "veth", digits[] = "0123456789abcdef";
	const char *number = name + strlen(prefix);

	return !strncmp(name, prefix, strlen(prefix)) && strlen(number) == 7 &&
	       strspn(number, digits) == 7;
}

/* Does something say that a container is behind it, or may be? */
static bool is_spoken_for(const struct wait *wait, char why[WAIT_WHY])
{
	bool followed = wait->bridge == BRIDGE_FOLLOWED;

	if (wait->here)
		return false;
	if (wait->starting) {
		snprintf(why, WAIT_WHY, "the engine has not answered yet since the start");
		return true;
	}
	if (!wait->engine_answers && (wait->named || followed)) {
		snprintf(why, WAIT_WHY, "%s, and the engine does not answer",
			 wait->named ? "a container is behind it"
				     : "its bridge is one of the engine's");
		return true;
	}
	if (!followed && wait->engine_answers && !wait->listed) {
		snprintf(why, WAIT_WHY, "the engine has not listed its networks since it came");
		return true;
	}
	if (followed && wait->named) {
		snprintf(why, WAIT_WHY, "which container it belongs to is not certain yet");
		return true;
	}
	if (followed && wait->without_veth) {
		snprintf(why, WAIT_WHY,
			 "it may be of the container %s, which is on this network, and whose veth "
			 "is not found",
			 wait->without_veth);
		return true;
	}
	return false;
}

/* How long it is held if nothing speaks for a container. */
static uint64_t limit(const struct wait *wait)
{
	if (wait->bridge != BRIDGE_FOLLOWED)
		return WAIT_NS;
	if (wait->engine_name)
		return WAIT_NAMED_BY_ENGINE_NS;
	return wait->podman && !wait->here ? WAIT_PODMAN_NS : WAIT_NS;
}

bool wait_is_over(const struct wait *wait, char why[WAIT_WHY])
{

	if (wait->bridge == BRIDGE_FOREIGN || !wait->may_be_followed) {
		snprintf(why, WAIT_WHY, "its bridge is of no network that is followed");
		return true;
	}
	if (is_spoken_for(wait, why))
		return false;
	if (wait->held_ns < limit(wait)) {
		snprintf(why, WAIT_WHY, "%s",
			 wait->bridge == BRIDGE_FOLLOWED && wait->engine_name
				 ? "its name is one that the engine gives, and its container does "
				   "not run yet"
				 : "it is new, and its container is not known yet");
		return false;
	}
	snprintf(why, WAIT_WHY, "%s",
		 wait->here ? "its other end stays in this network namespace: no container is "
			      "behind it"
			    : "no container of the engine is behind it");
	return true;
}
