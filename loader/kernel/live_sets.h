/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live sets of a network namespace (kern/abi_live.h): which there are, and their members. All
 * attachments of the namespace share them; they are pinned beside the attachments.
 */
#ifndef PCTL_LIVE_SETS_H
#define PCTL_LIVE_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

/* One live set that policies in the kernel name. */
struct live_set {
	uint32_t number; /* index of `live_sets` */
	enum pctl_live_kind kind;
	char **words; /* its definition, as struct set has it; of @gateway the name of the bridge */
	size_t word_count;
	uint32_t flags; /* enum pctl_live_flags */
	uint32_t members;
	uint32_t left_out;
};

struct live_member {
	enum pctl_family family;
	uint32_t address[4]; /* in network order */
	struct pctl_member value;
};

/*
 * The live sets of a namespace, in no order. Free them with live_sets_free().
 * @shared: the namespace's directory in bpffs. None there: *count is 0.
 */
int live_sets_list(const char *shared, struct live_set **sets, size_t *count);
void live_sets_free(struct live_set *sets, size_t count);

/*
 * Gives a set these members and no others: first adds, then removes. Each change is in force at
 * once. More than PCTL_LIVE_SET_MEMBERS: the rest is left out, and the set is incomplete. Not for
 * sets of DNS names.
 * @known: these are all there are; false: membership of all others stays unknown
 */
int live_set_fill(const char *shared, uint32_t number, const struct live_member *members,
		  size_t count, bool known);

/* Adds or replaces one member; removes one, if it is there. -E2BIG: there is no room, and the set
 * is incomplete until it is filled anew. */
int live_set_add(const char *shared, uint32_t number, const struct live_member *member);
int live_set_remove(const char *shared, uint32_t number, const struct live_member *member);

/* Reads the members of a set, sorted by family and address, also those that have expired
 * (pctl_member_expired()) but are kept for connections. The caller frees *members. */
int live_set_members(const char *shared, uint32_t number, struct live_member **members,
		     size_t *count);

#endif
