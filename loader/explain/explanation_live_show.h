/* SPDX-License-Identifier: GPL-2.0-only */
/* The live sets in which a packet's peer is, as text and JSON. */
#ifndef PCTL_EXPLANATION_LIVE_SHOW_H
#define PCTL_EXPLANATION_LIVE_SHOW_H

#include <jansson.h>

#include "explanation.h"

/* Prints a line for each set in which the peer is, or may be. */
void explanation_print_live(const struct explanation *explanation);

json_t *explanation_live_json(const struct explanation *explanation);

#endif
