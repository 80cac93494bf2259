/* SPDX-License-Identifier: GPL-2.0-only */
/* The connections of a policy in the kernel, beside those that the reference evaluator knows. */
#ifndef PROG_TRIAL_CONNECTIONS_H
#define PROG_TRIAL_CONNECTIONS_H

#include <stdio.h>

#include "generation.h"
#include "known_connections.h"

/* Prints and returns how many are not as they should be. */
size_t print_connections(FILE *out, const struct generation *generation,
			 const struct connection_memory *memory);

/* What the programs counted; 0 where connections are not tracked. */
uint64_t counted_connections(const struct generation *generation,
			     enum pctl_connection_counter counter);

#endif
