/* SPDX-License-Identifier: GPL-2.0-only */
/* show_policy FILE: all that policy/ says about a file, then the policy as it is printed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "diagnostics.h"

static void show_diagnostics(const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		_cleanup_(freep) char *text = diagnostic_print(&diagnostics->items[i]);

		fputs(text, stdout);
	}
}

static int show(const char *name, const char *text, size_t length)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = { 0 };
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(freep) char *printed = NULL;
	int error = policy_parse(name, text, length, NULL, &policy, &diagnostics);

	if (!error)
		error = policy_check(policy, name, &diagnostics);
	show_diagnostics(&diagnostics);
	if (error)
		return error == -EINVAL ? 0 : 1; /* to be refused is an answer too */
	printed = policy_print(policy);
	if (!printed)
		return 1;
	printf("--\n%s", printed);
	return 0;
}

int main(int argc, char **argv)
{
	static char text[1 << 16];
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	size_t length;

	if (!file) {
		fprintf(stderr, "usage: show_policy FILE\n");
		return 2;
	}
	length = fread(text, 1, sizeof(text), file);
	fclose(file);
	return show(argv[1], text, length);
}
