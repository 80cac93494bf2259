/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CONNECTIONS_PLACE_H
#define PCTL_CONNECTIONS_PLACE_H

#include "generation.h"

struct policy_bpf;

/* Before an object is loaded: gives it the attachment's tables of connections, those that are
 * there or new ones, or none. Sets meta.tracks. */
int connections_place(struct policy_bpf *skeleton, const struct generation_input *input,
		      struct generation *generation);

#endif
