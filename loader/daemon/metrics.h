/* SPDX-License-Identifier: GPL-2.0-only */
/* Serves metrics over HTTP, at an address or a unix socket, within an sd-event loop: GET /metrics.
 */
#ifndef PCTL_METRICS_H
#define PCTL_METRICS_H

#include <stdio.h>
#include <systemd/sd-event.h>

struct metrics;

/*
 * @where: "ADDRESS:PORT", "[ADDRESS]:PORT", "unix:PATH" (mode 0660; a socket file
 * without a listener is replaced, any other file is not). Numbers only: no name is looked up.
 * @write: writes the metrics
 * -EINVAL: not such an address; others with a message.
 */
int metrics_open(sd_event *loop, const char *where, void (*write)(void *data, FILE *out),
		 void *data, struct metrics **metrics);
void metrics_close(struct metrics *metrics);

#endif
