/* SPDX-License-Identifier: GPL-2.0-only */
/* What a packet to port 53 asks DNS for, read as strictly as the field `dns` wants it. */
#ifndef PCTL_QUESTIONS_H
#define PCTL_QUESTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct set;

enum asks {
	ASKS_UNKNOWN, /* or it is no packet to port 53 */
	ASKS_NOTHING, /* a TCP segment without payload */
	ASKS_NAME,
};

struct question {
	enum asks asking;
	/* As in the message, RFC 1035 section 3.1, in lower case: labels with their lengths in
	 * front, so that a dot in a label is no dot between two. */
	uint8_t name[255];
	size_t size; /* of the name, the 0 at its end included */
};

/*
 * Reads the payload of a UDP packet: a query (opcode 0) with one question of class IN, without
 * compression, and nothing else but one record of EDNS (RFC 6891). All others are ASKS_UNKNOWN: a
 * server may read more in them than is read here.
 */
void question_read(const uint8_t *message, size_t size, struct question *question);

/* Whether a set of DNS names has the name that is asked for. */
bool question_is_in(const struct question *question, const struct set *set);

#endif
