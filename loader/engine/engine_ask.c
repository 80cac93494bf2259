// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "container_json.h"
#include "engine_ask.h"
#include "engine_json.h"
#include "engine_request.h"
#include "error.h"
#include "util.h"

#define START_TIMEOUT_MS 60000 /* an engine does not answer while the container starts */
#define LIST_TIMEOUT_MS 10000
#define NAME_SIZE 256 /* longer ones are no names */
#define NAME_CHARACTERS                                        \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789_.-"

/* @request: for the caller to clear, in any case */
static int ask(const char *socket, const char *path, int timeout_ms, struct engine_request *request)
{
	const struct curl *curl;
	int error = curl_load(&curl);

	if (!error)
		error = engine_request_init(request, curl, socket, path, timeout_ms);
	if (!error)
		error = engine_request_check(request, curl->curl_easy_perform(request->easy));
	return error;
}

/* -ENOTUNIQ if several ids begin with `name`, else 0. docker reports that as an error of the
 * server, podman 4.3 as "not found". */
static int check_ambiguous(const char *socket, const char *name)
{
	struct container *items = NULL;
	size_t count = 0, matches = 0;
	const char *first = NULL, *second = NULL;
	int error = engine_ask_containers(socket, LIST_TIMEOUT_MS, &items, &count);

	for (size_t i = 0; *name && i < count; i++) {
		if (strncmp(items[i].id, name, strlen(name)))
			continue;
		second = matches == 1 ? items[i].name : second;
		first = matches ? first : items[i].name;
		matches++;
	}
	if (!error && matches > 1)
		error = error_set(-ENOTUNIQ,
				  "%zu containers have an id that begins with '%s': %s, %s%s",
				  matches, name, first, second, matches > 2 ? ", …" : "");
	containers_free(items, count);
	return error;
}

static int explain_refusal(const char *socket, const char *name, int error)
{
	_cleanup_(freep) char *words = strdup(error_message(error));
	int ambiguous = check_ambiguous(socket, name);

	if (ambiguous)
		return ambiguous;
	return error_set(error, "%s", words ? words : "");
}

static bool may_be_name(const char *name)
{
	return isalnum((unsigned char)*name) && strlen(name) < NAME_SIZE &&
	       strspn(name, NAME_CHARACTERS) == strlen(name);
}

int engine_ask_container(const char *socket, const char *name, struct container *container)
{
	_cleanup_(engine_request_clear) struct engine_request request = { 0 };
	char path[NAME_SIZE + 32];
	int error = -ENOENT;

	if (may_be_name(name)) {
		snprintf(path, sizeof(path), "/containers/%s/json", name);
		error = ask(socket, path, START_TIMEOUT_MS, &request);
	}
	if (error == -ENOENT)
		error_set(error, "no container is called '%s'", name);
	if (error == -ENOENT || error == -EREMOTEIO)
		return explain_refusal(socket, name, error);
	return error ? error : container_parse(request.answer, request.size, container);
}

int engine_ask_containers(const char *socket, int timeout_ms, struct container **items,
			  size_t *count)
{
	_cleanup_(engine_request_clear) struct engine_request request = { 0 };
	int error = ask(socket, ENGINE_CONTAINERS, timeout_ms, &request);

	return error ? error : containers_parse(request.answer, request.size, items, count);
}

int engine_ask_networks(const char *socket, int timeout_ms, struct network **items, size_t *count)
{
	_cleanup_(engine_request_clear) struct engine_request request = { 0 };
	int error = ask(socket, ENGINE_NETWORKS, timeout_ms, &request);

	if (!error && request.podman) {
		engine_request_clear(&request);
		error = ask(socket, ENGINE_NETWORKS_PODMAN, timeout_ms, &request);
	}
	return error ? error : networks_parse(request.answer, request.size, items, count);
}

static int read_servers(const json_t *json, struct engine_servers *servers)
{
	const json_t *list = json_object_get(json_object_get(json, "HostConfig"), "Dns");

	*servers = (struct engine_servers){};
	if (list && !json_is_null(list) && !json_is_array(list))
		return error_set(-EPROTO, "the engine does not tell a container's name servers");
	for (size_t i = 0; i < json_array_size(list) && servers->count < ENGINE_SERVERS_MAX; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || strlen(text) >= sizeof(servers->items[0]))
			return error_set(-EPROTO, "a container's name server is no address");
		strcpy(servers->items[servers->count++], text);
	}
	return 0;
}

int engine_ask_servers(const char *socket, const char *id, int timeout_ms,
		       struct engine_servers *servers)
{
	_cleanup_(engine_request_clear) struct engine_request request = { 0 };
	_cleanup_(json_decrefp) json_t *json = NULL;
	char path[CONTAINER_ID_SIZE + 32];
	int error;

	snprintf(path, sizeof(path), "/containers/%s/json", id);
	error = ask(socket, path, timeout_ms, &request);
	error = error ?: engine_json_load(request.answer, request.size, &json);
	return error ?: read_servers(json, servers);
}

int engine_ask_version(const char *socket, int timeout_ms, struct engine_version *version)
{
	_cleanup_(engine_request_clear) struct engine_request request = { 0 };
	int error = ask(socket, ENGINE_VERSION, timeout_ms, &request);
	json_t *json = NULL;
	const char *words;

	error = error ?: engine_json_load(request.answer, request.size, &json);
	words = error ? NULL : json_string_value(json_object_get(json, "Version"));
	if (!error && !words)
		error = error_set(-EPROTO, "the engine does not say its version");
	if (!error) {
		snprintf(version->name, sizeof(version->name), "%s",
			 request.podman ? "podman" : "docker");
		snprintf(version->version, sizeof(version->version), "%s", words);
	}
	json_decref(json);
	return error;
}
