/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a policy would let a connection begin: its programs are asked about the packet that opens
 * it, as a packet of no known connection. */
#ifndef PCTL_JUDGE_H
#define PCTL_JUDGE_H

#include "connection_table.h"
#include "generation.h"

struct frame;

struct judge {
	const struct generation *generation; /* its programs need not be attached */
	struct frame *frame; /* room for the packet */
};

/* The caller closes. -ENOMEM */
int judge_open(const struct generation *generation, struct judge *judge);
void judge_close(struct judge *judge);

/* On success, whether it passes, and the outcome that decides. */
int judge_connection(const struct judge *judge, const struct connection *connection, bool *passes,
		     uint32_t *outcome);

#endif
