/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading whole files. */
#ifndef PCTL_FILES_H
#define PCTL_FILES_H

#include <stddef.h>

/* The whole of a file, for the caller to free; any kind of file. -EFBIG: it has more than `limit`
 * bytes. */
int file_read(const char *path, size_t limit, char **text, size_t *length);

/* The same of a regular file only, which has an end and does not make one wait. -EISDIR, -ESPIPE:
 * it is none. */
int file_read_regular(const char *path, size_t limit, char **text, size_t *length);

#define POLICY_FILE_MAX (64u << 20) /* far above any policy; a device or a mistake stops here */

#endif
