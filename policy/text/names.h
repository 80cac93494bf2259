/* SPDX-License-Identifier: GPL-2.0-only */
/* Names that a policy gives. */
#ifndef PCTL_NAMES_H
#define PCTL_NAMES_H

#include "parser.h"

/* Whether the next token can be the name of a @what, which has @max letters at most. 0; -EINVAL,
 * reported; -ENOMEM. */
int name_check(struct parser *parser, const char *what, int max);

#endif
