/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of a rule as rows of a table. */
#ifndef PCTL_FIELDS_H
#define PCTL_FIELDS_H

#include "field.h"

/* The last fields of a rule, in this order. */
#define FIELD_AUDIT "audit"
#define FIELD_LOG "log"

#define FIELD_ESTABLISHED "established"
#define FIELD_SPOOFED "spoofed"

/* The optional fields, in the order in which they are printed. */
extern const struct field fields[];
extern const size_t field_count;

const struct field *field_find(const struct word *word);

/* The protocol: always the first field, and without a name. */
int field_parse_protocols(struct parser *parser, struct rule *rule);
void field_print_protocols(const struct rule *rule, FILE *out);

#endif
