/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_KERNEL_CONNECTION_H
#define PCTL_KERNEL_CONNECTION_H

#include "explanation.h"

/* Does a rule of the policy ask for established packets? */
bool policy_tracks(const struct policy *policy);

/* Does a rule match on VLANs? Then a connection is of one VLAN. */
bool policy_asks_for_vlans(const struct policy *policy);

/* Finds the connection of the attachment that has the ends of the packet which is explained. 0, or
 * what reading the tables failed with. */
int kernel_connection_find(const struct explainer *explainer, struct explanation *explanation);

#endif
