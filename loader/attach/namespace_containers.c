// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "netns.h"
#include "namespace_containers.h"
#include "util.h"

#define ID_DIGITS (NAMESPACE_CONTAINER_ID_SIZE - 1)

/* --- ids in a path --- */

static bool is_digit_of_id(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Where the id stands in a component of a path: 64 digits with no letter or digit beside them.
 * NULL: nowhere. */
static const char *find_id(const char *component, const char *end)
{
	const char *word = component;

	while (word < end) {
		const char *after = word;
		bool digits = true;

		for (; after < end && isalnum((unsigned char)*after); after++)
			digits = digits && is_digit_of_id(*after);
		if (digits && after - word == ID_DIGITS)
			return word;
		word = after + 1;
	}
	return NULL;
}

/* podman's and CRI-O's monitor of a container lives beside it, not in it. */
static bool is_monitor(const char *component, const char *end)
{
	return memmem(component, end - component, "conmon", strlen("conmon"));
}

size_t cgroup_path_containers(const char *path,
			      char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE])
{
	size_t count = 0;

	while (*path && count < NAMESPACE_CONTAINER_DEPTH) {
		const char *end = strchrnul(path, '/'), *id = find_id(path, end);

		if (id && !is_monitor(path, end))
			snprintf(ids[count++], NAMESPACE_CONTAINER_ID_SIZE, "%s", id);
		path = *end ? end + 1 : end;
	}
	return count;
}

typedef char container_ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE];

static bool agree(container_ids a, container_ids b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

/* *disputed: the hierarchies of cgroup v1 name different containers */
static size_t read_containers(pid_t pid, container_ids ids, bool *disputed)
{
	_cleanup_(freep) char *line = NULL;
	container_ids found;
	size_t size = 0, most = 0, count;
	char name[32];
	FILE *file;

	*disputed = false;
	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	file = fopen(name, "re");
	/* A line for each hierarchy. Not all controllers need to be handed to an inner container:
	 * the longest way down is the whole one. */
	while (file && getline(&line, &size, file) > 0) {
		count = cgroup_path_containers(line, found);
		if (!agree(found, ids, count < most ? count : most))
			*disputed = true;
		if (count > most)
			memcpy(ids, found, sizeof(found));
		most = count > most ? count : most;
	}
	if (file)
		fclose(file);
	return most;
}

size_t process_containers(pid_t pid,
			  char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE])
{
	bool disputed;

	return read_containers(pid, ids, &disputed);
}

/* Is it the first process of a pid namespace directly below ours? /proc/PID/status, proc(5): NSpid
 * has its number in each namespace from ours on. */
static bool is_first_process(pid_t pid)
{
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;
	char name[32];
	bool first = false;
	int inner, end;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	file = fopen(name, "re");
	while (file && getline(&line, &size, file) > 0) {
		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		first = sscanf(line, "NSpid: %*d %d%n", &inner, &end) == 1 && inner == 1 &&
			line[end] == '\n';
		break;
	}
	if (file)
		fclose(file);
	return first;
}

/* --- all processes --- */

/* What nl calls a namespace. */
struct known_namespace {
	ino_t inode;
	int32_t nsid;
};

struct census {
	struct nl *nl;
	int32_t wanted; /* nsid, -1: all */
	ino_t home;
	struct known_namespace *known;
	size_t known_count;
	struct namespace_container *namespace_containers;
	size_t count;
};

static int remember(struct census *census, ino_t inode, int32_t nsid)
{
	struct known_namespace *grown =
		reallocarray(census->known, census->known_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	census->known = grown;
	census->known[census->known_count++] = (struct known_namespace){ inode, nsid };
	return 0;
}

/* The id of a process's namespace, -1: none, or it is ours. Which namespace it is in may be hidden
 * from us; the kernel tells the id all the same. */
static int namespace_id(struct census *census, pid_t pid, int32_t *nsid)
{
	ino_t inode = netns_of(pid);

	*nsid = -1;
	if (inode && inode == census->home)
		return 0;
	for (size_t i = 0; i < census->known_count && inode; i++)
		if (census->known[i].inode == inode) {
			*nsid = census->known[i].nsid;
			return 0;
		}
	*nsid = nl_netns_id(census->nl, pid, -1);
	/* If the process is gone meanwhile, that it has no id says nothing of the namespace. */
	if (!inode || (*nsid < 0 && netns_of(pid) != inode))
		return 0;
	return remember(census, inode, *nsid);
}

/* The entries of a process that names the same; NULL: there is none. */
static struct namespace_container *find_same(const struct census *census, int32_t nsid,
					     container_ids ids, size_t count, bool disputed)
{
	for (size_t at = 0; at + count <= census->count; at++) {
		struct namespace_container *items = &census->namespace_containers[at];
		bool ends = at + count == census->count || !items[count].depth;
		size_t same = 0;

		if (items->nsid != nsid || items->depth || items->disputed != disputed || !ends)
			continue;
		while (same < count && items[same].depth == same &&
		       !strcmp(items[same].container, ids[same]))
			same++;
		if (same == count)
			return items;
	}
	return NULL;
}

static int add_containers(struct census *census, const struct namespace_container *process,
			  container_ids ids, size_t count)
{
	struct namespace_container *grown =
		reallocarray(census->namespace_containers, census->count + count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	census->namespace_containers = grown;
	for (size_t i = 0; i < count; i++) {
		struct namespace_container *item = &grown[census->count++];

		*item = *process;
		item->depth = i;
		memcpy(item->container, ids[i], sizeof(item->container));
	}
	return 0;
}

static int visit(struct census *census, pid_t pid)
{
	struct namespace_container process = { .pid = pid }, *same;
	container_ids ids;
	int error = namespace_id(census, pid, &process.nsid);
	size_t count;

	if (error || process.nsid < 0 || (census->wanted >= 0 && process.nsid != census->wanted))
		return error;
	count = read_containers(pid, ids, &process.disputed);
	if (!count)
		return 0;
	same = find_same(census, process.nsid, ids, count, process.disputed);
	if (same && same->first)
		return 0;
	process.first = is_first_process(pid);
	if (!same)
		return add_containers(census, &process, ids, count);
	for (size_t i = 0; i < count && process.first; i++)
		same[i].first = true;
	return 0;
}

static int visit_all(struct census *census)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	int error = 0;

	if (!processes)
		return error_set(-errno, "cannot read /proc: %m");
	while (!error && (entry = readdir(processes)))
		if (*entry->d_name >= '1' && *entry->d_name <= '9')
			error = visit(census, strtol(entry->d_name, NULL, 10));
	closedir(processes);
	return error;
}

int namespace_containers_read(struct nl *nl, int32_t nsid,
			      struct namespace_container **namespace_containers, size_t *count)
{
	struct census census = { .nl = nl, .wanted = nsid, .home = netns_of(0) };
	int error = visit_all(&census);

	free(census.known);
	if (error) {
		free(census.namespace_containers);
		return error;
	}
	*namespace_containers = census.namespace_containers;
	*count = census.count;
	return 0;
}
