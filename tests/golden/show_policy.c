/* SPDX-License-Identifier: GPL-2.0-only */
/* show_policy FILE: prints all errors and warnings of policy/, then the policy. Sets from files
 * are read from the current directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "cleanup.h"
#include "diagnostics.h"
#include "policy_parse.h"
#include "prefixes.h"
#include "prefixes_parse.h"
#include "print.h"

/* Large enough for all files here, and too large for the stack. */
struct text {
	char bytes[1 << 16];
	size_t length;
};

static int read_text(const char *path, struct text *text)
{
	FILE *file = fopen(path, "r");

	if (!file)
		return -errno;
	text->length = fread(text->bytes, 1, sizeof(text->bytes), file);
	fclose(file);
	return 0;
}

static int load(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	static struct text text;
	int error = read_text(set->path, &text);

	(void)data;
	(void)name;
	if (!error)
		error = prefixes_parse(set->path, text.bytes, text.length, &set->prefixes,
				       diagnostics, NULL, NULL);
	if (error)
		return error;
	set->loaded = true;
	prefixes_count(&set->prefixes, set->counts);
	return 0;
}

static void show_diagnostics(const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		_cleanup_(freep) char *text = diagnostic_print(&diagnostics->items[i]);

		fputs(text, stdout);
	}
}

static int show(const char *name, const struct text *text)
{
	static const struct policy_files files = { .load = load };
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = { 0 };
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(freep) char *printed = NULL;
	int error = policy_parse(name, text->bytes, text->length, &files, &policy, &diagnostics);

	if (!error)
		error = policy_check(policy, name, &diagnostics);
	show_diagnostics(&diagnostics);
	if (error)
		return error == -EINVAL ? 0 : 1; /* a refusal is a result too */
	printed = policy_print(policy);
	if (!printed)
		return 1;
	printf("--\n%s", printed);
	return 0;
}

int main(int argc, char **argv)
{
	static struct text text;

	if (argc != 2 || read_text(argv[1], &text)) {
		fprintf(stderr, "usage: show_policy FILE\n");
		return 2;
	}
	return show(argv[1], &text);
}
