// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "container_json.h"
#include "engine_json.h"
#include "error.h"
#include "util.h"

#define DOCKER_BRIDGE_OPTION "com.docker.network.bridge.name"

static int nonsense(const char *where)
{
	return error_set(-EPROTO, "the container engine's answer is not understood: %s", where);
}

static int load_list(const char *text, size_t size, const char *complaint, json_t **json)
{
	int error = engine_json_load(text, size, json);

	return !error && !json_is_array(*json) ? nonsense(complaint) : error;
}

/* --- strings --- */

/* "" where there is none (null). -EPROTO: not a string. */
static int copy_string(const json_t *json, const char *what, char **copy)
{
	if (json && !json_is_null(json) && !json_is_string(json))
		return nonsense(what);
	*copy = strdup(json_is_string(json) ? json_string_value(json) : "");
	return *copy ? 0 : -ENOMEM;
}

static int read_id(const json_t *json, struct container *container)
{
	const char *text = json_string_value(json_object_get(json, "Id"));

	if (!text || !container_is_id(text))
		return nonsense("a container's id is not 64 hexadecimal digits");
	strcpy(container->id, text);
	return 0;
}

/* --- containers --- */

/* "Name": "/web" for one container, "Names": ["/web"] in a list, where podman has an empty "Name"
 * too. A container that is being removed has no name: it gets its short id. */
static int read_name(const json_t *json, struct container *container)
{
	const json_t *name = json_array_get(json_object_get(json, "Names"), 0);
	_cleanup_(freep) char *copy = NULL;
	int error = copy_string(name ? name : json_object_get(json, "Name"), "a name", &copy);

	if (error)
		return error;
	if (*copy)
		container->name = strdup(copy + (*copy == '/'));
	else
		container->name = strndup(container->id, 12);
	return container->name ? 0 : -ENOMEM;
}

static int read_labels(const json_t *json, struct container *container)
{
	json_t *labels = json_object_get(json, "Labels");
	const char *name;
	json_t *value;

	if (!labels)
		labels = json_object_get(json_object_get(json, "Config"), "Labels");
	if (labels && !json_is_null(labels) && !json_is_object(labels))
		return nonsense("labels");
	container->labels = calloc(json_object_size(labels) + 1, sizeof(*container->labels));
	if (!container->labels)
		return -ENOMEM;
	json_object_foreach(labels, name, value)
	{
		struct label *label = &container->labels[container->label_count++];
		int error = copy_string(value, "a label", &label->value);

		if (error)
			return error;
		label->name = strdup(name);
		if (!label->name)
			return -ENOMEM;
	}
	return 0;
}

/* "": it has none there now. */
static int read_address(const json_t *text, int family, void *address, bool *has)
{
	const char *string = json_string_value(text);

	if (text && !json_is_null(text) && !string)
		return nonsense("an address of a container");
	*has = string && *string;
	return *has && inet_pton(family, string, address) != 1
		       ? nonsense("an address of a container")
		       : 0;
}

static int read_addresses(const json_t *endpoint, struct container_address *address)
{
	int error = read_address(json_object_get(endpoint, "IPAddress"), AF_INET, address->ipv4,
				 &address->has[0]);

	return error
		       ?: read_address(json_object_get(endpoint, "GlobalIPv6Address"), AF_INET6,
				       address->ipv6, &address->has[1]);
}

static int read_networks(const json_t *json, struct container *container)
{
	json_t *networks = json_object_get(json_object_get(json, "NetworkSettings"), "Networks");
	const char *name;
	json_t *value;

	if (networks && !json_is_null(networks) && !json_is_object(networks))
		return nonsense("networks of a container");
	container->networks = calloc(json_object_size(networks) + 1, sizeof(*container->networks));
	container->addresses =
		calloc(json_object_size(networks) + 1, sizeof(*container->addresses));
	if (!container->networks || !container->addresses)
		return -ENOMEM;
	json_object_foreach(networks, name, value)
	{
		size_t i = container->network_count;
		int error = read_addresses(value, &container->addresses[i]);

		if (error)
			return error;
		container->networks[i] = strdup(name);
		if (!container->networks[i])
			return -ENOMEM;
		container->network_count++;
	}
	return 0;
}

/* A container that is Restarting counts as Running in docker's answer, but not here. */
static int read_full_state(const json_t *state, struct container *container)
{
	json_int_t pid = json_integer_value(json_object_get(state, "Pid"));

	if (pid < 0 || pid > INT_MAX)
		return nonsense("a process id");
	container->running = json_is_true(json_object_get(state, "Running")) &&
			     !json_is_true(json_object_get(state, "Restarting"));
	container->pid = container->running ? (pid_t)pid : 0;
	return 0;
}

static int read_state(const json_t *json, struct container *container)
{
	const json_t *state = json_object_get(json, "State");
	const char *word = json_string_value(state);

	if (json_is_object(state))
		return read_full_state(state, container);
	if (!word)
		return nonsense("the state of a container");
	container->running =
		!strcmp(word, "running") || !strcmp(word, "paused") || !strcmp(word, "stopping");
	return 0;
}

