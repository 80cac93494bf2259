/* SPDX-License-Identifier: GPL-2.0-only */
/* Where something stands in a text. */
#ifndef PCTL_PLACE_H
#define PCTL_PLACE_H

/* Both count from 1. Line 0: it did not come from a text. */
struct place {
	unsigned int line;
	unsigned int column;
};

#endif
