/* SPDX-License-Identifier: GPL-2.0-only */
/* A list of names in a text of limited size, for a message. */
#ifndef PCTL_NAME_LIST_H
#define PCTL_NAME_LIST_H

#include <stddef.h>

/* Appends @name to @list, with @separator between two of them. What does not fit becomes "...",
 * once.
 * @size: of @list, which holds a string */
void name_list_add(char *list, size_t size, const char *separator, const char *name);

#endif
