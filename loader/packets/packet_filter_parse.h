/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A filter of packets in the words of the policy language:
 *
 *   [from|to] [PROTOCOLS] [FIELD…] [port N] [host ADDRESS] [verdict VERDICT]
 *   [rule ID|default|implicit] [log] [reason NAME|any]
 */
#ifndef PCTL_PACKET_FILTER_PARSE_H
#define PCTL_PACKET_FILTER_PARSE_H

#include <stddef.h>

#include "packet_filter.h"

struct diagnostics;

/* Can a filter begin with this operand? If not, it is the name of an interface. */
bool packet_filter_begins(const char *operand);

/*
 * Parses operands; the caller frees the result. Without any, every packet fits.
 * -EINVAL with *diagnostics, whose source is `FILTER`; -ENOMEM.
 */
int packet_filter_parse(char *const *operands, size_t count, struct packet_filter **filter,
			struct diagnostics *diagnostics);

#endif
