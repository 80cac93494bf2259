/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A gate holds a veth while nobody knows yet which policy it gets: a pair of filters at clsact
 * ingress and egress, behind the places of policies, that let pass only what every `default deny`
 * lets pass (ARP, neighbour discovery, …). Its programs are loaded once for all veths, so that
 * putting it there takes a few netlink messages, less than a millisecond.
 *
 * Each process that holds has a gate of its own (a slot, which is the handle of its filters): what
 * one lifts another may still hold. Who is killed leaves its veths held; the next one takes over
 * the slot and with it what is held there.
 */
#ifndef PCTL_GATE_H
#define PCTL_GATE_H

#include "attachment.h"

#define GATES_MAX 64

struct gate;

/*
 * Loads the programs and takes a slot. The session may be closed behind it.
 * @daemon: the one of the daemon, of which there can be one only. -EBUSY: it runs already
 * Others: -EUSERS: there are GATES_MAX already.
 */
int gate_open(struct session *session, bool daemon, struct gate **gate);
/* Is there no daemon yet? 0 or -EBUSY, with a message. */
int gate_check_daemon(const struct session *session);
/* What is held stays held. May be NULL.
 * @idle: nothing is: the slot goes */
void gate_close(struct gate *gate, bool idle);

/*
 * Holds an interface; needs no session, and may be called by several threads, each with its own nl.
 * Returns 0, or 1 if it was held by this gate already. On failure nothing is left there.
 * @made_clsact: set to whether the qdisc was added for it
 */
int gate_hold(struct gate *gate, struct nl *nl, uint32_t ifindex, bool *made_clsact);

/* Lets go, of what is not held too. Removes the qdisc if `made_clsact` and nobody else uses it. */
int gate_lift(struct gate *gate, struct nl *nl, uint32_t ifindex, bool made_clsact);

/* Packets and bytes that the gate dropped, at all interfaces together, since its programs were
 * loaded. */
int gate_counter(const struct gate *gate, struct pctl_counter *dropped);

/* Is it held by a gate whose process is gone? Of a session that looks only, too. */
bool gates_abandoned(const struct session *session, const struct hooks *hooks);

/* Lifts the gates whose process is gone, of one interface or (0) of all. Returns how many
 * interfaces were let go, or a negative errno. */
int gates_tidy(struct session *session, uint32_t ifindex);

/* Is there anything for gate_tidy_others()? For little, and without a session. */
bool gate_sees_dead(const struct gate *gate);

/* The same for who holds himself, of all interfaces. The gate of a daemon only the next daemon
 * lifts: others do not know what its containers shall have. */
int gate_tidy_others(const struct gate *gate, struct session *session);

#endif
