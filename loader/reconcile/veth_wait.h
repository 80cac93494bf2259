/* SPDX-License-Identifier: GPL-2.0-only */
/* A veth that is held while its container is not known: until when, and what is said of it. */
#ifndef PCTL_VETH_WAIT_H
#define PCTL_VETH_WAIT_H

#include "reconcile_pass.h"

/* Lets the veth go if its hold is over, or says why it goes on, and when to look again
 * (veth->retry_ns). Needs no session. */
void veth_wait(struct reconcile_pass *pass, struct veth *veth);

/* The same for those that are marked, and have been held for as long as one is without a reason. No
 * lock of the pins may make this wait. */
void veths_wait(struct reconcile_pass *pass);

/* All that are held stay so for now: a pass failed. */
void veths_held_because(struct follower *f, const char *why);

#endif
