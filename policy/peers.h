/* SPDX-License-Identifier: GPL-2.0-only */
/* The field `peer`: addresses and sets. */
#ifndef PCTL_PEERS_H
#define PCTL_PEERS_H

#include "fields.h"

bool field_peers_given(const struct field *field, const struct rule *rule);
int field_parse_peers(const struct field *field, struct parser *parser, struct rule *rule);
int field_print_peers(const struct field *field, const struct rule *rule, FILE *out);

void peers_clear(struct peers *peers);
/* A copy that points at the same sets. 0 or -ENOMEM. */
int peers_copy(struct peers *to, const struct peers *from);

#endif
