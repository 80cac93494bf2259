/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CONNECTION_FRAME_H
#define PCTL_CONNECTION_FRAME_H

#include "connection_table.h"
#include "frame.h"

/*
 * Makes the frame that would open this connection: a SYN, an echo request, or a first packet
 * without content, as a packet of its direction.
 * @own: what the container sends has its MAC; NULL, or not known: any
 */
void connection_frame(const struct connection *connection, const struct pctl_own *own,
		      struct frame *frame);

#endif
