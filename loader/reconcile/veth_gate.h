/* SPDX-License-Identifier: GPL-2.0-only */
/* The gate of one veth: whether all its packets are dropped until its policy is in force. */
#ifndef PCTL_VETH_GATE_H
#define PCTL_VETH_GATE_H

#include "reconcile_pass.h"

/* Puts the gate on, or back on if another process took it off. A failure is logged. */
void veth_hold(const struct reconcile_pass *pass, struct veth *veth);

/* Writes down why a veth that is held is held, for `list` and `doctor`. */
void veth_gate_note(struct follower *f, struct veth *veth, const char *why);

/* Takes the gate off, if it is on. A failure is logged. */
void veth_let_go(struct reconcile_pass *pass, struct veth *veth);

/* session.judged of a pass: a policy judges all packets of the interface, so the gate goes. */
void veth_gate_judged(void *pass, uint32_t ifindex);

/* session.unjudged of a pass: the policy could not come into force, so the gate comes back. */
void veth_gate_unjudged(void *pass, uint32_t ifindex);

#endif
