/* SPDX-License-Identifier: GPL-2.0-only */
/* The subjects: policies, and for each the packets that it passes and those that it drops. */
#ifndef BENCH_SUBJECTS_H
#define BENCH_SUBJECTS_H

#include <stdio.h>

#include "traffic.h"

struct subject;

/* Makes the i-th packet of a kind. */
typedef void packet_maker(const struct subject *subject, uint64_t i, struct packet_fields *fields);

struct subject {
	const char *name;
	size_t size; /* rules, prefixes of its set, or connections that its packets are of */
	/* Writes the policy. @directory: where the file of a set is to be written. */
	void (*policy)(const struct subject *subject, FILE *file, const char *directory);
	packet_maker *passed, *dropped; /* NULL: there are none */
	bool spread; /* many different packets; else the first one only */
	int family; /* of the addresses in its set */
	size_t connections; /* how many are confirmed beforehand */
	bool live; /* the peers of packets that are dropped are members of its live set */
	bool watched; /* measured while readers read the events */
};

extern const struct subject subjects[];
extern const size_t subject_count;

/* NULL: there is none. */
const struct subject *subject_find(const char *name, size_t size);

#endif
