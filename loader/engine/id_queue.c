// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "id_queue.h"

#define FIRST_CAPACITY 16

static int make_room(struct id_queue *queue)
{
	size_t count = id_queue_count(queue);
	size_t capacity = queue->capacity ? queue->capacity * 2 : FIRST_CAPACITY;
	char(*grown)[CONTAINER_ID_SIZE];

	if (queue->end < queue->capacity)
		return 0;
	if (queue->first >= FIRST_CAPACITY && queue->first >= count) {
		memcpy(queue->ids, queue->ids + queue->first, count * sizeof(*queue->ids));
		queue->first = 0;
		queue->end = count;
		return 0;
	}
	grown = reallocarray(queue->ids, capacity, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	queue->ids = grown;
	queue->capacity = capacity;
	return 0;
}

int id_queue_push(struct id_queue *queue, const char *id)
{
	int error = make_room(queue);

	if (!error)
		strcpy(queue->ids[queue->end++], id);
	return error;
}

bool id_queue_pop(struct id_queue *queue, char id[CONTAINER_ID_SIZE])
{
	if (queue->first == queue->end)
		return false;
	strcpy(id, queue->ids[queue->first++]);
	return true;
}

static size_t find(const struct id_queue *queue, const char *id)
{
	size_t i = queue->first;

	while (i < queue->end && strcmp(queue->ids[i], id))
		i++;
	return i;
}

bool id_queue_has(const struct id_queue *queue, const char *id)
{
	return find(queue, id) < queue->end;
}

bool id_queue_drop(struct id_queue *queue, const char *id)
{
	size_t i = find(queue, id);

	if (i == queue->end)
		return false;
	memmove(queue->ids + i, queue->ids + i + 1, (queue->end - i - 1) * sizeof(*queue->ids));
	queue->end--;
	return true;
}

void id_queue_clear(struct id_queue *queue)
{
	free(queue->ids);
	*queue = (struct id_queue){ 0 };
}
