/* SPDX-License-Identifier: GPL-2.0-only */
/* What is measured: policies, and for each the packets that it lets pass and those it drops. */
#ifndef BENCH_SUBJECTS_H
#define BENCH_SUBJECTS_H

#include <stdio.h>

#include "traffic.h"

struct subject {
	const char *name;
	size_t size; /* rules, or prefixes of its set */
	/* Writes the policy. @directory: where files it needs may be written. */
	int (*policy)(FILE *file, const struct subject *subject, const char *directory);
	/* The packets that pass and those that are dropped, the i-th of them; NULL: there are none.
	 */
	void (*passed)(const struct subject *subject, uint64_t i, struct packet_fields *fields);
	void (*dropped)(const struct subject *subject, uint64_t i, struct packet_fields *fields);
	bool spread; /* many different packets; else the first one only */
	int family; /* of the addresses in its set */
};

extern const struct subject subjects[];
extern const size_t subject_count;

#endif
