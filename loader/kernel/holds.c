// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "bpfmap.h"
#include "capabilities.h"
#include "error.h"
#include "holds.h"
#include "util.h"

#define PIN "holds"
#define HOLDS_MAX 4096 /* elements are allocated as they come */

_Static_assert(sizeof(struct hold) == 288, "the layout of the pinned map");

static int create(const char *directory, int *fd)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);
	int new = bpf_map_create(BPF_MAP_TYPE_HASH, PIN, sizeof(uint32_t), sizeof(struct hold),
				 HOLDS_MAX, &options);
	int error;

	if (new < 0)
		return capabilities_explain(new, "cannot create a BPF map");
	error = map_pin(new, directory, PIN);
	if (error)
		closep(&new);
	else
		*fd = new;
	return error;
}

int holds_open(const char *directory, int *fd)
{
	int error = map_open_pin(directory, PIN, fd);

	if (error != -ENOENT)
		return error;
	error_clear();
	return create(directory, fd);
}

int holds_unpin(const char *directory)
{
	return map_unpin(directory, PIN);
}

int holds_put(int fd, const struct hold *hold)
{
	if (bpf_map_update_elem(fd, &hold->ifindex, hold, BPF_ANY))
		return error_set(-errno, "cannot write down what is held: %m");
	return 0;
}

bool holds_get(int fd, uint32_t ifindex, struct hold *hold)
{
	return !bpf_map_lookup_elem(fd, &ifindex, hold);
}

void holds_remove(int fd, uint32_t ifindex)
{
	bpf_map_delete_elem(fd, &ifindex);
}

static int append(const struct hold *hold, struct hold **holds, size_t *count)
{
	struct hold *grown = reallocarray(*holds, *count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*holds = grown;
	grown[*count] = *hold;
	grown[*count].name[sizeof(hold->name) - 1] = '\0';
	grown[(*count)++].why[sizeof(hold->why) - 1] = '\0';
	return 0;
}

/* The process may remove elements meanwhile. The kernel goes on from the first element then, so
 * there is a bound. */
int holds_read(const char *directory, struct hold **holds, size_t *count)
{
	_cleanup_(closep) int fd = -1;
	int error = map_open_pin(directory, PIN, &fd);
	uint32_t key, next;
	struct hold hold;

	if (error == -ENOENT) {
		error_clear();
		return 0;
	}
	for (size_t i = 0; i < HOLDS_MAX && !error; i++) {
		if (bpf_map_get_next_key(fd, i ? &key : NULL, &next))
			break;
		key = next;
		if (!bpf_map_lookup_elem(fd, &key, &hold))
			error = append(&hold, holds, count);
	}
	return error;
}
