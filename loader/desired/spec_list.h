/* SPDX-License-Identifier: GPL-2.0-only */
/* Several SPECs in one text, as a label holds them. */
#ifndef PCTL_SPEC_LIST_H
#define PCTL_SPEC_LIST_H

#include "diagnostics.h"

#define SPEC_LIST_MAX 4096 /* bytes; a longer one belongs in a policy file */
#define SPEC_LIST_MISTAKES 20 /* further ones are not reported */

/*
 * Appends a rule for each SPEC of a list. A ';' or newline ends a part of it. A part with a word
 * that begins a field (`peer`, `dport`, …), or that begins with `from` or `to`, is one SPEC. In
 * others, blanks or commas separate SPECs. A word behind a comma belongs to the ports or types in
 * front of it, if it can: `tcp/80,443` is one SPEC, `tcp/80,udp` are two, and `80,443/tcp` is one.
 * `udp/53,80,443/tcp` can be read in two ways: that is an error that asks for blanks.
 * @source: what messages call the text
 * 0, or -ENOMEM; mistakes are added to *diagnostics, with their place in the text.
 */
int spec_list_add(struct policy *policy, enum verdict verdict, const char *source, const char *list,
		  struct diagnostics *diagnostics);

/* Adds diagnostics about a piece of a text, with their places in the whole text. @at: where in the
 * text the piece begins. 0 or -ENOMEM. */
int diagnostics_add_from_piece(struct diagnostics *diagnostics, const struct diagnostics *of_piece,
			       const char *source, const char *text, ptrdiff_t at);

#endif
