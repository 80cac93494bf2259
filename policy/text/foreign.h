/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of other policy languages, and what they are called here. */
#ifndef PCTL_FOREIGN_H
#define PCTL_FOREIGN_H

#include "source.h"

/* What to write in place of a word of iptables, nftables, pf or Kubernetes: the end of a message,
 * `"unknown word 'drop': " hint`. NULL: it is none. Capital letters count as small ones. */
const char *foreign_hint(const struct word *word);

#endif
