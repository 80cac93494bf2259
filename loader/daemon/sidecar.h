/* SPDX-License-Identifier: GPL-2.0-only */
/* The sidecar: does for one container, in the foreground, what the daemon does for all. */
#ifndef PCTL_SIDECAR_H
#define PCTL_SIDECAR_H

#include "configuration.h"
#include "policies.h"

struct sidecar_options {
	const char *container; /* name or id; it need not exist yet */
	struct plan
		*plan; /* its policy, which is taken; NULL: from its labels, as the daemon does */
	const struct configuration *configuration;
	const char *socket; /* path of the engine's socket */
	bool detach_on_exit;
	bool json; /* the drops of the container are printed as JSON, else as lines for people */
};

/* Runs until SIGTERM, SIGINT or SIGHUP. Returns 0 or a negative errno. */
int sidecar_run(const struct sidecar_options *options);

#endif
