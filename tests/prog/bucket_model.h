/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a rate means, written from docs/policy-language.md: a bucket with so much in it, which fills
 * at the rate. The programs keep one number in place of it.
 */
#ifndef PROG_BUCKET_MODEL_H
#define PROG_BUCKET_MODEL_H

#include "treatments.h"

struct bucket_model {
	struct limit limit;
	long double room; /* bits or packets when it is full */
	long double content; /* likewise, at `at_ns` */
	uint64_t at_ns;
};

/* Full. */
void bucket_model_start(struct bucket_model *bucket, const struct limit *limit, uint64_t now_ns);

/* Fills it up to now. */
void bucket_model_fill(struct bucket_model *bucket, uint64_t now_ns);

/*
 * A packet of so many bytes of IP, or so many packets. Returns by how much of what it takes there
 * is too little, in nanoseconds of the rate; 0 or less: it passes, and is taken. One that finds the
 * bucket full passes, and what is missing is owed.
 */
long double bucket_model_take(struct bucket_model *bucket, uint32_t bytes, uint32_t packets);

#endif
