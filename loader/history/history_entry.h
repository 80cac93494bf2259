/* SPDX-License-Identifier: GPL-2.0-only */
/* An entry of the history as the text of its file, and back. */
#ifndef PCTL_HISTORY_ENTRY_H
#define PCTL_HISTORY_ENTRY_H

#include "history.h"

/* The text of an entry with a policy, or with none; malloc'd. 0, or a negative errno. */
int history_entry_print(const struct history_entry *entry, char **text, size_t *length);

/* Reads it. What cannot be understood is `unreadable`, which is no error. -ENOMEM. */
int history_entry_parse(uint32_t number, const char *text, size_t length,
			struct history_entry *entry);

/* Who this process is. */
void history_who_here(struct history_who *who);

#endif
