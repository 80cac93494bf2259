/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a mirror: `mirror IFACE [mac ADDRESS]`. */
#ifndef PCTL_MIRROR_WORDS_H
#define PCTL_MIRROR_WORDS_H

#include <stdio.h>

#include "mirrors.h"
#include "parser.h"

#define WORD_MIRROR "mirror"

/* Reads what follows the word `mirror`. 0; -EINVAL, reported; -ENOMEM. */
int mirror_parse(struct parser *parser, struct mirror *mirror);

/* Writes it, with a blank before it. */
void mirror_print(const struct mirror *mirror, FILE *out);

#endif
