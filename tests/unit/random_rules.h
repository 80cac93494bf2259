/* SPDX-License-Identifier: GPL-2.0-only */
/* Random policies with all of the language. */
#ifndef TEST_RANDOM_RULES_H
#define TEST_RANDOM_RULES_H

#include <stdio.h>

#include "files.h"
#include "prefixes.h"

/* The files that these policies name. */
extern const struct file random_feeds[];

/* A text that parse_with_files() takes with random_feeds; the caller frees. */
char *random_rules(struct random *random, unsigned int rules);

#endif
