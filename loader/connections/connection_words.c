// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "connection_words.h"
#include "policy.h"
#include "protocols.h"
#include "util.h"

enum shown_state {
	SHOWN_OPENED,
	SHOWN_ANSWERED,
	SHOWN_ESTABLISHED,
	SHOWN_CLOSING,
};

static const char *const state_names[] = {
	[SHOWN_OPENED] = "opened",
	[SHOWN_ANSWERED] = "answered",
	[SHOWN_ESTABLISHED] = "established",
	[SHOWN_CLOSING] = "closing",
};

const char *connection_state_name(const struct connection *connection)
{
	const struct pctl_connection *value = &connection->value;

	if (connection->key.protocol == IPPROTO_TCP && pctl_connection_closing(value))
		return state_names[SHOWN_CLOSING];
	if (value->state == PCTL_CONNECTION_CONFIRMED)
		return state_names[SHOWN_ESTABLISHED];
	return state_names[value->state == PCTL_CONNECTION_ANSWERED ? SHOWN_ANSWERED
								    : SHOWN_OPENED];
}

const char *connection_state_known(size_t index)
{
	return index < ARRAY_SIZE(state_names) ? state_names[index] : NULL;
}

void connection_protocol_text(const struct connection *connection,
			      char text[CONNECTION_PROTOCOL_TEXT])
{
	const char *name = protocol_name(connection->key.protocol);

	if (name)
		snprintf(text, CONNECTION_PROTOCOL_TEXT, "%s", name);
	else
		snprintf(text, CONNECTION_PROTOCOL_TEXT, "proto %u", connection->key.protocol);
}

void connection_address_text(const struct connection *connection, bool local,
			     char text[CONNECTION_END_TEXT])
{
	const struct pctl_connection_key *key = &connection->key;

	*text = '\0';
	inet_ntop(key->family == PCTL_IPV4 ? AF_INET : AF_INET6, local ? key->local : key->remote,
		  text, CONNECTION_END_TEXT);
}

static void end_text(const struct connection *connection, bool local,
		     char text[CONNECTION_END_TEXT])
{
	const struct pctl_connection_key *key = &connection->key;
	unsigned int port = ntohs(local ? key->local_port : key->remote_port);
	char address[CONNECTION_END_TEXT];

	connection_address_text(connection, local, address);
	if (protocol_is_icmp(key->protocol))
		snprintf(text, CONNECTION_END_TEXT, "%s", address);
	else if (key->family == PCTL_IPV4)
		snprintf(text, CONNECTION_END_TEXT, "%.46s:%u", address, port);
	else
		snprintf(text, CONNECTION_END_TEXT, "[%.46s]:%u", address, port);
}

void connection_local_text(const struct connection *connection, char text[CONNECTION_END_TEXT])
{
	end_text(connection, true, text);
}

void connection_remote_text(const struct connection *connection, char text[CONNECTION_END_TEXT])
{
	end_text(connection, false, text);
}

uint16_t connection_echo_id(const struct connection *connection)
{
	return ntohs(connection->key.local_port ?: connection->key.remote_port);
}

/* `then` may be a tick later than `now`: another CPU's clock. */
static uint64_t seconds_between(uint32_t then, uint32_t now)
{
	uint32_t ticks = now - then;

	return ticks >> 31 ? 0 : ((uint64_t)ticks << PCTL_TICK_SHIFT) / NS_PER_SECOND;
}

uint64_t connection_age(const struct connection *connection, uint32_t now)
{
	return seconds_between(connection->value.began, now);
}

uint64_t connection_idle(const struct connection *connection, uint32_t now)
{
	return seconds_between(connection->value.seen, now);
}

void connection_time_text(uint64_t seconds, char text[CONNECTION_TIME_TEXT])
{
	unsigned int s = seconds % 60, m = seconds / 60 % 60, h = seconds / 3600 % 24,
		     d = seconds / 86400;

	if (seconds < 60)
		snprintf(text, CONNECTION_TIME_TEXT, "%us", s);
	else if (seconds < 3600)
		snprintf(text, CONNECTION_TIME_TEXT, "%um%02us", m, s);
	else if (seconds < 86400)
		snprintf(text, CONNECTION_TIME_TEXT, "%uh%02um", h, m);
	else
		snprintf(text, CONNECTION_TIME_TEXT, "%ud%02uh", d % 10000, h);
}

enum decided_by connection_decider(const struct connection *connection, const struct policy *policy,
				   uint64_t generation, const struct rule **rule)
{
	uint32_t slot = PCTL_OUTCOME_ARG(connection->value.outcome);

	*rule = NULL;
	if (connection->value.generation != PCTL_GENERATION_OF(generation))
		return DECIDED_BY_UNKNOWN;
	if (slot == PCTL_SLOT_DEFAULT)
		return DECIDED_BY_DEFAULT;
	if (slot < PCTL_SLOT_RULES)
		return DECIDED_BY_IMPLICIT;
	if (slot - PCTL_SLOT_RULES >= policy->count)
		return DECIDED_BY_UNKNOWN;
	*rule = &policy->rules[slot - PCTL_SLOT_RULES];
	return DECIDED_BY_RULE;
}
