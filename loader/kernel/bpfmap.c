// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "capabilities.h"
#include "error.h"
#include "bpfmap.h"
#include "util.h"

static int cannot(const char *what, const char *name)
{
	return error_set(-errno, "cannot %s the map %s: %m", what, name);
}

int map_create_array(const char *name, size_t value_size, size_t size, int *fd)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	size_t entries = size ? (size + value_size - 1) / value_size : 1;
	int new = entries > UINT32_MAX ? -E2BIG
				       : bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32),
							value_size, entries, &options);

	if (new < 0)
		return capabilities_explain(new, "cannot create a BPF map");
	*fd = new;
	return 0;
}

int map_write(int fd, const char *name, const void *data, size_t size)
{
	void *mapping;

	if (!size)
		return 0;
	mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapping == MAP_FAILED)
		return cannot("write", name);
	memcpy(mapping, data, size);
	munmap(mapping, size);
	return 0;
}

int map_read(int fd, const char *name, void *data, size_t size)
{
	void *mapping;

	if (!size)
		return 0;
	mapping = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (mapping == MAP_FAILED)
		return cannot("read", name);
	memcpy(data, mapping, size);
	munmap(mapping, size);
	return 0;
}

int map_fill(int fd, const char *name, const void *keys, const void *values, size_t count)
{
	__u32 batch = count;

	if (count && bpf_map_update_batch(fd, keys, values, &batch, NULL))
		return cannot("fill", name);
	return 0;
}

/* Elements of a mapped array stand 8 bytes apart, or a multiple of that. */
static int fill_mapped(int fd, const char *name, const void *values, size_t value_size,
		       size_t count)
{
	size_t stride = (value_size + 7) / 8 * 8;
	char *mapping;

	if (stride == value_size)
		return map_write(fd, name, values, value_size * count);
	mapping = mmap(NULL, stride * count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapping == MAP_FAILED)
		return cannot("fill", name);
	for (size_t i = 0; i < count; i++)
		memcpy(mapping + i * stride, (const char *)values + i * value_size, value_size);
	munmap(mapping, stride * count);
	return 0;
}

int map_fill_array(int fd, const char *name, const void *values, size_t value_size, size_t count)
{
	_cleanup_(freep) __u32 *keys = NULL;
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (!count)
		return 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return cannot("fill", name);
	if (info.map_flags & BPF_F_MMAPABLE)
		return fill_mapped(fd, name, values, value_size, count);
	keys = calloc(count, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		keys[i] = i;
	return map_fill(fd, name, keys, values, count);
}

int map_freeze(int fd, const char *name)
{
	return bpf_map_freeze(fd) ? cannot("freeze", name) : 0;
}

int map_open_pin(const char *directory, const char *name, int *fd)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	*fd = bpf_obj_get(path);
	if (*fd >= 0)
		return 0;
	if (errno == ENOENT)
		return error_set(-ENOENT, "%s is not there", path);
	return error_prefix(capabilities_explain(-errno, "cannot open this pin"), "%s", path);
}

bool map_is_named(int fd, const char *name)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	/* Of a program the kernel tells struct bpf_prog_info, which has no name at this place. */
	return !bpf_obj_get_info_by_fd(fd, &info, &length) &&
	       !strncmp(info.name, name, sizeof(info.name) - 1);
}

int map_pin(int fd, const char *directory, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (bpf_obj_pin(fd, path))
		return error_prefix(capabilities_explain(-errno, "cannot pin"), "%s", path);
	return 0;
}

int map_unpin(const char *directory, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (unlink(path) && errno != ENOENT)
		return error_set(-errno, "cannot remove %s: %m", path);
	return 0;
}

uint64_t map_memory(int fd)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	if (file)
		fclose(file);
	return bytes;
}
