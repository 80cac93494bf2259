// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpfmap.h"
#include "error.h"
#include "generation.h"
#include "progress.h"
#include "set_compile.h"
#include "setmap.h"
#include "store.h"
#include "util.h"

/* Names of the maps. */
#define WITH_MEMBERS "set"
#define HEADER_ALONE "set_unused"

void set_pin_name(unsigned int i, char name[16])
{
	snprintf(name, 16, "set_%u", i);
}

int set_map_header(int fd, struct pctl_set_header *header)
{
	return map_read(fd, WITH_MEMBERS, header, sizeof(*header));
}

static bool has_members(int fd)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &length) && !strcmp(info.name, WITH_MEMBERS);
}

static bool is_map_of(int fd, const struct set *set, bool used)
{
	struct pctl_set_header header;

	return !set_map_header(fd, &header) &&
	       !memcmp(header.digest, set->digest, sizeof(header.digest)) &&
	       (!used || has_members(fd));
}

/* Among the sets that one generation has pinned. 1: found. */
static int find_in_generation(const char *path, const struct set *set, bool used, int *fd)
{
	char name[16];
	int error;

	for (unsigned int i = 0; i < PCTL_SETS_MAX; i++) {
		_cleanup_(closep) int candidate = -1;

		set_pin_name(i, name);
		error = map_open_pin(path, name, &candidate);
		if (error)
			return error == -ENOENT ? 0 : error;
		if (!is_map_of(candidate, set, used))
			continue;
		*fd = TAKE_FD(candidate);
		return 1;
	}
	return 0;
}

/* Whether another version of policyctl made a generation, whose sets need not be what ours are; or
 * did not get far enough to tell. */
static bool is_foreign(const char *path)
{
	struct meta meta;
	int error = generation_peek(path, &meta);

	error_clear();
	return error == -EPROTO || error == -ENOENT;
}

/* Among those that all generations of an interface have. 1: found. */
static int find_in_interface(const char *path, const struct set *set, bool used, int *fd)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char generation[PATH_MAX];
	size_t count = 0;
	int found = store_numbers(path, &numbers, &count);

	for (size_t i = 0; i < count && !found; i++) {
		snprintf(generation, sizeof(generation), "%s/%u", path, numbers[i]);
		if (!is_foreign(generation))
			found = find_in_generation(generation, set, used, fd);
	}
	return found;
}

static int find(const char *shared, const struct set *set, bool used, int *fd)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	char path[PATH_MAX / 2 + 16];
	size_t count = 0;
	int found = store_numbers(shared, &ifindexes, &count);

	for (size_t i = 0; i < count && !found; i++) {
		snprintf(path, sizeof(path), "%s/%u", shared, ifindexes[i]);
		found = find_in_interface(path, set, used, fd);
	}
	return found;
}

static int compile(const struct set *set, bool used, struct trie *trie)
{
	struct pctl_set_header *header;
	int error;

	if (used) {
		error = set_compile(set, trie);
		if (error)
			return error_set(error, "cannot compile the set %s: %s", set->name,
					 strerror(-error));
		return 0;
	}
	header = calloc(1, sizeof(*header));
	if (!header)
		return -ENOMEM;
	for (int i = 0; i < PCTL_FAMILIES; i++)
		header->prefixes[i] = set->counts[i];
	memcpy(header->digest, set->digest, sizeof(header->digest));
	*trie = (struct trie){ (union pctl_cell *)header, PCTL_SET_HEADER_CELLS };
	return 0;
}

static int make(const struct set *set, bool used, int *fd)
{
	const char *name = used ? WITH_MEMBERS : HEADER_ALONE;
	_cleanup_(closep) int new = -1;
	struct trie trie = {};
	size_t size;
	int error;

	progress_begin(set->path, "compiling", 0);
	error = compile(set, used, &trie);
	progress_begin(set->path, "loading into the kernel", 0);
	size = trie.count * sizeof(*trie.cells);
	error = error ?: map_create_array(name, sizeof(*trie.cells), size, &new);
	error = error ?: map_write(new, name, trie.cells, size);
	error = error ?: map_freeze(new, name);
	free(trie.cells);
	progress_end();
	if (!error)
		*fd = TAKE_FD(new);
	return error;
}

int set_map_get(const char *shared, const struct set *set, bool used, int *fd)
{
	int found = shared ? find(shared, set, used, fd) : 0;

	if (found)
		return found < 0 ? found : 0;
	if (used && !set->loaded)
		return error_set(-ENOENT,
				 "the set %s is no longer in the kernel: apply the policy "
				 "with its file %s",
				 set->name, set->path);
	return make(set, used, fd);
}
