/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which packets are asked for, in the words of the policy language: what a rule says behind its
 * verdict, and what became of the packet.
 *
 *   [from|to] [PROTOCOLS] [FIELD…] [port N] [host ADDRESS] [verdict drop|pass]
 *   [rule ID|default|implicit] [log] [reason NAME|any]
 *
 * All that is given must fit. Where a packet does not tell (a later fragment has no ports), it may
 * be what is asked for, and it is: as a deny rule would have it.
 */
#ifndef PCTL_PACKET_FILTER_H
#define PCTL_PACKET_FILTER_H

#include "observe.h"

struct diagnostics;
struct packet_filter;

/* Would a filter begin with this operand? Else it is an interface. */
bool packet_filter_begins(const char *operand);

/*
 * Parses operands; the caller frees the result. None: every packet fits.
 * -EINVAL with *diagnostics, whose source is `FILTER`; -ENOMEM.
 */
int packet_filter_parse(char *const *operands, size_t count, struct packet_filter **filter,
			struct diagnostics *diagnostics);
void packet_filter_free(struct packet_filter *filter); /* may be NULL */

static inline void packet_filter_freep(struct packet_filter **filter)
{
	packet_filter_free(*filter);
}

/* Did the direction's default decide it? Neither does a rule where its policy is gone. */
bool observation_by_default(const struct observation *observation);

bool packet_filter_fits(const struct packet_filter *filter, const struct observation *observation);

#endif
