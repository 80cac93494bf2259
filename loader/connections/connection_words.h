/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection in words. */
#ifndef PCTL_CONNECTION_WORDS_H
#define PCTL_CONNECTION_WORDS_H

#include "connection_table.h"
#include "observation.h"

struct policy;

/* "opened", "answered", "established" or "closing". */
const char *connection_state_name(const struct connection *connection);

/* The names by index from 0; NULL behind the last. */
const char *connection_state_known(size_t index);

/* "tcp"; "proto 99" where we know no name. */
#define CONNECTION_PROTOCOL_TEXT 16
void connection_protocol_text(const struct connection *connection,
			      char text[CONNECTION_PROTOCOL_TEXT]);

/* "198.18.0.2:40000", "[2001:db8::2]:40000", of an echo the address alone. */
#define CONNECTION_END_TEXT 64
void connection_local_text(const struct connection *connection, char text[CONNECTION_END_TEXT]);
void connection_remote_text(const struct connection *connection, char text[CONNECTION_END_TEXT]);

/* The address without the port. */
void connection_address_text(const struct connection *connection, bool local,
			     char text[CONNECTION_END_TEXT]);

/* The id of an echo. */
uint16_t connection_echo_id(const struct connection *connection);

/* Seconds since it began, and since its last packet. */
uint64_t connection_age(const struct connection *connection, uint32_t now);
uint64_t connection_idle(const struct connection *connection, uint32_t now);

/* "12s", "3m05s", "2h10m", "3d04h" */
#define CONNECTION_TIME_TEXT 16
void connection_time_text(uint64_t seconds, char text[CONNECTION_TIME_TEXT]);

/*
 * What let it begin, in the policy of the attachment.
 * @generation: of that policy
 * @rule: DECIDED_BY_RULE: the policy's; else NULL
 * Returns DECIDED_BY_UNKNOWN if an older policy did.
 */
enum decided_by connection_decider(const struct connection *connection, const struct policy *policy,
				   uint64_t generation, const struct rule **rule);

#endif
