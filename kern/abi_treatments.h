/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule or a default does beside its verdict; part of abi.h, which includes it. */
#ifndef PCTL_ABI_TREATMENTS_H
#define PCTL_ABI_TREATMENTS_H

#include <linux/types.h>

/*
 * An outcome with PCTL_TREATED (abi_outcome.h) has an element of `treatments`: number slot *
 * PCTL_DIRECTIONS + direction. Only programs at tc look at it, those that judge packets for good:
 * XDP with a guard behind it leaves it to the guard, and XDP alone has none.
 */
struct pctl_treatment {
	/* Of its bucket: */
	__u64 cost; /* of a byte or a packet; see PCTL_COST_BITS */
	__u64 burst; /* how far the bucket may be in the future, in PCTL_BUCKET_NS */
	__u32 bucket; /* its index in `buckets`, from 1 on; 0: no rate */
	__u32 flags; /* enum pctl_treatment_flags */
	__u32 over; /* the outcome of what exceeds its rate, which has a slot of its own */
	/* Others: */
	__u32 mirror; /* the number of its target in `mirrors`, from 1 on; 0: no copy */
	__u32 shape; /* the minor number of its class; 0: it does not wait */
	__u32 reserved;
};

enum pctl_treatment_flags {
	PCTL_LIMITS_PACKETS = 1, /* not bytes */
	PCTL_LIMITS_EACH = 2, /* a bucket for each peer address, in `peer_buckets` */
};

/* What some outcome of the policy does: bits of pctl_treating.what. */
enum pctl_treated {
	PCTL_TREATS_RATE = 1,
	PCTL_TREATS_EACH = 2,
	PCTL_TREATS_SHAPE = 4,
	PCTL_TREATS_MIRROR = 8,
	/* Denied packets are copied: a guarded XDP leaves them to the guard. */
	PCTL_TREATS_DENIED = 16,
};

/* Constants of a program. */
struct pctl_treating {
	__u32 what; /* enum pctl_treated; 0: no outcome is treated */
	__u32 reserved;
};

#endif
