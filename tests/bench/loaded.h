/* SPDX-License-Identifier: GPL-2.0-only */
/* Subjects in the kernel. */
#ifndef BENCH_LOADED_H
#define BENCH_LOADED_H

#include "generation.h"
#include "subjects.h"
#include "watched.h"

enum bench_mode {
	BENCH_NATIVE,
	BENCH_GENERIC, /* XDP stamps the frames that it passes */
	BENCH_MODES,
};

struct loaded {
	const struct subject *subject;
	/* Policies of ours: */
	struct generation generations[BENCH_MODES];
	struct watched *watched[BENCH_MODES]; /* NULL: no reader */
	double parse_ms, load_ms; /* text to policy, policy to programs and maps */
	/* A foreign program: */
	char *foreign; /* its name, NULL: it is ours */
	int program;
	uint64_t bytes; /* in the kernel */
	struct loaded *next;
};

/* @directory: where the files of sets are written. NULL: it failed; the reason was printed. */
struct loaded *loaded_new(const struct subject *subject, const char *directory);

/* A program that is already in the kernel and should do what the subject's policy says. @text:
 * "NAME=PROGRAM-ID=SUBJECT SIZE". Ends the program if it is anything else. */
struct loaded *loaded_foreign(const char *text);

void loaded_free(struct loaded *loaded);

#endif
