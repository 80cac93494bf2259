/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields `rate`, `shape` and `mirror`. */
#ifndef PCTL_FIELD_TREATMENTS_H
#define PCTL_FIELD_TREATMENTS_H

#include "field.h"

/* For the rows of `rate` and `shape`, see struct field. */
bool field_fits_limit(const struct rule *rule);
bool field_limit_given(const struct field *field, const struct rule *rule);
int field_parse_limit(const struct field *field, struct parser *parser, struct rule *rule);
int field_print_limit(const struct field *field, const struct rule *rule, FILE *out);

/* Likewise, of `mirror`. */
bool field_fits_mirror(const struct rule *rule);
bool field_mirror_given(const struct field *field, const struct rule *rule);
int field_parse_mirror(const struct field *field, struct parser *parser, struct rule *rule);
int field_print_mirror(const struct field *field, const struct rule *rule, FILE *out);

#endif
