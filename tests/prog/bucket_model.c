/* SPDX-License-Identifier: GPL-2.0-only */
#include "bucket_model.h"

#define SECOND_NS 1e9L
#define LEAST_NS (PCTL_BURST_MIN_NS / SECOND_NS) /* seconds: two ticks of the kernel's clock */

void bucket_model_start(struct bucket_model *bucket, const struct limit *limit, uint64_t now_ns)
{
	long double burst;

	*bucket = (struct bucket_model){ .limit = *limit, .at_ns = now_ns };
	switch (limit->burst_unit) {
	case BURST_MILLISECONDS:
		burst = (long double)limit->burst * limit->rate / 1000;
		break;
	case BURST_AMOUNT:
		burst = (long double)limit->burst * (limit->packets ? 1 : 8);
		break;
	default:
		burst = limit->rate;
		if (!limit->packets && burst < LIMIT_BURST_BYTES * 8.0L)
			burst = LIMIT_BURST_BYTES * 8.0L;
	}
	if (burst < limit->rate * LEAST_NS)
		burst = limit->rate * LEAST_NS;
	bucket->room = bucket->content = burst;
}

void bucket_model_fill(struct bucket_model *bucket, uint64_t now_ns)
{
	bucket->content += (now_ns - bucket->at_ns) / SECOND_NS * bucket->limit.rate;
	if (bucket->content > bucket->room)
		bucket->content = bucket->room;
	bucket->at_ns = now_ns;
}

long double bucket_model_take(struct bucket_model *bucket, uint32_t bytes, uint32_t packets)
{
	long double cost = bucket->limit.packets ? packets : bytes * 8.0L;
	long double missing = cost - bucket->content;

	if (bucket->content < bucket->room && missing > 0)
		return missing / bucket->limit.rate * SECOND_NS;
	bucket->content -= cost;
	return 0;
}
