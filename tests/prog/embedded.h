/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies that contain the files of their sets, so that one text has everything. Each file is a
 * comment, before the set or behind it.
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
