/* SPDX-License-Identifier: GPL-2.0-only */
/* What other processes hold when a follower begins: a killed predecessor, a sidecar, a holder. */
#ifndef PCTL_INHERIT_H
#define PCTL_INHERIT_H

struct follower;
struct session;

/* Takes in what has its policy by its name, perhaps by one that is in the configuration no more,
 * and what is held though its name, or bridge, says no more why. 0 or a negative errno. */
int inherit_named(struct follower *follower, struct session *session);

/*
 * Holds too, by the follower's own gate, each veth that another gate holds and of which it is not
 * known yet what it should have. What came while no process held, and is in no container yet, the
 * gate's thread holds when it goes into one.
 */
int inherit_gates(struct follower *follower);

#endif
