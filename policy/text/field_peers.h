/* SPDX-License-Identifier: GPL-2.0-only */
/* The field `peer`: addresses and sets. */
#ifndef PCTL_FIELD_PEERS_H
#define PCTL_FIELD_PEERS_H

#include "field.h"

/* For the row of `peer`, see struct field. */
bool field_peers_given(const struct field *field, const struct rule *rule);
int field_parse_peers(const struct field *field, struct parser *parser, struct rule *rule);
int field_print_peers(const struct field *field, const struct rule *rule, FILE *out);

#endif
