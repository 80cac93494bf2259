/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a file was touched since it was read, without reading it again. */
#ifndef PCTL_FILE_STAMP_H
#define PCTL_FILE_STAMP_H

#include <stdbool.h>
#include <sys/stat.h>

struct file_stamp {
	char *path;
	bool there;
	bool settled; /* its times were older than a tick of their clock, so a later change has
		       * another time */
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;
};

/* To be taken before the file is read. 0 or -ENOMEM. */
int file_stamp_take(const char *path, struct file_stamp *stamp);
void file_stamp_clear(struct file_stamp *stamp);

/* Is the file certainly unchanged? */
bool file_stamp_holds(const struct file_stamp *stamp);

#endif
