/* SPDX-License-Identifier: GPL-2.0-only */
/* What other processes hold when a follower begins: a killed predecessor, a sidecar, a holder. */
#ifndef PCTL_INHERIT_H
#define PCTL_INHERIT_H

struct follower;

/*
 * Holds too, by the follower's own gate, each veth that another gate holds and of which it is not
 * known yet what it should have. What came while no process held, and is in no container yet, the
 * gate's thread holds when it goes into one.
 */
int inherit_gates(struct follower *follower);

#endif
