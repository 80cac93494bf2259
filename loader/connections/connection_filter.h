/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A filter of connections: that of packets (packet_filter_parse.h), asked about the packet that
 * opened it, and `state NAME`.
 */
#ifndef PCTL_CONNECTION_FILTER_H
#define PCTL_CONNECTION_FILTER_H

#include "connection_table.h"

struct diagnostics;
struct frame;
struct packet_filter;
struct policy;

struct connection_filter {
	struct packet_filter *packets; /* NULL: it has not been parsed, and all fit */
	const char *state; /* a name that connection_state_name() gives; NULL: any */
	struct frame *frame; /* room for the packet */
};

/*
 * Parses operands. Without any, every connection fits. 0; -ENOMEM; -EINVAL: in *diagnostics, or, if
 * that has none, in error_message(). The filter is to be cleared in any case.
 */
int connection_filter_parse(char *const *operands, size_t count, struct connection_filter *filter,
			    struct diagnostics *diagnostics);
void connection_filter_clear(struct connection_filter *filter);

/* @policy, @generation: as connection_decider() takes them */
bool connection_filter_fits(const struct connection_filter *filter,
			    const struct connection *connection, const struct policy *policy,
			    uint64_t generation);

#endif
