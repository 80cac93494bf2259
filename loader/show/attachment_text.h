/* SPDX-License-Identifier: GPL-2.0-only */
/* An attachment, for people. */
#ifndef PCTL_ATTACHMENT_TEXT_H
#define PCTL_ATTACHMENT_TEXT_H

#include "attachment_view.h"

/* Prints on standard output: the hooks, what they cost, other programs on the device.
 * @prefix: of each line */
void attachment_print_hooks(const struct attachment_view *view, const char *prefix);

#endif
