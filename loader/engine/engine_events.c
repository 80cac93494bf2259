// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "engine_events.h"
#include "engine_json.h"
#include "error.h"
#include "util.h"

#define LINE_MAX_SIZE (8 << 20) /* bytes: an event has all labels of its container */

/* podman's `remove` is docker's `destroy`. Its `cleanup` follows the `die` of a container that
 * could not start. */
static const struct {
	const char *type;
	const char *action;
	enum engine_event_kind kind;
} kinds[] = {
	{ "container", "create", EVENT_CREATED },
	{ "container", "start", EVENT_STARTED },
	{ "container", "die", EVENT_ENDED },
	{ "container", "cleanup", EVENT_CHANGED },
	{ "container", "pause", EVENT_CHANGED },
	{ "container", "rename", EVENT_CHANGED },
	{ "container", "unpause", EVENT_CHANGED },
	{ "container", "destroy", EVENT_REMOVED },
	{ "container", "remove", EVENT_REMOVED },
	{ "network", "connect", EVENT_CONNECTED },
	{ "network", "disconnect", EVENT_DISCONNECTED },
	{ "network", "create", EVENT_NETWORK },
	{ "network", "update", EVENT_NETWORK },
	{ "network", "destroy", EVENT_NETWORK },
	{ "network", "remove", EVENT_NETWORK },
};

static enum engine_event_kind kind_of(const json_t *json)
{
	const char *type = json_string_value(json_object_get(json, "Type"));
	const char *action = json_string_value(json_object_get(json, "Action"));

	for (size_t i = 0; type && action && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].type, type) && !strcmp(kinds[i].action, action))
			return kinds[i].kind;
	return EVENT_OTHER;
}

/* When a container is connected, docker's event is about the network, with the container as an
 * attribute. podman's is about the container. */
static struct engine_event read_event(const json_t *json)
{
	const json_t *actor = json_object_get(json, "Actor");
	const json_t *attributes = json_object_get(actor, "Attributes");
	const char *id = json_string_value(json_object_get(actor, "ID"));
	const char *of_network = json_string_value(json_object_get(attributes, "container"));
	struct engine_event event = { .kind = kind_of(json), .network = "" };

	if (event.kind == EVENT_OTHER || event.kind == EVENT_NETWORK)
		return event;
	event.container = id;
	if ((event.kind == EVENT_CONNECTED || event.kind == EVENT_DISCONNECTED) && of_network) {
		event.container = of_network;
		event.network = json_string_value(json_object_get(attributes, "name"));
	}
	if (!event.container || !container_is_id(event.container) || !event.network)
		return (struct engine_event){ .kind = EVENT_OTHER };
	return event;
}

static int take_line(const char *line, size_t size,
		     int (*each)(void *data, const struct engine_event *event), void *data)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct engine_event event;
	int error = engine_json_load(line, size, &json);

	if (error)
		return error;
	event = read_event(json);
	return event.kind == EVENT_OTHER ? 0 : each(data, &event);
}

static int make_room(struct engine_events *events, size_t size)
{
	char *grown;

	if (size > LINE_MAX_SIZE)
		return error_set(-EPROTO, "an event of the container engine has no end");
	if (size <= events->capacity)
		return 0;
	grown = realloc(events->partial, 2 * size);
	if (!grown)
		return -ENOMEM;
	events->partial = grown;
	events->capacity = 2 * size;
	return 0;
}

static int append(struct engine_events *events, const char *bytes, size_t size)
{
	int error = make_room(events, events->size + size);

	if (error || !size)
		return error;
	memcpy(events->partial + events->size, bytes, size);
	events->size += size;
	return 0;
}

int engine_events_feed(struct engine_events *events, const char *bytes, size_t size,
		       int (*each)(void *data, const struct engine_event *event), void *data)
{
	const char *end = bytes + size, *newline;
	int error = 0;

	while (!error && (newline = memchr(bytes, '\n', end - bytes))) {
		error = append(events, bytes, newline - bytes);
		if (!error && events->size)
			error = take_line(events->partial, events->size, each, data);
		events->size = 0;
		bytes = newline + 1;
	}
	return error ? error : append(events, bytes, end - bytes);
}

void engine_events_clear(struct engine_events *events)
{
	free(events->partial);
	*events = (struct engine_events){ 0 };
}
