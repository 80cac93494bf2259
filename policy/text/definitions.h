/* SPDX-License-Identifier: GPL-2.0-only */
/* The sets that a text has defined so far, and those that rules name. */
#ifndef PCTL_DEFINITIONS_H
#define PCTL_DEFINITIONS_H

#include "parser.h"

/* Adds a set, which the policy then owns, and *set is NULL. From here on its name is known, even if
 * its content is wrong (@broken): rules that name it are no error then. 0 or -ENOMEM. */
int parser_define(struct parser *parser, struct set **set, const struct word *name, bool broken);

/*
 * The set that the next token names, `@NAME`; the token is not taken. A reserved one is added where
 * it is named first.
 * @number: index of the policy's sets
 * 0; -EINVAL, reported; -ENOMEM.
 */
int parser_find_set(struct parser *parser, size_t *number);

/* Adds a set to those of a rule, in the order of their definition, each once. 0 or -ENOMEM. */
int sets_add(const struct policy *policy, const struct set ***sets, size_t *count,
	     const struct set *set);

#endif
