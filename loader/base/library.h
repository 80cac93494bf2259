/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A shared library that is loaded by the commands that need it. Linked libraries cost each command
 * their start: docs/architecture.md has the figures.
 *
 * A library's header lists its functions as an X-macro, from which a struct of pointers and the
 * table of their names are made:
 *
 *	#define LIBX_FUNCTIONS(X) X(x_open) X(x_close)
 *	struct libx { LIBX_FUNCTIONS(LIBRARY_POINTER) };
 */
#ifndef PCTL_LIBRARY_H
#define PCTL_LIBRARY_H

#include <stddef.h>

struct library {
	const char *name; /* "libcurl", for messages */
	const char *purpose; /* "serving metrics", for messages */
	const char *const *files; /* sonames, the preferred one first; ends with NULL */
	const char *const *functions; /* ends with NULL */
};

#define LIBRARY_POINTER(function) __typeof__(function) *function;
#define LIBRARY_NAME(function) #function,

/*
 * Loads the library for the rest of the process.
 * @pointers: a struct of function pointers, in the order of library->functions
 * 0, or with a message: -ENOENT: it is not installed; -ENOSYS: it lacks one of the functions.
 */
int library_load(const struct library *library, void *pointers);

#endif
