/* SPDX-License-Identifier: GPL-2.0-only */
/* What policy_check() warns of. */
#ifndef UNIT_WARNINGS_H
#define UNIT_WARNINGS_H

/* The warnings about a policy, of which the text must be correct. The caller frees them. */
char *warnings_of(const char *text);

void assert_warnings(const char *text, const char *expected);
void assert_warns(const char *text, const char *part);

#endif
