/* SPDX-License-Identifier: GPL-2.0-only */
/* A small world for random policies with all fields, and packets for them: few addresses in few
 * nested blocks and few ports, so that rules overlap. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "lookup.h"
#include "support.h"

/* A random policy, its text in *text; the caller frees both. */
struct policy *world_policy(struct random *random, unsigned int rules, char **text);

/* Parses a text whose `set … file "N"` is the set that world_policy() would make of N. NULL: the
 * parser refuses it. */
struct policy *world_parse(const char *text);

struct packet world_packet(struct random *random);

/* Describes a packet, into a buffer. */
void world_describe(const struct packet *packet, char *buffer, size_t size);

#endif
