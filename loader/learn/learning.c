// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "name_answers.h"
#include "error.h"
#include "learning.h"
#include "learning_frames.h"
#include "util.h"

int learning_begin(struct attachment *attachment, struct flows *flows, struct learnt_names *names,
		   struct learning *learning)
{
	int error;

	*learning = (struct learning){
		.attachment = attachment,
		.flows = flows,
		.names = names,
		.answers = calloc(1, sizeof(*learning->answers)),
		.maps = connection_maps_of(&attachment->current),
		.tap = TAP_EMPTY,
	};
	error = learning->answers ? 0 : -ENOMEM;
	error = error ?: tap_open(attachment->hooks.link.ifindex, &learning->tap);
	error = error ?: learning_look(learning);
	/* Behind the first reading: what it has does not count as begun. */
	return error ?: connections_counted(&learning->maps, learning->before);
}

static int read_tables(struct learning *learning)
{
	_cleanup_(connections_clear) struct connections connections = {};
	int error = connections_read(&learning->maps, &connections);

	return error ?: seen_take(&learning->seen, &connections, learning->flows);
}

int learning_look(struct learning *learning)
{
	int error = tap_read(&learning->tap, learning_frame, learning);

	if (error == -ENETDOWN || error == -ENODEV || error == -ENXIO) {
		/* Down, perhaps for a moment; whether it is gone the caller finds out. */
		error_clear();
		error = 0;
	}
	return error ?: read_tables(learning);
}

static uint64_t above(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

int learning_finish(struct learning *learning)
{
	uint64_t now[PCTL_CONNECTION_COUNTERS];
	/* Before the last reading, for the same reason. */
	int error = connections_counted(&learning->maps, now);

	error = error ?: learning_look(learning);
	if (!error) {
		learning->gaps.unseen = above(now[PCTL_CONNECTIONS_OPENED] -
						      learning->before[PCTL_CONNECTIONS_OPENED],
					      learning->seen.began);
		learning->gaps.refused =
			now[PCTL_CONNECTIONS_REFUSED] - learning->before[PCTL_CONNECTIONS_REFUSED];
	}
	learning->gaps.frames = learning->tap.lost + learning->seen.left_out;
	seen_finish(&learning->seen, learning->flows);
	return error;
}

void learning_end(struct learning *learning)
{
	tap_close(&learning->tap);
	free(learning->answers);
	learning->answers = NULL;
	seen_clear(&learning->seen);
}
