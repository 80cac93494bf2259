/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule or a default does beside its verdict; part of abi.h, which includes it. */
#ifndef PCTL_ABI_TREATMENTS_H
#define PCTL_ABI_TREATMENTS_H

#include <linux/types.h>

/*
 * A bucket is one number: when it will be full again (virtual scheduling; ITU-T I.371, GCRA), in
 * PCTL_BUCKET_TIME()s of bpf_ktime_get_coarse_ns(). A packet moves it by its cost.
 * One that would move it further than the burst into the future exceeds the rate. But a packet that
 * finds its bucket full passes, even if the burst is smaller: else a GSO packet might never pass.
 *
 * The clock has the kernel's ticks, 1 to 10 ms. So no burst is below PCTL_BURST_MIN_NS.
 */
#define PCTL_BUCKET_SHIFT 4
#define PCTL_BUCKET_TIME(nanoseconds) ((__u64)(nanoseconds) << PCTL_BUCKET_SHIFT)
#define PCTL_BURST_MIN_NS 20000000ull

/* The cost of a byte or a packet has so many more fraction bits. Larger packets than these, which
 * no device makes, exceed any rate: so a product has 64 bits. */
#define PCTL_COST_SHIFT 16
#define PCTL_COST_BYTES_MAX (1u << 20)
#define PCTL_COST_PACKETS_MAX (1u << 14)

/* Value of `buckets`, a map of the attachment that all its generations use. Element 0 is unused. */
#define PCTL_BUCKETS 512
#define PCTL_BUCKET_KEY 48

struct pctl_bucket {
	__u64 full_at;
	__u32 serial; /* random; names its buckets of single peers */
	__u32 reserved;
	char key[PCTL_BUCKET_KEY]; /* what it belongs to, in words, the rest 0; empty: nothing */
};

/*
 * Key of `peer_buckets`, another one; its value is a number like full_at. A peer that finds the
 * table full, and packets without a known peer, share the bucket in `buckets`. An entry whose
 * bucket is full says nothing: those are removed when room is needed, and no others. To forget the
 * bucket of a peer would give it a new burst.
 */
#define PCTL_PEER_BUCKETS 16384
#define PCTL_PEERS_SWEEP_NS 100000000ull /* not more often: a sweep walks the whole table */

struct pctl_peer_key {
	__u32 address[4]; /* IPv4 in address[0], the rest 0 */
	__u32 serial; /* of its bucket */
	__u32 family; /* enum pctl_family */
};

/* Counted behind the answers in `unknown_stats`, as enum pctl_answered is: packets that shared a
 * bucket because `peer_buckets` was full. */
#define PCTL_SHARED_COUNTER (PCTL_REASON_MAX + PCTL_ANSWER_FATES)
#define PCTL_UNKNOWN_COUNTERS ((PCTL_SHARED_COUNTER + 1) * PCTL_DIRECTIONS)

/*
 * An outcome with PCTL_TREATED (abi_outcome.h) has an element of `treatments`: number slot *
 * PCTL_DIRECTIONS + direction. Only programs at tc look at it, those that judge packets for good:
 * XDP with a guard behind it leaves it to the guard, and XDP alone has none.
 */
struct pctl_treatment {
	/* Of its bucket: */
	__u64 cost; /* of a byte or a packet: PCTL_BUCKET_TIME() << PCTL_COST_SHIFT */
	__u64 burst; /* PCTL_BUCKET_TIME() */
	__u32 bucket; /* its index in `buckets`, from 1 on; 0: no rate */
	__u32 flags; /* enum pctl_treatment_flags */
	__u32 over; /* the outcome of what exceeds its rate, which has a slot of its own */
	/* Others: */
	__u32 mirror; /* the number of its target in `mirrors`, from 1 on; 0: no copy */
	__u32 shape; /* the minor number of its class; 0: it does not wait */
	__u32 serial; /* of its bucket */
};

/* The major number of the classids of all classes: "pc". */
#define PCTL_SHAPE_HANDLE 0x70630000u

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
