// SPDX-License-Identifier: GPL-2.0-only
/* Containers and networks from real answers of dockerd 20.10 and podman 4.3 (answers/), and from
 * answers that no engine should give. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "cleanup.h"
#include "container_json.h"
#include "error.h"
#include "support.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CONTAINER(rest) "{\"Id\": \"" ID "\", \"Name\": \"/web\"" rest "}"
#define STATE ", \"State\": \"running\""

/* --- what was answered --- */

static const char *const containers_files[] = { "docker-containers", "podman-containers" };
static const char *const container_files[] = { "docker-container", "podman-container" };
static const char *const networks_files[] = { "docker-networks", "podman-networks" };

static char *answer(const char *name)
{
	_cleanup_(freep) char *path = NULL;
	FILE *file;
	char *text = NULL;
	size_t size = 0;

	assert_true(asprintf(&path, "%s/%s.json", ANSWERS, name) > 0);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

static struct container container_of_file(const char *name)
{
	_cleanup_(freep) char *text = answer(name);
	struct container container;

	assert_int_equal(container_parse(text, strlen(text), &container), 0);
	return container;
}

static void one_of_docker(void **state)
{
	_cleanup_(container_clear) struct container container =
		container_of_file("docker-container");

	(void)state;
	assert_string_equal(container.id,
			    "09a8ac512dc76986015e341ee3d6511697cf9c327dfa82cf36021b7c6420fc64");
	assert_string_equal(container.name, "web");
	assert_string_equal(container.network_mode, "default");
	assert_int_equal(container.label_count, 2);
	assert_string_equal(container_label(&container, "policyctl.deny"), "tcp");
	assert_string_equal(container_label(&container, "a"), "b c");
	assert_null(container_label(&container, "b"));
	assert_int_equal(container.network_count, 2);
	assert_string_equal(container.networks[0], "bridge");
	assert_string_equal(container.networks[1], "net1");
	assert_true(container.addresses[0].has[0]);
	assert_false(container.addresses[0].has[1]);
	assert_memory_equal(container.addresses[0].ipv4, ((uint8_t[]){ 198, 18, 1, 2 }), 4);
	assert_memory_equal(container.addresses[1].ipv4, ((uint8_t[]){ 198, 18, 131, 2 }), 4);
	assert_true(container.running);
	assert_int_equal(container.pid, 12861);
	assert_int_equal(container.power, POWER_NET_ADMIN);
}

static void one_of_podman(void **state)
{
	_cleanup_(container_clear) struct container container =
		container_of_file("podman-container");

	(void)state;
	assert_string_equal(container.name, "shared");
	assert_string_equal(
		container.network_mode,
		"container:62995a883c116d4cd8389d173e881a57dca6613fe1718ac134ac93143dfec22a");
	assert_int_equal(container.label_count, 0);
	assert_true(container.running); /* paused */
	assert_int_equal(container.pid, 13363);
	assert_int_equal(container.power, POWER_PLAIN);
}

static void list_of_docker(void **state)
{
	_cleanup_(freep) char *text = answer("docker-containers");
	struct container *items;
	size_t count;

	(void)state;
	assert_int_equal(containers_parse(text, strlen(text), &items, &count), 0);
	assert_int_equal(count, 3);
	assert_string_equal(items[0].name, "host");
	assert_string_equal(items[0].network_mode, "host");
	assert_false(items[0].running);
	assert_string_equal(items[1].name, "shared");
	assert_string_equal(
		items[1].network_mode,
		"container:09a8ac512dc76986015e341ee3d6511697cf9c327dfa82cf36021b7c6420fc64");
	assert_int_equal(items[1].network_count, 0);
	assert_string_equal(container_label(&items[2], "policyctl.deny"), "tcp");
	assert_true(items[2].running);
	assert_int_equal(items[2].network_count, 2);
	assert_int_equal(items[2].pid, 0);
	assert_int_equal(items[2].power, POWER_UNKNOWN);
	containers_free(items, count);
}

static void list_of_podman(void **state)
{
	_cleanup_(freep) char *text = answer("podman-containers");
	struct container *items;
	size_t count;

	(void)state;
	assert_int_equal(containers_parse(text, strlen(text), &items, &count), 0);
	assert_int_equal(count, 3);
	assert_string_equal(items[0].name, "web");
	assert_string_equal(items[0].network_mode, "");
	assert_string_equal(items[0].networks[0], "podman");
	assert_true(items[0].running);
	assert_false(items[1].running); /* created */
	assert_true(items[2].running); /* paused */
	assert_int_equal(items[2].power, POWER_UNKNOWN);
	containers_free(items, count);
}

static void networks_have_bridges(void **state)
{
	static const struct {
		const char *name, *driver, *bridge;
	} rows[] = {
		{ "none", "null", "" },
		{ "host", "host", "" },
		{ "bridge", "bridge", "docker0" },
		{ "net1", "bridge", "br-d7b19001c6cd" },
		{ "net1", "bridge", "cni-podman1" },
		{ "net2", "bridge", "cni-podman2" },
		{ "podman", "bridge", "cni-podman0" },
	};
	size_t row = 0;

	(void)state;
	for (size_t file = 0; file < COUNT(networks_files); file++) {
		_cleanup_(freep) char *text = answer(networks_files[file]);
		struct network *items;
		size_t count;

		assert_int_equal(networks_parse(text, strlen(text), &items, &count), 0);
		for (size_t i = 0; i < count; i++, row++) {
			assert_string_equal(items[i].name, rows[row].name);
			assert_string_equal(items[i].driver, rows[row].driver);
			assert_string_equal(items[i].bridge, rows[row].bridge);
		}
		networks_free(items, count);
	}
	assert_int_equal(row, COUNT(rows));
}

/* --- single members --- */

static void capabilities_make_power(void **state)
{
	static const struct {
		const char *host;
		enum container_power power;
	} rows[] = {
		{ "\"Privileged\": false, \"CapAdd\": null", POWER_PLAIN },
		{ "\"Privileged\": false, \"CapAdd\": []", POWER_PLAIN },
		{ "\"Privileged\": false, \"CapAdd\": [\"SYS_ADMIN\", \"NET_RAW\"]", POWER_PLAIN },
		{ "\"Privileged\": false, \"CapAdd\": [\"NET_ADMINISTRATOR\"]", POWER_PLAIN },
		{ "\"Privileged\": true, \"CapAdd\": null", POWER_NET_ADMIN },
		{ "\"Privileged\": true", POWER_NET_ADMIN },
		{ "\"Privileged\": false, \"CapAdd\": [\"NET_ADMIN\"]", POWER_NET_ADMIN },
		{ "\"Privileged\": false, \"CapAdd\": [\"CHOWN\", \"CAP_NET_ADMIN\"]",
		  POWER_NET_ADMIN },
		{ "\"Privileged\": false, \"CapAdd\": [\"cap_net_admin\"]", POWER_NET_ADMIN },
		{ "\"Privileged\": false, \"CapAdd\": [\"all\"]", POWER_NET_ADMIN },
		{ "\"Privileged\": false, \"CapAdd\": [\"CAP_ALL\"]", POWER_NET_ADMIN },
		{ "\"CapAdd\": null", POWER_UNKNOWN },
		{ "\"Privileged\": null, \"CapAdd\": null", POWER_UNKNOWN },
		{ "\"Privileged\": false, \"CapAdd\": \"NET_ADMIN\"", POWER_UNKNOWN },
		{ "\"Privileged\": false, \"CapAdd\": [7]", POWER_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(container_clear) struct container container = { 0 };
		_cleanup_(freep) char *text = NULL;

		assert_true(asprintf(&text, CONTAINER(STATE ", \"HostConfig\": {%s}"),
				     rows[i].host) > 0);
		assert_int_equal(container_parse(text, strlen(text), &container), 0);
		assert_int_equal(container.power, rows[i].power);
	}
}

static void modes_make_user_namespaces(void **state)
{
	static const struct {
		const char *host;
		enum container_userns userns;
	} rows[] = {
		{ "\"UsernsMode\": \"\"", USERNS_OF_ENGINE },
		{ "\"UsernsMode\": \"host\"", USERNS_HOST },
		{ "\"UsernsMode\": \"private\"", USERNS_OWN },
		{ "\"UsernsMode\": \"keep-id:uid=7\"", USERNS_OWN },
		{ "\"UsernsMode\": \"container:web\"", USERNS_UNKNOWN },
		{ "\"UsernsMode\": 7", USERNS_UNKNOWN },
		{ "\"Privileged\": true", USERNS_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(container_clear) struct container container = { 0 };
		_cleanup_(freep) char *text = NULL;

		assert_true(asprintf(&text, CONTAINER(STATE ", \"HostConfig\": {%s}"),
				     rows[i].host) > 0);
		assert_int_equal(container_parse(text, strlen(text), &container), 0);
		assert_int_equal(container.userns, rows[i].userns);
	}
}

static void states_run_or_not(void **state)
{
	static const struct {
		const char *json;
		bool running;
		pid_t pid;
	} rows[] = {
		{ "\"running\"", true, 0 },
		{ "\"paused\"", true, 0 },
		{ "\"restarting\"", false, 0 },
		{ "\"created\"", false, 0 },
		{ "\"exited\"", false, 0 },
		{ "\"removing\"", false, 0 },
		{ "\"dead\"", false, 0 },
		{ "{\"Running\": true, \"Pid\": 7}", true, 7 },
		{ "{\"Running\": true, \"Restarting\": true, \"Pid\": 0}", false, 0 },
		{ "{\"Running\": false, \"Pid\": 7}", false, 0 },
		{ "{}", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(container_clear) struct container container = { 0 };
		_cleanup_(freep) char *text = NULL;

		assert_true(asprintf(&text, CONTAINER(", \"State\": %s"), rows[i].json) > 0);
		assert_int_equal(container_parse(text, strlen(text), &container), 0);
		assert_int_equal(container.running, rows[i].running);
		assert_int_equal(container.pid, rows[i].pid);
	}
}

/* Cut at the zero byte, both would be labels of ours. */
static void a_zero_byte_cuts_nothing_off(void **state)
{
	static const char text[] =
		CONTAINER(STATE ", \"Labels\": {\"policyctl.deny\\u0000x\": \"tcp\", "
				"\"policyctl.allow\": \"tcp\\u0000 udp\", "
				"\"slash\": \"\\\\u0000\"}");
	_cleanup_(container_clear) struct container container = { 0 };

	(void)state;
	assert_int_equal(container_parse(text, strlen(text), &container), 0);
	assert_int_equal(container.label_count, 3);
	assert_null(container_label(&container, "policyctl.deny"));
	assert_string_equal(container_label(&container, "policyctl.deny\xef\xbf\xbdx"), "tcp");
	assert_string_equal(container_label(&container, "policyctl.allow"), "tcp\xef\xbf\xbd udp");
}

static void a_nameless_one_is_called_by_its_id(void **state)
{
	static const char text[] = "[{\"Id\": \"" ID "\", \"Names\": null" STATE "}]";
	struct container *items;
	size_t count;

	(void)state;
	assert_int_equal(containers_parse(text, strlen(text), &items, &count), 0);
	assert_string_equal(items[0].name, "0123456789ab");
	containers_free(items, count);
}

/* --- what no engine should answer --- */

static void nonsense_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"null",
		"7",
		"[",
		"[]",
		"{}",
		"<html></html>",
		"{\"Id\": \"0123\", \"Name\": \"/web\"" STATE "}",
		"{\"Id\": \"" ID "0\", \"Name\": \"/web\"" STATE "}",
		"{\"Id\": "
		"\"../../../../etc/passwd/../../../../../../../../../../../../../../x\"" STATE "}",
		"{\"Id\": 7, \"Name\": \"/web\"" STATE "}",
		CONTAINER(""),
		CONTAINER(", \"State\": 7"),
		CONTAINER(", \"State\": {\"Running\": true, \"Pid\": -1}"),
		CONTAINER(", \"State\": {\"Running\": true, \"Pid\": 4294967297}"),
		CONTAINER(STATE ", \"Labels\": []"),
		CONTAINER(STATE ", \"Labels\": {\"a\": 7}"),
		CONTAINER(STATE ", \"Names\": [7]"),
		CONTAINER(STATE ", \"NetworkSettings\": {\"Networks\": \"bridge\"}"),
		CONTAINER(STATE ", \"HostConfig\": {\"NetworkMode\": []}"),
		CONTAINER(STATE) "x",
	};
	struct container untouched = { .pid = 7 };
	struct network *networks = NULL;
	struct container *items = NULL;
	size_t count = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *text = rows[i];
		bool list = !strcmp(text, "[]");

		assert_int_equal(container_parse(text, strlen(text), &untouched), -EPROTO);
		assert_contains(error_message(-EPROTO), "is not understood: ");
		assert_int_equal(untouched.pid, 7);
		if (list)
			continue;
		assert_int_equal(containers_parse(text, strlen(text), &items, &count), -EPROTO);
		assert_int_equal(networks_parse(text, strlen(text), &networks, &count), -EPROTO);
		assert_int_equal(count, 7);
	}
}

static void parse_and_forget(const char *text, size_t size)
{
	_cleanup_(container_clear) struct container container = { 0 };
	struct container *items = NULL;
	struct network *networks = NULL;
	size_t count = 0;
	int error = container_parse(text, size, &container);

	assert_true(!error || error == -EPROTO);
	error = containers_parse(text, size, &items, &count);
	assert_true(!error || error == -EPROTO);
	containers_free(items, count);
	count = 0;
	error = networks_parse(text, size, &networks, &count);
	assert_true(!error || error == -EPROTO);
	networks_free(networks, count);
}

static void parse_json(const json_t *json)
{
	_cleanup_(freep) char *text = json_dumps(json, JSON_COMPACT);

	parse_and_forget(text, strlen(text));
}

/* Replaces each value, one at a time, by one of another type. */
static void twist(json_t *root, json_t *json)
{
	static const char *const kinds[] = { "null", "true", "-7", "\"x\"", "[7]", "{\"a\": 7}" };
	json_t *value;
	const char *name;
	void *next;

	json_object_foreach_safe(json, next, name, value)
	{
		json_incref(value);
		for (size_t i = 0; i < COUNT(kinds); i++) {
			json_object_set_new(json, name,
					    json_loads(kinds[i], JSON_DECODE_ANY, NULL));
			parse_json(root);
		}
		json_object_set_new(json, name, value);
		twist(root, value);
	}
	for (size_t i = 0; json_is_array(json) && i < json_array_size(json); i++)
		twist(root, json_array_get(json, i));
}

static void twisted_answers_do_no_harm(void **state)
{
	const char *const names[] = { containers_files[0], containers_files[1], container_files[0],
				      container_files[1],  networks_files[0],	networks_files[1] };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		_cleanup_(freep) char *text = answer(names[i]);
		json_t *json = json_loads(text, 0, NULL);

		twist(json, json);
		json_decref(json);
	}
}

static void damaged_answers_do_no_harm(void **state)
{
	struct random random = { 7 };
	_cleanup_(freep) char *text = answer(containers_files[0]);
	size_t size = strlen(text);

	(void)state;
	for (size_t cut = 0; cut < size; cut += 7)
		parse_and_forget(text, cut);
	for (size_t i = 0; i < 3000; i++) {
		size_t place = random_below(&random, size);
		char byte = text[place];

		text[place] = (char)random_below(&random, 256);
		parse_and_forget(text, size);
		text[place] = byte;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_docker),
		cmocka_unit_test(one_of_podman),
		cmocka_unit_test(list_of_docker),
		cmocka_unit_test(list_of_podman),
		cmocka_unit_test(networks_have_bridges),
		cmocka_unit_test(capabilities_make_power),
		cmocka_unit_test(modes_make_user_namespaces),
		cmocka_unit_test(states_run_or_not),
		cmocka_unit_test(a_zero_byte_cuts_nothing_off),
		cmocka_unit_test(a_nameless_one_is_called_by_its_id),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(twisted_answers_do_no_harm),
		cmocka_unit_test(damaged_answers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
