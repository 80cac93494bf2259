// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "error.h"
#include "live_definition.h"
#include "live_members.h"
#include "live_sets.h"
#include "util.h"

/* --- which there are --- */

void live_sets_free(struct live_set *sets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		live_words_free(sets[i].words, sets[i].word_count);
	free(sets);
}

/* 1: read. 0: it is being made, or freed. */
static int read_words(const char *shared, struct live_set *set)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(closep) int fd = -1;
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	char path[PATH_MAX];
	size_t size;
	int error;

	live_set_directory(shared, set->number, path);
	error = map_open_pin(path, LIVE_WORDS_PIN, &fd);
	if (error == -ENOENT)
		error_clear();
	if (error)
		return error == -ENOENT ? 0 : error;
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return error_set(-errno, "cannot ask the kernel about a map: %m");
	size = (size_t)info.max_entries * info.value_size;
	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	error = map_read(fd, LIVE_WORDS_PIN, text, size);
	text[size] = '\0';
	error = error ?: live_definition_words(text, strlen(text), &set->words, &set->word_count);
	if (error == -EIO)
		return error_set(error, "%s/%s is no definition of a live set", path,
				 LIVE_WORDS_PIN);
	return error ?: 1;
}

static int read_set(const char *shared, const struct live_maps *maps, uint32_t number,
		    struct live_set *set)
{
	const struct pctl_live_set *element = &maps->elements[number];

	*set = (struct live_set){
		.number = number,
		.kind = element->kind,
		.flags = element->flags,
		.members = element->members,
		.left_out = element->left_out,
	};
	return set->kind == PCTL_LIVE_FREE ? 0 : read_words(shared, set);
}

/* -ENOENT, without a message: there are no live sets. */
static int open_maps(const char *shared, struct live_maps *maps)
{
	int error = live_maps_open(shared, maps);

	if (error == -ENOENT)
		error_clear();
	return error;
}

int live_sets_list(const char *shared, struct live_set **sets, size_t *count)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	struct live_set *found = NULL, *grown;
	size_t used = 0;
	int error = open_maps(shared, &maps);

	*sets = NULL;
	*count = 0;
	if (error)
		return error == -ENOENT ? 0 : error;
	for (uint32_t i = 0; i < PCTL_LIVE_SETS && error >= 0; i++) {
		if (maps.elements[i].kind == PCTL_LIVE_FREE)
			continue;
		grown = reallocarray(found, used + 1, sizeof(*found));
		error = grown ? 0 : -ENOMEM;
		found = grown ?: found;
		error = error ?: read_set(shared, &maps, i, &found[used]);
		used += error == 1;
	}
	if (error < 0) {
		live_sets_free(found, used);
		return error;
	}
	*sets = found;
	*count = used;
	return 0;
}

/* --- members --- */

/* Opens the maps for a set whose members user space may change. */
static int open_to_change(const char *shared, uint32_t number, struct live_maps *maps)
{
	int error = live_maps_open(shared, maps);
	uint32_t kind = PCTL_LIVE_FREE;

	if (!error && number < PCTL_LIVE_SETS)
		kind = maps->elements[number].kind;
	if (error || (kind != PCTL_LIVE_FREE && kind != PCTL_LIVE_DNS))
		return error;
	live_maps_close(maps);
	if (kind == PCTL_LIVE_DNS)
		return error_set(-EINVAL, "live set %u has members by DNS answers alone", number);
	return error_set(-ENOENT, "there is no live set %u", number);
}

static struct pctl_member_key key_of(uint32_t number, const struct live_member *member)
{
	struct pctl_member_key key = { .set = number, .family = member->family };

	memcpy(key.address, member->address,
	       member->family == PCTL_IPV4 ? sizeof(key.address[0]) : sizeof(key.address));
	return key;
}

static void leave_out(struct pctl_live_set *set, uint32_t count)
{
	set->left_out = count;
	if (count)
		__atomic_or_fetch(&set->flags, PCTL_LIVE_INCOMPLETE, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(&set->flags, ~PCTL_LIVE_INCOMPLETE, __ATOMIC_SEQ_CST);
}

static void set_known(struct pctl_live_set *set, bool known)
{
	if (known)
		__atomic_or_fetch(&set->flags, PCTL_LIVE_KNOWN, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(&set->flags, ~PCTL_LIVE_KNOWN, __ATOMIC_SEQ_CST);
}

/* Returns how many there was no room for, or an error. */
static int put_all(const struct live_maps *maps, uint32_t number, const struct live_member *members,
		   size_t count)
{
	int result, left_out = 0;

	for (size_t i = 0; i < count; i++) {
		struct pctl_member_key key = key_of(number, &members[i]);

		result = members_put(maps, &key, &members[i].value);
		if (result < 0 && result != -E2BIG)
			return result;
		left_out += result == -E2BIG;
	}
	return left_out;
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct pctl_member_key));
}

