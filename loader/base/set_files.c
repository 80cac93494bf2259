// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diagnostics.h"
#include "files.h"
#include "prefixes_parse.h"
#include "progress.h"
#include "set_files.h"
#include "util.h"

#define SET_FILE_MAX ((size_t)1 << 30)

/* How a prefix goes into the digest: family, length, the bytes of the address. */
static size_t put_prefix(const struct prefix *prefix, uint8_t *out)
{
	uint64_t high = htobe64(prefix->high), low = htobe64(prefix->low);
	size_t used = 2;

	out[0] = prefix->family;
	out[1] = prefix->length;
	if (prefix->family == PCTL_IPV4) {
		memcpy(out + used, &high, 4);
		return used + 4;
	}
	memcpy(out + used, &high, 8);
	memcpy(out + used + 8, &low, 8);
	return used + 16;
}

void set_identify(struct set *set)
{
	uint8_t buffer[4096];
	size_t used = 0;
	SHA2_CTX context;

	memset(set->counts, 0, sizeof(set->counts));
	SHA256Init(&context);
	for (size_t i = 0; i < set->prefixes.count; i++) {
		const struct prefix *prefix = &set->prefixes.items[i];

		set->counts[prefix->family]++;
		if (used > sizeof(buffer) - 18) {
			SHA256Update(&context, buffer, used);
			used = 0;
		}
		used += put_prefix(prefix, buffer + used);
	}
	SHA256Update(&context, buffer, used);
	SHA256Final(set->digest, &context);
}

/* The directory that relative paths in a policy start from; "": the current one. */
static void directory_of(const char *policy, char directory[PATH_MAX])
{
	char copy[PATH_MAX];
	struct stat status;
	const char *name;

	*directory = '\0';
	if (!strncmp(policy, "/dev/", 5) || !strncmp(policy, "/proc/", 6) ||
	    stat(policy, &status) || !S_ISREG(status.st_mode))
		return; /* /dev/stdin or a pipe has no directory of its own */
	snprintf(copy, sizeof(copy), "%s", policy);
	name = dirname(copy);
	if (strcmp(name, ".") != 0)
		snprintf(directory, PATH_MAX, "%s", name);
}

/* The path of a set, relative to the current directory or absolute; malloc'd. */
static char *locate(const char *policy, const char *path)
{
	char directory[PATH_MAX], *found = NULL;

	directory_of(policy, directory);
	if (*path == '/' || !*directory)
		return strdup(path);
	return asprintf(&found, "%s/%s", directory, path) < 0 ? NULL : found;
}

/* The same as an absolute path. A link in its last name stays: it may be meant to change. */
static int make_absolute(const char *found, char **absolute)
{
	_cleanup_(freep) char *directory = NULL, *head = strdup(found), *tail = strdup(found);

	if (!head || !tail)
		return -ENOMEM;
	directory = realpath(dirname(head), NULL);
	if (!directory)
		return -errno;
	if (asprintf(absolute, "%s/%s", strcmp(directory, "/") ? directory : "", basename(tail)) <
	    0)
		return -ENOMEM;
	return 0;
}

static void show_bytes(void *data, size_t bytes)
{
	(void)data;
	progress_at(bytes);
}

static int read_set(const char *path, struct set *set, struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = file_read_regular(path, SET_FILE_MAX, &text, &length);

	if (error)
		return error;
	progress_begin(path, "reading", length);
	error = prefixes_parse(path, text, length, &set->prefixes, diagnostics, show_bytes, NULL);
	progress_end();
	if (error)
		return error;
	set->loaded = true;
	set_identify(set);
	return 0;
}

static int load_set(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *found = locate(name, set->path);
	char *absolute = NULL;
	int error;

	(void)data;
	if (!found)
		return -ENOMEM;
	error = read_set(found, set, diagnostics);
	error = error ?: make_absolute(found, &absolute);
	if (error)
		return error;
	free(set->path);
	set->path = absolute;
	return 0;
}

const struct policy_files files_loader = { .load = load_set };
