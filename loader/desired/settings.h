/* SPDX-License-Identifier: GPL-2.0-only */
/* The settings of the configuration file: names, defaults, and what a value may be. */
#ifndef PCTL_SETTINGS_H
#define PCTL_SETTINGS_H

#include "configuration.h"
#include "source.h"

struct setting {
	const char *section, *name;
	const char *initial; /* its default, as text of the file */
	bool list; /* further lines may add to its value */
	/* Replaces the value; a list gets more items. -EINVAL: reported at the word; -ENOMEM.
	 * @fields: the structure that it is a member of */
	int (*set)(const struct setting *setting, void *fields, struct source *source,
		   const struct word *value);
	size_t offset; /* of its member in that structure, for `set` */
	size_t count_offset; /* of a list: of the member with its length */
	const char *const *choices; /* the words it may be, by number; ends with NULL */
};

/* Members of struct configuration, in the order of the file; ends with a section of NULL. */
extern const struct setting settings[];

/* The section for each pattern of names, and what it has: members of struct named_interfaces. */
#define INTERFACES_SECTION "follow \"PATTERN\""
extern const struct setting interface_settings[];

/* -ENOMEM, or all settings at their defaults. */
int settings_default(struct configuration *configuration);

/* Of a list: removes its items; tells how many there are. */
void setting_empty(const struct setting *setting, void *fields);
size_t setting_count(const struct setting *setting, const struct configuration *configuration);

#endif
