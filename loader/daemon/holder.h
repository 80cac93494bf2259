/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Holds new veths while no daemon does: a container that starts while the daemon is replaced waits
 * for the next one. policyctl-hold.service runs it, from before a daemon ends until the next one is
 * ready.
 */
#ifndef PCTL_HOLDER_H
#define PCTL_HOLDER_H

#include "configuration.h"

/*
 * Runs until SIGTERM or SIGINT, or until no daemon has run for some seconds; then all that it holds
 * is let go. A daemon that started meanwhile holds it by then, or has decided. It asks no engine,
 * so it holds each new veth, whatever bridge it joins, and what the configuration follows by its
 * name. Returns 0 or a negative errno.
 */
int holder_run(const struct configuration *configuration);

#endif
