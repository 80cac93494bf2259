/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs of a policy that passes everything and has sets of DNS names, with maps of its own:
 * what is learnt can be read, without an attachment and whatever the language has.
 */
#ifndef DNS_OBJECT_H
#define DNS_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation.h"

struct policy_bpf;

struct dns_object {
	struct policy_bpf *skeleton;
	int fds[HOOK_COUNT];
	int names, questions, stats, members, sets;
	size_t set_count;
};

/*
 * Loads it, with sets of these names by slot, each a list that ends with NULL, and resolvers.
 * Fails the test if it cannot.
 */
void dns_object_load(struct dns_object *object, const char *const *const sets[], size_t set_count,
		     const struct pctl_resolver *resolvers, size_t resolver_count);
void dns_object_free(struct dns_object *object);

/* Runs a frame through a program; the test fails unless it passes. */
void dns_object_run(const struct dns_object *object, enum hook hook, const void *frame,
		    size_t length);

/* A learnt address. */
struct dns_learnt {
	struct pctl_member_key key;
	struct pctl_member value;
};

/* Reads what was learnt, up to @room, and forgets it. Returns how many there were. */
size_t dns_object_take(const struct dns_object *object, struct dns_learnt *learnt, size_t room);

uint64_t dns_object_count(const struct dns_object *object, enum pctl_name_counter counter);

#endif
