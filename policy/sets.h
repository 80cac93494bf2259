/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Named sets of addresses: `set NAME { … }`, `set NAME file "PATH"`, and live sets, whose members
 * the policy does not know: `set NAME dns { … }`, `container`, `compose`, `label`, `network`,
 * and @host and @gateway, which need no definition.
 */
#ifndef PCTL_SETS_H
#define PCTL_SETS_H

#include "abi.h"
#include "place.h"
#include "prefixes.h"

struct set {
	char *name; /* of @host and @gateway: `host`, `gateway` */
	char *path; /* absolute; NULL: the addresses stand in the policy, or it is live */
	/* Of a live set; 0 (PCTL_LIVE_FREE): it is none. */
	enum pctl_live_kind live;
	/* What stands in its braces, in its own memory each: DNS names in lower case without the
	 * last dot, `*.` in front of some; names of containers; PROJECT/SERVICE; KEY=VALUE. */
	char **words;
	size_t word_count;
	struct prefixes prefixes;
	/* Of a live set, members for packets of connections alone: they have expired. */
	struct prefixes expired;
	/* Of a set from a file: `prefixes` has the addresses; otherwise only the kernel has them.
	 * Of a live set, which the evaluator is told so: `prefixes` has all its members; otherwise
	 * it is unknown whether any other address is one. */
	bool loaded;
	/* Of a set from a file: */
	uint64_t counts[PCTL_FAMILIES]; /* how many blocks there are, after joining */
	/* SHA-256 of the blocks. Two sets have the same members if and only if it is the same. */
	uint8_t digest[PCTL_SET_DIGEST];
	struct place place;
};

/* Whether its members are found in a map of its own or in `live_members`, not by class. */
static inline bool set_has_map(const struct set *set)
{
	return set->path || set->live;
}

/* What stands behind `set NAME`: `dns`, `container`, …; of @host and @gateway their names. NULL of
 * what is no live set. */
const char *set_kind_name(enum pctl_live_kind kind);

/* Sorts the words, and drops those that stand there twice. Two definitions are one set if their
 * words are the same. */
void set_normalise_words(struct set *set);

void set_free(struct set *set);

static inline void set_freep(struct set **set) /* for _cleanup_ */
{
	set_free(*set);
}

/* A deep copy, or NULL without memory. */
struct set *set_copy(const struct set *set);

/* How many blocks a set has; of a live set, how many words. */
uint64_t set_size(const struct set *set);

/* What messages call so many of what set_size() counts: "prefixes", "names". */
const char *set_unit(const struct set *set, uint64_t count);

/* Whether two sets print alike and have the same members; of live sets, the same definition. */
bool sets_identical(const struct set *a, const struct set *b);

/* Whether a set from a file lost more than half of its blocks, all for example: hardly ever meant,
 * and what denies its members opens. */
bool set_shrank(const struct set *old, const struct set *new);

#endif
