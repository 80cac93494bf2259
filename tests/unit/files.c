/* SPDX-License-Identifier: GPL-2.0-only */
#include "files.h"

#include <errno.h>
#include <stdio.h>

#include "policy_parse.h"
#include "prefixes.h"
#include "prefixes_parse.h"

static const struct file *find(const struct file *list, const char *path)
{
	while (*path == '/')
		path++;
	for (; list->path; list++)
		if (!strcmp(list->path, path))
			return list;
	return NULL;
}

static int make_absolute(struct set *set)
{
	char *path = NULL;

	if (*set->path == '/')
		return 0;
	if (asprintf(&path, "/%s", set->path) < 0)
		return -ENOMEM;
	free(set->path);
	set->path = path;
	return 0;
}

/* No SHA-256, but different for different prefixes. */
static void digest(struct set *set)
{
	const struct prefix *items = set->prefixes.items;
	uint64_t sum = 0;

	for (size_t i = 0; i < set->prefixes.count; i++)
		sum = (sum + items[i].high + items[i].low + items[i].length + 1) *
		      0x9e3779b97f4a7c15ull;
	memcpy(set->digest, &sum, sizeof(sum));
}

static int load(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	const struct file *file = find(data, set->path);
	int error;

	assert_non_null(name);
	assert_non_null(set->name);
	assert_true(set->place.line > 0);
	if (!file)
		return -ENOENT;
	error = prefixes_parse(file->path, file->text, strlen(file->text), &set->prefixes,
			       diagnostics, NULL, NULL);
	if (error)
		return error;
	set->loaded = true;
	prefixes_count(&set->prefixes, set->counts);
	digest(set);
	return make_absolute(set);
}

struct policy_files files_in_memory(const struct file *list)
{
	return (struct policy_files){ .load = load, .data = (void *)list };
}

struct policy *parse_with_files(const char *text, const struct file *list)
{
	const struct policy_files files = files_in_memory(list);
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;
	int error = policy_parse("test", text, strlen(text), &files, &policy, &diagnostics);
	char *messages = print_diagnostics(&diagnostics);

	if (error)
		fail_msg("%s\nof: %s", messages, text);
	free(messages);
	return policy;
}
