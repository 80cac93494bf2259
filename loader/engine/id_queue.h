/* SPDX-License-Identifier: GPL-2.0-only */
/* Ids of containers, first in, first out. All 0 is an empty one. */
#ifndef PCTL_ID_QUEUE_H
#define PCTL_ID_QUEUE_H

#include "container.h"

struct id_queue {
	char (*ids)[CONTAINER_ID_SIZE];
	size_t first; /* those in front of it were taken out */
	size_t end;
	size_t capacity;
};

static inline size_t id_queue_count(const struct id_queue *queue)
{
	return queue->end - queue->first;
}

int id_queue_push(struct id_queue *queue, const char *id); /* 0 or -ENOMEM */
bool id_queue_pop(struct id_queue *queue, char id[CONTAINER_ID_SIZE]); /* false: it is empty */

/* Linear in the length. */
bool id_queue_has(const struct id_queue *queue, const char *id);
bool id_queue_drop(struct id_queue *queue, const char *id); /* was it there? */

void id_queue_clear(struct id_queue *queue); /* and frees */

#endif
