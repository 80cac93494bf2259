/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live sets: is an address a member, and members that DNS answers make. abi_live.h describes the
 * maps. Other members are written by user space.
 */
#ifndef PCTL_LIVE_H
#define PCTL_LIVE_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps.h"
#include "tick.h"
#include "verifier.h"

/* How often a member notes that a connection uses it. */
#define MEMBER_NOTED PCTL_TICKS(10)

/* Of an address that is not in `live_members`. */
static __always_inline __u32 missing_member(const __u32 *set)
{
	struct pctl_live_set *found = bpf_map_lookup_elem(&live_sets, set);

	if (!found || (found->flags & (PCTL_LIVE_KNOWN | PCTL_LIVE_INCOMPLETE)) != PCTL_LIVE_KNOWN)
		return PCTL_MEMBERSHIP_UNKNOWN;
	return PCTL_OUTSIDE;
}

/*
 * enum pctl_membership of a peer. A function of its own: the verifier would walk sixteen copies,
 * and its key needs stack. It has 32 bytes of that, all that Linux 6.1 leaves it: so the number of
 * the set is read from the key again.
 * @established: enum pctl_established, of the packet
 * @high, @low: the address, as in struct class_lookup
 */
VERIFIED_ONCE __u32 live_membership(__u32 set, __u32 family, __u32 established, __u64 high,
				    __u64 low)
{
	struct pctl_member_key key = {
		.set = set,
		.family = family,
		.address = { bpf_htonl(high >> 32), bpf_htonl((__u32)high), bpf_htonl(low >> 32),
			     bpf_htonl((__u32)low) },
	};
	struct pctl_member *member = bpf_map_lookup_elem(&live_members, &key);
	__u32 now;

	if (!member)
		return missing_member(&key.set);
	if (!member->until)
		return PCTL_INSIDE;
	now = current_tick();
	if (established == PCTL_ESTABLISHED_YES) {
		if (now - member->used > MEMBER_NOTED)
			member->used = now;
		return PCTL_INSIDE;
	}
	if (!pctl_member_expired(member, now))
		return PCTL_INSIDE;
	return established == PCTL_ESTABLISHED_NO ? missing_member(&key.set)
						  : PCTL_MEMBERSHIP_UNKNOWN;
}

/* --- members that answers make --- */

struct member_sweep {
	__u32 set;
	__u32 removed; /* here the verifier does not tell one number from the next */
	__u32 now;
};

static long sweep_member(void *map, struct pctl_member_key *key, struct pctl_member *member,
			 struct member_sweep *sweep)
{
	if (key->set == sweep->set && pctl_member_makes_room(member, sweep->now) &&
	    !bpf_map_delete_elem(map, key))
		sweep->removed++;
	return 0;
}

/* Removes what makes room in a set that is full. Rarely: it walks the whole map. */
static __always_inline bool sweep_members(__u32 number, struct pctl_live_set *set, __u32 now)
{
	struct member_sweep sweep = { .set = number, .now = now };
	__u32 before = set->swept;

	if (now - before < PCTL_LIVE_SWEEP_TICKS ||
	    __sync_val_compare_and_swap(&set->swept, before, now) != before)
		return false;
	bpf_for_each_map_elem(&live_members, sweep_member, &sweep, 0);
	__sync_fetch_and_sub(&set->members, sweep.removed);
	return sweep.removed;
}

/* It did not fit in: till it would have expired, the set is incomplete. */
static __always_inline void leave_out(struct pctl_live_set *set, __u32 until)
{
	__sync_fetch_and_add(&set->left_out, 1);
	if (!(set->flags & PCTL_LIVE_INCOMPLETE) || (__s32)(until - set->incomplete_until) > 0)
		set->incomplete_until = until;
	__sync_fetch_and_or(&set->flags, PCTL_LIVE_INCOMPLETE);
}

/* Room for one more; false: there is none. */
static __always_inline bool take_room(__u32 number, struct pctl_live_set *set, __u32 now)
{
	if (__sync_fetch_and_add(&set->members, 1) < PCTL_LIVE_SET_MEMBERS ||
	    sweep_members(number, set, now))
		return true;
	__sync_fetch_and_sub(&set->members, 1);
	return false;
}

static __always_inline void extend_member(struct pctl_member *member, __u32 until, __u32 name)
{
	if (!member->until || (__s32)(until - member->until) <= 0)
		return;
	member->until = until;
	member->name = name;
}

/*
 * An answer says that this address belongs to a name of a set of DNS names: adds it, or extends it.
 * @wanted: of which set, and which address
 * @until: PCTL_TICK(), not 0
 * @name: index of the set's word
 * Returns 0; 1: it did not fit in, and the set is incomplete till then.
 */
VERIFIED_ONCE int live_learn(const struct pctl_member_key *wanted, __u32 until, __u32 name)
{
	struct pctl_member new = { .until = until, .name = name }, *found;
	struct pctl_member_key key;
	struct pctl_live_set *set;
	__u32 number, now;
	long error;

	if (!wanted)
		return 1;
	key = *wanted; /* Linux 6.1 accepts no key in the caller's stack frame */
	number = key.set;
	set = bpf_map_lookup_elem(&live_sets, &number);
	if (!set)
		return 1;
	found = bpf_map_lookup_elem(&live_members, &key);
	if (found) {
		extend_member(found, until, name);
		return 0;
	}
	now = current_tick();
	if (set->flags & PCTL_LIVE_INCOMPLETE && (__s32)(now - set->incomplete_until) > 0)
		__sync_fetch_and_and(&set->flags, ~PCTL_LIVE_INCOMPLETE);
	if (!take_room(number, set, now)) {
		leave_out(set, until);
		return 1;
	}
	error = bpf_map_update_elem(&live_members, &key, &new, BPF_NOEXIST);
	if (!error)
		return 0;
	__sync_fetch_and_sub(&set->members, 1);
	found = bpf_map_lookup_elem(&live_members, &key); /* another CPU was faster */
	if (found) {
		extend_member(found, until, name);
		return 0;
	}
	leave_out(set, until);
	return 1;
}

#endif
