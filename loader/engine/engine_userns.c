// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "engine_json.h"
#include "engine_parts.h"
#include "error.h"
#include "util.h"

/* GET /info: docker with userns-remap has "name=userns" among its SecurityOptions. */
static bool remaps(const char *text, size_t size)
{
	const json_t *options;
	json_t *json = NULL;
	bool found = false;

	if (engine_json_load(text, size, &json))
		return false;
	options = json_object_get(json, "SecurityOptions");
	for (size_t i = 0; i < json_array_size(options); i++) {
		const char *option = json_string_value(json_array_get(options, i));

		found = found || (option && !strcmp(option, "name=userns"));
	}
	json_decref(json);
	return found;
}

static void on_info(void *data, const char *none, const struct engine_request *request, int error)
{
	struct engine *engine = data;

	(void)none;
	engine->userns = !error && remaps(request->answer, request->size) ? ENGINE_USERNS_OWN
									  : ENGINE_USERNS_HOST;
	error_clear();
	for (size_t i = 0; i < engine->cache.count; i++)
		if (engine->cache.items[i]->power == POWER_NET_ADMIN)
			engine->observer.container(engine->observer.data,
						   engine->cache.items[i]->id, ENGINE_UPDATED);
}

enum engine_userns engine_userns(struct engine *engine)
{
	if (engine->userns != ENGINE_USERNS_UNKNOWN || engine->userns_asked ||
	    engine->state == ENGINE_LOST)
		return engine->userns;
	engine->userns_asked = true;
	engine_ask(engine, &(struct engine_question){
				   .path = "/info",
				   .timeout_ms = ENGINE_LIST_TIMEOUT_MS,
				   .done = on_info,
				   .data = engine,
			   });
	return engine->userns;
}
