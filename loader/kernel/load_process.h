/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes a generation in a process of its own. The verifier may take long over a policy, and a
 * thread in it hears nothing but a signal that kills it. So a process that must go on meanwhile
 * has a child do it, and gets the descriptors of what was loaded. The child has no lock, and dies
 * with its parent.
 */
#ifndef PCTL_LOAD_PROCESS_H
#define PCTL_LOAD_PROCESS_H

#include "generation.h"

struct load_process {
	pid_t pid; /* 0: none */
	int socket; /* readable when the child is done, or has ended. -1: none */
};

#define LOAD_PROCESS_EMPTY   \
	{                    \
		.socket = -1 \
	}

/*
 * Starts a child that calls generation_make() with this input, as it is now.
 * @lazy: it runs behind processes of normal priority
 */
int load_process_start(const struct generation_input *input, bool lazy,
		       struct load_process *process);

/*
 * Takes what the child has made, and ends the child. The socket must be readable. Path, number and
 * meta of the generation are those of the input. Returns 0, or what generation_make() returned,
 * with its message; -EIO: the child ended without a word.
 */
int load_process_take(struct load_process *process, struct generation *generation);

/* Kills the child, whatever it does; one that is stopped too. */
void load_process_kill(struct load_process *process);

#endif
