/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading whole files. */
#ifndef PCTL_FILES_H
#define PCTL_FILES_H

#include <stddef.h>

/* Reads all of a file of any kind; *text is for the caller to free. It waits for the writer of a
 * pipe, but not without end, and for a person at a terminal. -EFBIG: it has more than `limit`
 * bytes. error_message() has the words. */
int file_read(const char *path, size_t limit, char **text, size_t *length);

/* The same for a regular file only, which has an end and never blocks. -EISDIR, -ESPIPE: it is no
 * regular file. */
int file_read_regular(const char *path, size_t limit, char **text, size_t *length);

#define POLICY_FILE_MAX (64u << 20) /* far above any policy: ends the reading of /dev/zero */

#endif
