/* SPDX-License-Identifier: GPL-2.0-only */
/* Interns sequences of numbers: equal sequences get the same id. */
#ifndef PCTL_INTERN_H
#define PCTL_INTERN_H

#include "words.h"

/* Zero-initialised is empty. */
struct intern {
	struct words words; /* all sequences, one after the other */
	struct words ends; /* of each sequence in `words` */
	struct words hashes;
	uint32_t *table; /* open addressing: id + 1, 0 is free */
	size_t table_size; /* a power of two, at least twice as many as there are sequences */
};

/* Finds or adds a sequence; @words must not point into @intern. Ids count from 0 in the order of
 * addition. 0 or -ENOMEM. */
int intern_add(struct intern *intern, const uint32_t *words, size_t count, uint32_t *id);

static inline size_t intern_count(const struct intern *intern)
{
	return intern->ends.count;
}

/* Valid until the next addition. */
const uint32_t *intern_get(const struct intern *intern, uint32_t id, size_t *count);

void intern_clear(struct intern *intern);

#endif
