/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that a command reads: policies, and the sets that policies name. */
#ifndef PCTL_FILES_H
#define PCTL_FILES_H

#include <stddef.h>

#include "policy.h"

/* The whole of a file, for the caller to free; any kind of file. -EFBIG: it has more than `limit`
 * bytes. */
int file_read(const char *path, size_t limit, char **text, size_t *length);

/* The same of a regular file only, which has an end and does not make one wait. -EISDIR, -ESPIPE:
 * it is none. */
int file_read_regular(const char *path, size_t limit, char **text, size_t *length);

#define POLICY_FILE_MAX (64u << 20) /* far above any policy; a device or a mistake stops here */

/*
 * How policy_parse() gets at sets from files. A path is relative to the directory of the policy's
 * file, or to the current one where the policy comes from a pipe; the set keeps it as an absolute
 * one. Shows its progress on a terminal.
 */
extern const struct policy_files files_loader;

#endif
