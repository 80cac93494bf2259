/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules that match on whole protocols and a peer: a table with a row for each class of protocols
 * and a column for each peer class. */
#ifndef PCTL_ROWS_H
#define PCTL_ROWS_H

#include "by_class.h"

#define ROW_NONE UINT32_MAX
#define PROTOCOL_UNKNOWN 256 /* index of rows->of_protocol */

struct rows {
	uint32_t of_protocol[257]; /* the number of its row; ROW_NONE: no such rule */
	/* Each row is a sequence: by peer class an outcome or PCTL_NONE. Its id is the row's
	 * number. */
	struct intern outcomes;
	struct words first; /* per row: PCTL_OUTCOME_RANK() of the earliest rule in it */
};

/* @by_class: of this direction. 0, -ENOMEM, or -E2BIG: *budget says why. */
int rows_build(struct rows *rows, struct by_class *by_class, enum pctl_direction direction,
	       struct budget *budget);
void rows_clear(struct rows *rows);

/* Blames the rules in rows for the classes of addresses that they name. */
void rows_blame(const struct peer_classes *peers, const struct traits *traits,
		enum pctl_direction direction, struct budget *budget);

/* The outcome of a row for a class; PCTL_NONE where the row is ROW_NONE. */
static inline uint32_t rows_outcome(const struct rows *rows, uint32_t row, uint32_t class)
{
	size_t count;

	return row == ROW_NONE ? PCTL_NONE : intern_get(&rows->outcomes, row, &count)[class];
}

#endif