/* Removes those that are not among `count` sorted keys. */
static int remove_others(const struct live_maps *maps, uint32_t number,
			 const struct pctl_member_key *wanted, size_t count)
{
	_cleanup_(freep) struct member_entry *there = NULL;
	size_t there_count = 0;
	int error = members_read(maps, number, &there, &there_count);

	for (size_t i = 0; i < there_count && error >= 0; i++)
		if (!count || !bsearch(&there[i].key, wanted, count, sizeof(*wanted), compare_keys))
			error = members_remove(maps, &there[i].key);
	return error < 0 ? error : 0;
}

static int replace_all(const struct live_maps *maps, uint32_t number,
		       const struct live_member *members, size_t count)
{
	_cleanup_(freep) struct pctl_member_key *keys = calloc(count + 1, sizeof(*keys));
	int left_out, error;

	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		keys[i] = key_of(number, &members[i]);
	qsort(keys, count, sizeof(*keys), compare_keys);
	left_out = put_all(maps, number, members, count);
	error = left_out < 0 ? left_out : remove_others(maps, number, keys, count);
	if (!error && left_out) /* the others may have made room */
		left_out = put_all(maps, number, members, count);
	return error ?: left_out;
}

int live_set_fill(const char *shared, uint32_t number, const struct live_member *members,
		  size_t count, bool known)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	size_t fitting = count < PCTL_LIVE_SET_MEMBERS ? count : PCTL_LIVE_SET_MEMBERS;
	struct pctl_live_set *set;
	int error = open_to_change(shared, number, &maps), left_out;

	if (error)
		return error;
	set = &maps.elements[number];
	/* Before a member goes: what is not known any more is unknown in between too. */
	if (count > fitting)
		leave_out(set, count - fitting);
	if (!known)
		set_known(set, false);
	left_out = replace_all(&maps, number, members, fitting);
	if (left_out < 0)
		return left_out;
	leave_out(set, count - fitting + left_out);
	set_known(set, known);
	return 0;
}

static bool is_there(const struct live_maps *maps, const struct pctl_member_key *key)
{
	struct pctl_member value;

	return !bpf_map_lookup_elem(maps->members, key, &value);
}

int live_set_add(const char *shared, uint32_t number, const struct live_member *member)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	struct pctl_member_key key = key_of(number, member);
	int error = open_to_change(shared, number, &maps);
	struct pctl_live_set *set;

	if (error)
		return error;
	set = &maps.elements[number];
	if (set->members >= PCTL_LIVE_SET_MEMBERS && !is_there(&maps, &key))
		error = -E2BIG;
	else
		error = members_put(&maps, &key, &member->value);
	if (error != -E2BIG)
		return error < 0 ? error : 0;
	leave_out(set, set->left_out + 1);
	return error_set(error, "a live set has no room for more than %d members: it is incomplete",
			 PCTL_LIVE_SET_MEMBERS);
}

int live_set_remove(const char *shared, uint32_t number, const struct live_member *member)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	struct pctl_member_key key = key_of(number, member);
	int error = open_to_change(shared, number, &maps);

	error = error ?: members_remove(&maps, &key);
	return error < 0 ? error : 0;
}

static int compare_members(const void *a, const void *b)
{
	const struct live_member *x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return memcmp(x->address, y->address, sizeof(x->address));
}

int live_set_members(const char *shared, uint32_t number, struct live_member **members,
		     size_t *count)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	_cleanup_(freep) struct member_entry *entries = NULL;
	struct live_member *found;
	size_t read = 0;
	int error = live_maps_open(shared, &maps);

	error = error ?: members_read(&maps, number, &entries, &read);
	if (error)
		return error;
	found = calloc(read + 1, sizeof(*found));
	if (!found)
		return -ENOMEM;
	for (size_t i = 0; i < read; i++) {
		found[i].family = entries[i].key.family;
		memcpy(found[i].address, entries[i].key.address, sizeof(found[i].address));
		found[i].value = entries[i].value;
	}
	qsort(found, read, sizeof(*found), compare_members);
	*members = found;
	*count = read;
	return 0;
}
