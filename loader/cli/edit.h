/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that begin with the policies in force on a target, and change them or their hook. */
#ifndef PCTL_EDIT_H
#define PCTL_EDIT_H

#include "hook_arguments.h"
#include "target.h"

/* The policies in force on a target. */
struct edit {
	const struct arguments *arguments;
	struct target target;
	struct session session;
	struct attachments attachments;
	struct plan *plans; /* one for each attachment, with its policy */
	struct plan **list; /* pointers to these */
	struct pending pending; /* of --confirm; empty: it was not given */
	struct diagnostics *known; /* the warnings about each as it is in force */
};

#define EDIT_EMPTY                       \
	{                                \
		.session = SESSION_EMPTY \
	}

/* Reads them. The target is the first operand. Returns an exit status; the caller closes. */
int edit_open(const struct arguments *arguments, struct edit *edit);
void edit_close(struct edit *edit);

/*
 * Compiles all policies before any of them is put in force, and prints what changes. Returns an
 * exit status.
 * @hook: NULL: hooks and modes stay
 */
int edit_finish(struct edit *edit, const struct hook_arguments *hook);

#endif
