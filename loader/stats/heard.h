/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said on standard error meanwhile, kept for whoever has the terminal to himself. */
#ifndef PCTL_HEARD_H
#define PCTL_HEARD_H

#include <stddef.h>

/* What heard_end() needs. */
struct heard {
	int before; /* standard error as it was */
	int kept;
};

/* From here on standard error goes to memory. If that fails it stays as it is. */
struct heard heard_begin(void);

/* Gives standard error back. What was said is in text, cut to its size; "": nothing. */
void heard_end(struct heard *heard, char *text, size_t size);

#endif
