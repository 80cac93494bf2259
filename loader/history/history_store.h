/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of the history. All of them, and the directory, must belong to the user of this process
 * and be writable by nobody else, and none may be a symbolic link: others are as if not there.
 */
#ifndef PCTL_HISTORY_STORE_H
#define PCTL_HISTORY_STORE_H

#include "history.h"

#define HISTORY_PLACE_SIZE (NAME_MAX + 1)

/* Opens the directory of the history. -ENOENT, without a message: there is none, or none is kept.
 * @create: makes it */
int history_store_open(bool create, int *fd);

/* The name of a place. */
void history_store_place(const char *pins, const char *interface, const struct owner *owner,
			 char place[HISTORY_PLACE_SIZE]);

/* Opens a place; -ENOENT: there is none. */
int history_store_open_place(int store, const char *place, bool create, int *fd);

/* The numbers of the entries of a place, ascending; malloc'd. */
int history_store_numbers(int place, uint32_t **numbers, size_t *count);

/* Reads and writes one, with a zero behind it. Writing is all or nothing. */
int history_store_read(int place, uint32_t number, char **text, size_t *length);
int history_store_write(int place, uint32_t number, const char *text, size_t length);

/* Removes the oldest entries of a place that are too many. */
void history_store_prune_place(int place);

/* Removes places: of another boot, of interfaces that are gone for HISTORY_DAYS, and the oldest
 * ones where all are too many or too large. @place: it stays */
void history_store_prune(int store, const char *pins, const char *place);

/* Calls `each` with the name of every place of a network namespace. Ends if it returns not 0. */
int history_store_places(int store, const char *pins,
			 int (*each)(int store, const char *place, void *data), void *data);

#endif
