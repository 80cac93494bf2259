/* SPDX-License-Identifier: GPL-2.0-only */
/* One field of a rule: its name, when it may be given, how it is read and written. */
#ifndef PCTL_FIELD_H
#define PCTL_FIELD_H

#include <stdio.h>

#include "parser.h"

struct value_kind;

struct field {
	const char *name; /* the word that begins it */
	/* Whether it fits the rule as far as it was read; if not, @refusal says why. */
	bool (*fits)(const struct rule *rule);
	const char *refusal;
	bool (*given)(const struct field *field, const struct rule *rule);
	/* Reads what follows the name. 0; -EINVAL, reported; -ENOMEM. */
	int (*parse)(const struct field *field, struct parser *parser, struct rule *rule);
	/* Writes what follows the name, with a blank before it. 0 or -ENOMEM. */
	int (*print)(const struct field *field, const struct rule *rule, FILE *out);
	/* Only for fields that are sets of numbers. */
	const struct value_kind *kind;
	size_t offset; /* of its struct ranges in struct rule */
	size_t negated; /* likewise, of its flag; 0: it has no `not` */
};

#endif
