/* SPDX-License-Identifier: GPL-2.0-only */
/* Several SPECs in one text, as a label holds them. */
#ifndef PCTL_SPEC_LIST_H
#define PCTL_SPEC_LIST_H

#include "diagnostics.h"

#define SPEC_LIST_MAX 4096 /* bytes: more is for a policy file */
#define SPEC_LIST_MISTAKES 20 /* more of them nobody reads */

/*
 * Appends a rule for each SPEC of a list, separated by blanks or commas. A comma stands inside a
 * SPEC too: what comes behind it belongs to the ports or types in front of it if it can,
 * `tcp/80,443` is one SPEC, `tcp/80,udp` are two, and `80,443/tcp` is one. Where both could be
 * meant, `udp/53,80,443/tcp`, it is an error that asks for blanks.
 * @source: what messages call the text
 * 0, or -ENOMEM; mistakes are added to *diagnostics, with their place in the text.
 */
int spec_list_add(struct policy *policy, enum verdict verdict, const char *source, const char *list,
		  struct diagnostics *diagnostics);

/* Adds what was said about a piece of a text, as being said about the text. @at: where in it the
 * first byte of the piece is. 0 or -ENOMEM. */
int diagnostics_add_from_piece(struct diagnostics *diagnostics, const struct diagnostics *of_piece,
			       const char *source, const char *text, ptrdiff_t at);

#endif
