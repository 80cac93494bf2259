/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_LEARNT_PEERS_H
#define PCTL_LEARNT_PEERS_H

#include "learnt.h"

/*
 * Joins addresses to networks where they are many: rule->peers has single addresses, and is
 * normalised afterwards. Sets rule->addresses and rule->widened.
 */
void learnt_join_peers(struct learnt_rule *rule, enum learnt_width width);

#endif
