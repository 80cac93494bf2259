/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes live that have a gate (gate.h): a daemon, in the first slot, and sidecars. */
#ifndef PCTL_GATE_SLOTS_H
#define PCTL_GATE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

/* Does one live that has one of the slots up to this number? @pins: the directory of the network
 * namespace */
bool gate_slots_live(const char *pins, uint32_t last);

/* Does any? */
bool gates_live(const char *pins);

#endif
