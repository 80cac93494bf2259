// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "map_gather.h"
#include "map_reach.h"
#include "map_take.h"
#include "session.h"
#include "util.h"

struct found {
	struct link *links;
	struct owner *owners;
	size_t count;
};

static void found_clear(struct found *found)
{
	free(found->links);
	free(found->owners);
}

static int find_attached(struct found *found)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	size_t count = 0;
	int error = session_open(&session, PINS_READ);

	error = error ?: attachment_list(&session, &ifindexes, &count);
	if (error)
		return error;
	found->links = calloc(count + 1, sizeof(*found->links));
	found->owners = calloc(count + 1, sizeof(*found->owners));
	if (!found->links || !found->owners)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		if (attachment_open(&session, ifindexes[i], &attachment)) {
			notice("ifindex %u: not drawn: %s", ifindexes[i], error_message(-EIO));
			error_clear();
			continue;
		}
		found->links[found->count] = attachment.hooks.link;
		found->owners[found->count++] = attachment.current.owner;
	}
	return 0;
}

static int draw_connections(struct map *map, struct session *session, const struct found *found)
{
	int error = 0;

	map->with_connections = true;
	for (size_t i = 0; i < found->count && !error; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		if (!attachment_open(session, found->links[i].ifindex, &attachment))
			error = map_gather_connections(map, i, &attachment);
	}
	return error;
}

static int gather(struct map *map, const struct found *found, bool with_connections)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error = session_open(&session, PINS_READ);

	for (size_t i = 0; i < found->count && !error; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		error = attachment_open(&session, found->links[i].ifindex, &attachment);
		error = error ?: map_gather(map, &session, &attachment, &found->owners[i]);
	}
	map->attached = found->count;
	error = error ?: map_gather_host(map);
	error = error ?: map_reach(map);
	if (!error && with_connections)
		error = draw_connections(map, &session, found);
	return error;
}

int map_take(struct map *map, struct container_lookup *lookup, bool with_connections)
{
	_cleanup_(found_clear) struct found found = {};
	int error = find_attached(&found);

	/* The engine may be asked, so no session is open. */
	for (size_t i = 0; i < found.count && !error; i++)
		container_lookup_complete(lookup, &found.links[i], &found.owners[i]);
	return error ?: gather(map, &found, with_connections);
}
