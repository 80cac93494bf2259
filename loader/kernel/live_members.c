// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "live_members.h"
#include "util.h"

#define BATCH 1024 /* members that are read at once; more than any bucket of the map has */

uint32_t members_now(void)
{
	struct timespec now = {};

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return PCTL_TICK(now.tv_sec * 1000000000ull + now.tv_nsec);
}

/* --- reading --- */

struct batch {
	struct pctl_member_key keys[BATCH];
	struct pctl_member values[BATCH];
};

static int keep(const struct batch *batch, size_t read, uint32_t number,
		struct member_entry **entries, size_t *count)
{
	struct member_entry *grown = reallocarray(*entries, *count + read + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*entries = grown;
	for (size_t i = 0; i < read; i++)
		if (number == MEMBERS_OF_ALL || batch->keys[i].set == number)
			grown[(*count)++] = (struct member_entry){
				batch->keys[i],
				batch->values[i],
			};
	return 0;
}

int members_read(const struct live_maps *maps, uint32_t number, struct member_entry **entries,
		 size_t *count)
{
	_cleanup_(freep) struct batch *batch = malloc(sizeof(*batch));
	_cleanup_(freep) struct member_entry *found = NULL;
	__u32 position = 0, read;
	size_t used = 0;
	bool first = true;
	int error = batch ? 0 : -ENOMEM, last = 0;

	while (!error && !last) {
		read = BATCH;
		last = bpf_map_lookup_batch(maps->members, first ? NULL : &position, &position,
					    batch->keys, batch->values, &read, NULL);
		if (last && last != -ENOENT)
			return error_set(last, "cannot read the members of live sets: %s",
					 strerror(-last));
		error = keep(batch, read, number, &found, &used);
		first = false;
	}
	if (error)
		return error;
	*entries = TAKE_PTR(found);
	*count = used;
	return 0;
}

/* --- writing --- */

int members_put(const struct live_maps *maps, const struct pctl_member_key *key,
		const struct pctl_member *value)
{
	int error = bpf_map_update_elem(maps->members, key, value, BPF_NOEXIST);

	if (!error) {
		__atomic_add_fetch(&maps->elements[key->set].members, 1, __ATOMIC_SEQ_CST);
		return 1;
	}
	if (error == -EEXIST)
		error = bpf_map_update_elem(maps->members, key, value, BPF_EXIST);
	if (error && error != -E2BIG)
		return error_set(error, "cannot write a member of a live set: %s",
				 strerror(-error));
	return error;
}

int members_remove(const struct live_maps *maps, const struct pctl_member_key *key)
{
	int error = bpf_map_delete_elem(maps->members, key);

	if (error == -ENOENT)
		return 0;
	if (error)
		return error_set(error, "cannot remove a member of a live set: %s",
				 strerror(-error));
	__atomic_sub_fetch(&maps->elements[key->set].members, 1, __ATOMIC_SEQ_CST);
	return 1;
}

int members_remove_all(const struct live_maps *maps, uint32_t number)
{
	_cleanup_(freep) struct member_entry *entries = NULL;
	size_t count = 0;
	int error = members_read(maps, number, &entries, &count);

	for (size_t i = 0; i < count && error >= 0; i++)
		error = members_remove(maps, &entries[i].key);
	if (error < 0)
		return error;
	maps->elements[number].members = 0;
	return 0;
}

/* --- what is over --- */

static bool is_dns(const struct live_maps *maps, uint32_t number)
{
	return number < PCTL_LIVE_SETS && maps->elements[number].kind == PCTL_LIVE_DNS;
}

/* A program may extend it meanwhile: then it comes back. */
static int remove_over(const struct live_maps *maps, const struct pctl_member_key *key,
		       uint32_t now)
{
	struct pctl_member member;

	if (bpf_map_lookup_and_delete_elem(maps->members, key, &member))
		return 0;
	__atomic_sub_fetch(&maps->elements[key->set].members, 1, __ATOMIC_SEQ_CST);
	if (pctl_member_is_over(&member, now))
		return 0;
	return members_put(maps, key, &member);
}

static void end_incomplete(struct pctl_live_set *set, uint32_t now)
{
	if (set->kind == PCTL_LIVE_DNS && set->flags & PCTL_LIVE_INCOMPLETE &&
	    (int32_t)(now - set->incomplete_until) > 0)
		__atomic_and_fetch(&set->flags, ~PCTL_LIVE_INCOMPLETE, __ATOMIC_SEQ_CST);
}

int members_sweep(const struct live_maps *maps)
{
	_cleanup_(freep) struct member_entry *entries = NULL;
	uint32_t now = members_now();
	size_t count = 0;
	int error = 0;

	for (uint32_t i = 0; i < PCTL_LIVE_SETS && !error; i++)
		if (is_dns(maps, i)) {
			error = members_read(maps, MEMBERS_OF_ALL, &entries, &count);
			break;
		}
	for (size_t i = 0; i < count && error >= 0; i++)
		if (is_dns(maps, entries[i].key.set) && pctl_member_is_over(&entries[i].value, now))
			error = remove_over(maps, &entries[i].key, now);
	for (uint32_t i = 0; i < PCTL_LIVE_SETS; i++)
		end_incomplete(&maps->elements[i], now);
	return error < 0 ? error : 0;
}
