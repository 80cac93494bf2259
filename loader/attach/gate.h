/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A gate holds a veth while its policy is not known yet. It is a pair of filters at clsact ingress
 * and egress, behind the filters of policies. They pass only what every `default deny` passes: ARP,
 * neighbour discovery and the like. One pair of programs serves all veths, so that holding one
 * takes a few netlink messages and less than a millisecond.
 *
 * Each process that holds veths has a gate of its own: a slot, whose number is the handle of its
 * filters. A veth may be held by several gates. A killed process leaves its veths held; the next
 * one takes over the slot, and the veths with it.
 */
#ifndef PCTL_GATE_H
#define PCTL_GATE_H

#include "attachment.h"
#include "holds.h"

#define GATES_MAX 64

struct gate;

/*
 * Loads the programs and takes a slot. The session may be closed afterwards.
 * @daemon: take the daemon's slot. -EBUSY: a daemon runs in this network namespace already
 * -EUSERS: all GATES_MAX slots are taken.
 */
int gate_open(struct session *session, bool daemon, struct gate **gate);
/* 0, or -EBUSY with a message if a daemon runs in this network namespace. */
int gate_check_daemon(const struct session *session);
/* Does a daemon live in this network namespace? Cheap, and needs no session. */
bool gate_daemon_lives(const struct gate *gate);
/* Veths that are held stay held. The gate may be NULL.
 * @idle: it holds none, so its slot is removed */
void gate_close(struct gate *gate, bool idle);

#define GATE_HELD_ALREADY 1

/*
 * Holds an interface; needs no session, and may be called by several threads, each with its own nl.
 * Returns 0, or GATE_HELD_ALREADY. On failure nothing is left there.
 * @made_clsact: set to whether the qdisc was added for it
 */
int gate_hold(struct gate *gate, struct nl *nl, uint32_t ifindex, bool *made_clsact);

/* Writes down that the gate holds an interface, and why, for gates_held(). Other than 0: a message,
 * and it is held all the same. */
int gate_note(struct gate *gate, const struct hold *hold);

/* Since when it holds an interface by what was written down, perhaps by a killed predecessor:
 * clock_boot_ns(); 0: nothing was. */
uint64_t gate_holds_since(const struct gate *gate, uint32_t ifindex);

/* Forgets what was written down of an interface that is gone. */
void gate_forget(struct gate *gate, uint32_t ifindex);

/* Takes the gate's filters off; an interface without them is fine. Removes the qdisc if
 * `made_clsact` and no other filter is in it. Forgets what was written down. */
int gate_lift(struct gate *gate, struct nl *nl, uint32_t ifindex, bool made_clsact);

/*
 * A sidecar says in its slot whose policies it keeps, for as long as it lives. A daemon, which
 * keeps those of all, says nothing. @container: id. A failure is as if nothing had been said.
 */
void gate_keep(const struct gate *gate, const char *container);

/* Does a living process, other than the one with `self` (may be NULL), keep the policy of an
 * attachment with this owner? */
bool gate_keeper_lives(const struct pins *pins, const struct owner *owner, const struct gate *self);

/* Has it the first slot of all that living processes have? One process has to do what must not be
 * done twice. The lock is held. */
bool gate_is_first(const struct gate *gate);

/* Packets and bytes that the gate dropped, at all interfaces together, since its programs were
 * loaded. */
int gate_counter(const struct gate *gate, struct pctl_counter *dropped);

/* What a gate wrote down. */
struct held {
	struct hold hold;
	bool daemon; /* the gate is the daemon's, else a sidecar's */
	bool abandoned; /* its process is gone */
};

/* What the gates of this network namespace have written down, and hold now, for the caller to free.
 * The session may be one for reading. Returns 0 or a negative errno with a message; then *held has
 * what could be read. */
int gates_held(const struct session *session, struct held **held, size_t *count);

/* Does a gate hold this interface that no living process has? The session may be one for reading.
 */
bool gates_abandoned(const struct session *session, const struct hooks *hooks);

/* Lifts the gates that no living process has, from one interface or (0) from all. Returns how many
 * interfaces were held by one, or a negative errno. */
int gates_tidy(struct session *session, uint32_t ifindex);

/* Is there work for gate_tidy_others()? Cheap, and needs no session. */
bool gate_sees_dead(const struct gate *gate);

/* As gates_tidy() of all interfaces, for a process that has a gate itself. Only a daemon lifts the
 * gate of an earlier daemon: others do not know the policies of its containers. */
int gate_tidy_others(const struct gate *gate, struct session *session);

#endif
