/* SPDX-License-Identifier: GPL-2.0-only */
/* Diagnostics of a policy or a configuration, as text. */
#ifndef PCTL_DIAGNOSTICS_TEXT_H
#define PCTL_DIAGNOSTICS_TEXT_H

#include <stdio.h>

#include "diagnostics.h"

/* Writes all of them, in colour on a terminal, but those whose message is among @known, which may
 * be NULL. */
void diagnostics_write(FILE *out, const struct diagnostics *diagnostics,
		       const struct diagnostics *known);

#endif
