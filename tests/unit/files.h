/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of sets, in memory. */
#ifndef TEST_FILES_H
#define TEST_FILES_H

#include "policy_files.h"
#include "support.h"

struct file {
	const char *path, *text;
};

/* For policy_parse(): @list ends with a path of NULL. Paths become absolute by a "/" in front. */
struct policy_files files_in_memory(const struct file *list);

/* Parses a text that must be free of errors; the caller frees. */
struct policy *parse_with_files(const char *text, const struct file *list);

#endif
