// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpfmap.h"
#include "error.h"
#include "progress.h"
#include "set_compile.h"
#include "set_map.h"
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

bool set_map_holds(int fd, const struct set *set, bool used)
{
	struct pctl_set_header header;

	return !set_map_header(fd, &header) &&
	       !memcmp(header.digest, set->digest, sizeof(header.digest)) &&
	       (!used || has_members(fd));
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

int set_map_make(const struct set *set, bool used, int *fd)
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
