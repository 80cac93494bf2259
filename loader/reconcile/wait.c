// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "wait.h"

/* Does something say that a container is behind it, or may be? */
static bool is_spoken_for(const struct wait *wait, char why[WAIT_WHY])
{
	bool followed = wait->bridge == BRIDGE_FOLLOWED;

	if (wait->here)
		return false;
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

bool wait_is_over(const struct wait *wait, char why[WAIT_WHY])
{
	bool late = wait->podman && wait->bridge == BRIDGE_FOLLOWED && !wait->here;

	if (wait->bridge == BRIDGE_FOREIGN || !wait->may_be_followed) {
		snprintf(why, WAIT_WHY, "its bridge is of no network that is followed");
		return true;
	}
	if (is_spoken_for(wait, why))
		return false;
	if (wait->held_ns < (late ? WAIT_PODMAN_NS : WAIT_NS)) {
		snprintf(why, WAIT_WHY, "it is new, and its container is not known yet");
		return false;
	}
	snprintf(why, WAIT_WHY, "%s",
		 wait->here ? "its other end stays in this network namespace: no container is "
			      "behind it"
			    : "no container of the engine is behind it");
	return true;
}
