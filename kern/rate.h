/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a packet exceed the rate of its rule? abi_treatments.h describes the buckets. */
#ifndef PCTL_RATE_H
#define PCTL_RATE_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "account.h"
#include "ip_bytes.h"
#include "maps.h"
#include "verifier.h"

/* How often a CPU tries to move a bucket that others move too. */
#define BUCKET_TRIES 4

static __always_inline __u64 bucket_time(void)
{
	return PCTL_BUCKET_TIME(bpf_ktime_get_coarse_ns());
}

/* Takes the cost from a bucket. False: that would exceed the rate, and nothing was taken. */
static __always_inline bool take_cost(__u64 *full_at, __u64 cost, __u64 burst, __u64 now)
{
	for (int i = 0; i < BUCKET_TRIES; i++) {
		__u64 seen = *(volatile __u64 *)full_at, from = seen > now ? seen : now;

		if (from > now && from - now + cost > burst)
			return false;
		if (__sync_val_compare_and_swap(full_at, seen, from + cost) == seen)
			return true;
	}
	/* So others have just moved it, and it is not behind the time. The burst may be exceeded by
	 * as many packets as there are CPUs; the rate is not. */
	__sync_fetch_and_add(full_at, cost);
	return true;
}

/* --- a bucket for each peer --- */

struct peers_sweep {
	__u64 now; /* bucket_time() */
	__u64 swept; /* 1: some were removed. Not how many: the verifier would count along. */
};

static long sweep_peer(void *map, struct pctl_peer_key *key, __u64 *full_at,
		       struct peers_sweep *sweep)
{
	if (*full_at <= sweep->now && !bpf_map_delete_elem(map, key))
		sweep->swept = 1;
	return 0;
}

/* Did it make room? */
static __always_inline bool sweep_peers(__u64 now)
{
	__u64 time = now >> PCTL_BUCKET_SHIFT, before = peers_swept_at;
	struct peers_sweep sweep = { .now = now };

	if (time - before < PCTL_PEERS_SWEEP_NS ||
	    __sync_val_compare_and_swap(&peers_swept_at, before, time) != before)
		return false;
	bpf_for_each_map_elem(&peer_buckets, sweep_peer, &sweep, 0);
	return sweep.swept;
}

/* @key: all 0. False: it has no peer. */
static __always_inline bool load_peer(struct __sk_buff *skb, const struct extent *e,
				      __u32 direction, struct pctl_peer_key *key)
{
	bool destination = direction == PCTL_FROM;

	key->family = e->family == 4 ? PCTL_IPV4 : PCTL_IPV6;
	if (e->family == 4)
		return !bpf_skb_load_bytes(skb, e->l3 + (destination ? 16 : 12), key->address, 4);
	if (e->family == 6)
		return !bpf_skb_load_bytes(skb, e->l3 + (destination ? 24 : 8), key->address, 16);
	return false;
}

/* The bucket of the packet's peer, or NULL. */
static __always_inline __u64 *peer_bucket(struct __sk_buff *skb, const struct extent *e,
					  __u32 direction, __u32 serial, __u64 now)
{
	struct pctl_peer_key key = {};
	__u64 *found, full = 0;
	long error;

	if (!load_peer(skb, e, direction, &key))
		return NULL;
	key.serial = serial;
	found = bpf_map_lookup_elem(&peer_buckets, &key);
	if (found)
		return found;
	error = bpf_map_update_elem(&peer_buckets, &key, &full, BPF_NOEXIST);
	if (error && sweep_peers(now))
		bpf_map_update_elem(&peer_buckets, &key, &full, BPF_NOEXIST);
	found = bpf_map_lookup_elem(&peer_buckets, &key);
	if (!found)
		account_shared(direction, e->bytes);
	return found;
}

/* --- together --- */

/* @place: skb_checksum_place() */
VERIFIED_ONCE int exceeds_rate(struct __sk_buff *skb, struct pctl_treatment *t, __u32 direction,
			       bool bare, __s64 place)
{
	struct pctl_bucket *bucket;
	struct extent e;
	__u32 index, amount, most;
	__u64 *full_at, now;

	if (!t || !(treating.what & PCTL_TREATS_RATE))
		return false;
	index = t->bucket;
	bucket = bpf_map_lookup_elem(&buckets, &index);
	if (!bucket)
		return true;
	now = bucket_time();
	measure(skb, bare, place, t->flags & PCTL_LIMITS_EACH, &e);
	full_at = &bucket->full_at;
	/* The constant is asked here: Linux 6.1 forgets what was spilled, and there may be no map.
	 */
	if (treating.what & PCTL_TREATS_EACH && t->flags & PCTL_LIMITS_EACH)
		full_at = peer_bucket(skb, &e, direction, t->serial, now) ?: full_at;
	amount = t->flags & PCTL_LIMITS_PACKETS ? e.segments : e.bytes;
	most = t->flags & PCTL_LIMITS_PACKETS ? PCTL_COST_PACKETS_MAX : PCTL_COST_BYTES_MAX;
	return amount > most ||
	       !take_cost(full_at, amount * t->cost >> PCTL_COST_SHIFT, t->burst, now);
}

#endif
