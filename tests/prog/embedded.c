/* SPDX-License-Identifier: GPL-2.0-only */
#include "embedded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "policy_parse.h"
#include "prefixes_parse.h"
#include "set_files.h"

/* The addresses of a file; NULL: there is no such file. */
static const char *find_file(const char *text, const char *path)
{
	size_t length = strlen(path), mark = strlen(EMBEDDED_FILE);

	for (const char *at = strstr(text, EMBEDDED_FILE); at; at = strstr(at, EMBEDDED_FILE)) {
		at += mark;
		if (!strncmp(at, path, length) && at[length] == ':')
			return at + length + 1;
	}
	return NULL;
}

/* One a line, as prefixes_parse() wants them. */
static char *copy_lines(const char *file)
{
	char *lines = strndup(file, strcspn(file, "\n"));

	for (char *at = lines; at && *at; at++)
		if (*at == ',')
			*at = '\n';
	return lines;
}

static int load(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	const char *file = find_file(data, set->path);
	char *lines;
	int error;

	(void)name;
	if (!file)
		return -ENOENT;
	lines = copy_lines(file);
	if (!lines)
		return -ENOMEM;
	error = prefixes_parse(set->path, lines, strlen(lines), &set->prefixes, diagnostics, NULL,
			       NULL);
	free(lines);
	if (error)
		return error;
	set->loaded = true;
	set_identify(set);
	return 0;
}

int embedded_parse(const char *text, struct policy **policy, struct diagnostics *diagnostics)
{
	struct policy_files files = { .load = load, .data = (void *)text };

	return policy_parse("test", text, strlen(text), &files, policy, diagnostics);
}
