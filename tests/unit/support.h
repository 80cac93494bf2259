/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the unit tests. Include this instead of cmocka.h, which wants other headers before
 * it. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diagnostics.h"
#include "policy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Parses a text that must be free of errors; the caller frees the policy. */
struct policy *parse_good(const char *text);

/* Compiles; the caller frees. */
struct compiled *compile(const struct policy *policy);
struct compiled *compile_text(const char *text);

/* The messages of a text with errors, each as diagnostic_print() writes it; the caller frees. */
char *errors_of(const char *text, size_t length);

/* All diagnostics as one text; the caller frees. Clears them. */
char *print_diagnostics(struct diagnostics *diagnostics);

/* Fails the test unless @text contains @part. */
void assert_contains(const char *text, const char *part);

void assert_same_compiled(const struct compiled *a, const struct compiled *b);

/* xorshift64*: the same numbers everywhere, unlike rand(). */
struct random {
	uint64_t state;
};

uint32_t random_below(struct random *random, uint32_t bound);

/* A random policy as text, which parse_good() takes; the caller frees. */
char *random_policy(struct random *random, unsigned int rules);

#endif
