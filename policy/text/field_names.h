/* SPDX-License-Identifier: GPL-2.0-only */
/* The field `dns`: sets of names that a packet asks DNS for. */
#ifndef PCTL_FIELD_NAMES_H
#define PCTL_FIELD_NAMES_H

#include "field.h"

/* For the row of `dns`, see struct field. */
bool field_fits_names(const struct rule *rule);
bool field_names_given(const struct field *field, const struct rule *rule);
int field_parse_names(const struct field *field, struct parser *parser, struct rule *rule);
int field_print_names(const struct field *field, const struct rule *rule, FILE *out);

#endif
