/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of the policy directory. */
#ifndef PCTL_POLICY_DIRECTORY_H
#define PCTL_POLICY_DIRECTORY_H

#include "policy_file.h"

/* Zero-initialised is empty. */
struct policy_directory {
	char *path;
	struct policy_file **files;
	size_t count;
	struct refusals refuse; /* of the last refresh, for files that come after it */
	char *told; /* the last complaint about the directory itself; NULL: none */
};

/* Gets the path of the observer's data in `data`; both functions are called within a refresh. */
struct policy_directory_observer {
	/* Something is wrong, and was not, or in another way, before. All diagnostics as text.
	 * @refused: the file does not count; otherwise these are warnings */
	void (*complaint)(void *data, const char *path, const char *details, bool refused);
	/* A file was read. @changed: containers that ask for it get something else than before */
	void (*read)(void *data, const struct policy_file *file, bool changed);
	void *data;
	bool again; /* complains also of what was wrong before in the same way */
};

void policy_directory_clear(struct policy_directory *directory);

/* The file of this name, NULL: none is known. */
struct policy_file *policy_directory_find(const struct policy_directory *directory,
					  const char *name);

/* The same; a file that came since the last refresh is read now. *file is NULL if there is none.
 * 0 or -ENOMEM. */
int policy_directory_get(struct policy_directory *directory, const char *name,
			 struct policy_file **file);

/*
 * Reads what was touched since the last time, forgets files that are gone.
 * @refuse: what is refused though it can be read
 * @kept, @keep: whether the last good contents of a faulty file counted before, and count now
 * 0 or -ENOMEM.
 */
int policy_directory_refresh(struct policy_directory *directory, struct refusals refuse, bool kept,
			     bool keep, const struct policy_directory_observer *observer);

/*
 * Calls observer->complaint() with `text`, unless *told says that it was called with the same text
 * before. NULL: there is nothing to complain of. Takes `text` over, into *told.
 */
void complain_once(const struct policy_directory_observer *observer, const char *path, char *text,
		   bool refused, char **told);

#endif
