/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps of an attachment, which are not of one generation: they are pinned beside the generations,
 * and each that needs them uses those that are there. @path: of a generation, which need not be
 * there. */
#ifndef PCTL_ATTACHMENT_PINS_H
#define PCTL_ATTACHMENT_PINS_H

/* Opens one. -ENOENT: it is not there, or not what policyctl has pinned there. */
int attachment_pin_open(const char *path, const char *name, int *fd);

/* Pins one, in place of another that is there. */
int attachment_pin_make(const char *path, const char *name, int fd);

/* Removes it; one that is not there is fine. */
int attachment_pin_remove(const char *path, const char *name);

#endif
