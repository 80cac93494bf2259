/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generations that a follower has made, each in a process of its own (load_process.h): a policy
 * that the verifier takes long for holds up no other container, and no signal.
 *
 * It is the `make` of a session: where a generation is asked for, the first answer is -EINPROGRESS.
 * When it is there, `finished` is called, and the next request for the same gets it.
 */
#ifndef PCTL_LOADS_H
#define PCTL_LOADS_H

#include <systemd/sd-event.h>

#include "clock.h"
#include "generation.h"

/* How long a load may take, and how long it then is not tried again. */
#define LOAD_LIMIT_S 15
#define LOAD_PAUSE_S 30

/* From then on it is told. A follower that starts is ready without it. */
#define LOAD_SLOW_NS (2 * NS_PER_SECOND)

struct loads;

/* @finished: a load of this container has ended, well or not; NULL: others have to ask again too */
int loads_new(sd_event *loop, void (*finished)(void *data, const char *container), void *data,
	      struct loads **loads);
/* Kills those that run. May be NULL. */
void loads_free(struct loads *loads);

/*
 * As generation_make(). -EINPROGRESS: a process makes it, or there are too many of them just now.
 * -ETIME: it took longer than LOAD_LIMIT_S. The container is that of the owner.
 * @data: the loads
 */
int loads_make(void *data, const struct generation_input *input, const char *path, uint32_t number,
	       struct generation *generation);

/* Forgets what was made for a container, or (NULL) for all, and nobody has asked for again. */
void loads_drop(struct loads *loads, const char *container);

/* How long the oldest load of a container, or (NULL) the youngest of all, has been running: ns; 0:
 * none is. */
uint64_t loads_age(const struct loads *loads, const char *container);

#endif
