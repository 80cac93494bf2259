/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long a gate holds a veth whose container is not known. A hold always has an end that needs no
 * further event: what nothing speaks for is let go after WAIT_NS. It goes on only while something
 * says that a container of the engine may be behind the veth; the reason is given in words.
 */
#ifndef PCTL_WAIT_H
#define PCTL_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridges.h"
#include "clock.h"

/* An engine takes a fraction of a second from the veth to the container's first process. Two
 * seconds are the promise (docs/docker.md); the rest is for a busy machine. */
#define WAIT_NS (1500 * NS_PER_MS)

/* podman makes the network before the first process, and waits for other programs in between. */
#define WAIT_PODMAN_NS (10 * NS_PER_SECOND)

/* The names that docker gives: a busy host takes seconds to start twenty containers, and none of
 * them may run without its policy. Nobody else makes such names by chance. */
#define WAIT_NAMED_BY_ENGINE_NS (60 * NS_PER_SECOND)

/* What a killed predecessor held: its engine answers within milliseconds, later on a busy machine.
 */
#define WAIT_START_NS NS_PER_SECOND

#define WAIT_WHY 200

/* What is known of such a veth. */
struct wait {
	enum bridge_kind bridge;
	bool may_be_followed; /* bridges_hold() */
	bool here; /* its other end is in this network namespace: no container can use it */
	bool engine_name; /* wait_is_engine_name() */
	bool named; /* a process behind it may be of a container of the engine, by its cgroup */
	bool starting; /* the engine has not answered yet, and WAIT_START_NS are not over */
	bool engine_answers;
	bool listed; /* it has listed its networks since the veth is held */
	bool podman;
	const char *without_veth; /* a container that runs, is on this network, and whose veth is
				   * not found; NULL: none */
	uint64_t held_ns; /* for so long */
};

/* Is this a name that docker gives to a veth: "veth" and seven lower-case hexadecimal digits?
 * (GenerateIfaceName() in libnetwork's netutils/utils_linux.go) */
bool wait_is_engine_name(const char *name);

/* Is the hold over? why: why it is, or why it goes on */
bool wait_is_over(const struct wait *wait, char why[WAIT_WHY]);

#endif
