/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies that carry the files of their sets with them, so that one text tells all: each file is a
 * comment, before the set or behind.
 *   # file feed.txt: 198.51.100.0/24, 2001:db8::/32
 *   set feed file "feed.txt"
 */
#ifndef PROG_EMBEDDED_H
#define PROG_EMBEDDED_H

#include "policy.h"

#define EMBEDDED_FILE "# file "

/* As policy_parse(). */
int embedded_parse(const char *text, struct policy **policy, struct diagnostics *diagnostics);

#endif
