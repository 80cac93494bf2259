/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lookout: a process that keeps the privileges to enter the network namespaces of containers,
 * which daemon and sidecar give up, and answers one question: what is open at the other end of this
 * veth? It answers each in a process of its own, which ends with the answer, and does not outlive
 * the one that started it.
 */
#ifndef PCTL_LOOKOUT_H
#define PCTL_LOOKOUT_H

#include <systemd/sd-event.h>

/*
 * Forks it, and has connections_adopt() ask it. To be called before privileges_drop(). Where it
 * cannot be, since the privileges are not there, or when it has ended, adoption says so, and a line
 * of the log. Nothing else depends on it.
 */
void lookout_start(sd_event *loop);

/* Ends it. */
void lookout_stop(void);

#endif
