/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_TREATMENTS_COMPILE_H
#define PCTL_TREATMENTS_COMPILE_H

#include "compiled.h"
#include "policy.h"

/* Fills in what rules and defaults do beside their verdict. 0 or -ENOMEM. */
int treatments_compile(struct compiled *compiled, const struct policy *policy);

#define BUCKET_KEY 48 /* as PCTL_BUCKET_KEY */

/* What a bucket is to the next policy of the attachment, the rest 0: `@slow`, `rule 12 from`,
 * `default to`. By the ids that the policy's rules have now. */
void bucket_key(const struct compiled_bucket *bucket, const struct policy *policy,
		char key[BUCKET_KEY]);

/* The buckets of a policy, and no tables, for the caller to free. 0 or -ENOMEM. */
int policy_buckets(const struct policy *policy, struct compiled **compiled);

/* Whether something is done beside the verdict in this direction. */
bool treatments_given(const struct compiled *compiled, enum pctl_direction direction);

#endif