static bool gives_net_admin(const char *capability)
{
	if (!strncasecmp(capability, "CAP_", 4))
		capability += 4;
	return !strcasecmp(capability, "ALL") || !strcasecmp(capability, "NET_ADMIN");
}

/* Lists have no "Privileged". --cap-drop is ignored: at worst a container counts as more powerful
 * than it is. */
static enum container_power power_of(const json_t *host)
{
	const json_t *privileged = json_object_get(host, "Privileged");
	const json_t *capabilities = json_object_get(host, "CapAdd");

	if (json_is_true(privileged))
		return POWER_NET_ADMIN;
	if (!json_is_false(privileged) ||
	    (!json_is_array(capabilities) && !json_is_null(capabilities)))
		return POWER_UNKNOWN;
	for (size_t i = 0; i < json_array_size(capabilities); i++) {
		const char *name = json_string_value(json_array_get(capabilities, i));

		if (!name)
			return POWER_UNKNOWN;
		if (gives_net_admin(name))
			return POWER_NET_ADMIN;
	}
	return POWER_PLAIN;
}

/* docker: "" or "host". podman: these too, and several words for a namespace of its own. */
static enum container_userns userns_of(const json_t *host)
{
	static const char *const own[] = { "private", "auto", "keep-id", "nomap" };
	const char *mode = json_string_value(json_object_get(host, "UsernsMode"));

	if (!mode)
		return USERNS_UNKNOWN;
	if (!*mode)
		return USERNS_OF_ENGINE;
	if (!strcmp(mode, "host"))
		return USERNS_HOST;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (!strncmp(mode, own[i], strlen(own[i])))
			return USERNS_OWN;
	return USERNS_UNKNOWN;
}

static int read_container(const json_t *json, struct container *container)
{
	const json_t *host = json_object_get(json, "HostConfig");
	int error = read_id(json, container);

	if (!error)
		error = read_name(json, container);
	if (!error)
		error = read_labels(json, container);
	if (!error)
		error = read_networks(json, container);
	if (!error)
		error = read_state(json, container);
	if (!error)
		error = copy_string(json_object_get(host, "NetworkMode"), "a network mode",
				    &container->network_mode);
	if (error)
		return error;
	container->power = power_of(host);
	container->userns = userns_of(host);
	return 0;
}

int container_parse(const char *text, size_t size, struct container *container)
{
	_cleanup_(container_clear) struct container new = { 0 };
	_cleanup_(json_decrefp) json_t *json = NULL;
	int error = engine_json_load(text, size, &json);

	if (!error)
		error = read_container(json, &new);
	if (error)
		return error;
	*container = new;
	new = (struct container){ 0 };
	return 0;
}

int containers_parse(const char *text, size_t size, struct container **items, size_t *count)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct container *new;
	int error = load_list(text, size, "not a list of containers", &json);

	if (error)
		return error;
	new = calloc(json_array_size(json) + 1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(json) && !error; i++)
		error = read_container(json_array_get(json, i), &new[i]);
	if (error) {
		containers_free(new, json_array_size(json));
		return error;
	}
	*items = new;
	*count = json_array_size(json);
	return 0;
}

/* --- networks --- */

/* A member by docker's name, or by podman's. */
static const json_t *member(const json_t *json, const char *docker, const char *podman)
{
	const json_t *value = json_object_get(json, docker);

	return value ? value : json_object_get(json, podman);
}

/* podman tells the name. docker tells one that was chosen, and else makes it from the id. */
static void find_bridge(const json_t *json, struct network *network)
{
	const char *name = json_string_value(json_object_get(json, "network_interface"));

	if (strcmp(network->driver, "bridge"))
		return;
	if (!name)
		name = json_string_value(
			json_object_get(json_object_get(json, "Options"), DOCKER_BRIDGE_OPTION));
	if (!name)
		snprintf(network->bridge, IF_NAMESIZE, "br-%.12s", network->id);
	else if (strlen(name) < IF_NAMESIZE)
		strcpy(network->bridge, name);
}

static int read_network(const json_t *json, struct network *network)
{
	const char *id = json_string_value(member(json, "Id", "id"));
	int error;

	if (!id || !*id || strlen(id) >= sizeof(network->id))
		return nonsense("a network's id");
	strcpy(network->id, id); /* a swarm's are not hexadecimal */
	error = copy_string(member(json, "Name", "name"), "a network's name", &network->name);
	if (!error)
		error = copy_string(member(json, "Driver", "driver"), "a network's driver",
				    &network->driver);
	if (!error)
		find_bridge(json, network);
	return error;
}

int networks_parse(const char *text, size_t size, struct network **items, size_t *count)
{
	_cleanup_(json_decrefp) json_t *json = NULL;
	struct network *new;
	int error = load_list(text, size, "not a list of networks", &json);

	if (error)
		return error;
	new = calloc(json_array_size(json) + 1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(json) && !error; i++)
		error = read_network(json_array_get(json, i), &new[i]);
	if (error) {
		networks_free(new, json_array_size(json));
		return error;
	}
	*items = new;
	*count = json_array_size(json);
	return 0;
}
