// SPDX-License-Identifier: GPL-2.0-only
/* Where the container engine is: --docker-socket, DOCKER_HOST, the default. */
#include <errno.h>

#include "endpoint.h"
#include "error.h"
#include "support.h"

static char path[ENDPOINT_SIZE];

static void set_host(const char *value)
{
	if (value)
		setenv("DOCKER_HOST", value, 1);
	else
		unsetenv("DOCKER_HOST");
}

static void the_first_that_is_given_counts(void **state)
{
	static const struct {
		const char *given, *host, *path;
	} rows[] = {
		{ NULL, NULL, "/var/run/docker.sock" },
		{ NULL, "", "/var/run/docker.sock" },
		{ NULL, "unix:///run/podman/podman.sock", "/run/podman/podman.sock" },
		{ NULL, "/run/other.sock", "/run/other.sock" },
		{ "/run/a", "unix:///run/b", "/run/a" },
		{ "unix:///run/a", NULL, "/run/a" },
		{ "docker.sock", "tcp://203.0.113.1:2375", "docker.sock" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		set_host(rows[i].host);
		assert_int_equal(endpoint_find(rows[i].given, path), 0);
		assert_string_equal(path, rows[i].path);
	}
}

static void what_is_no_local_socket_is_refused(void **state)
{
	static const struct {
		const char *given, *host, *words;
	} rows[] = {
		{ "tcp://198.18.0.1:2375", NULL,
		  "--docker-socket: 'tcp://198.18.0.1:2375' is not" },
		{ NULL, "ssh://root@198.18.0.1", "DOCKER_HOST: 'ssh://root@198.18.0.1' is not" },
		{ "unix://tcp://x", NULL, "is not a socket of this host" },
		{ "npipe:////./pipe/x", NULL, "no veth here" },
		{ "", "/run/x", "--docker-socket names no socket" },
		{ NULL, "unix://", "DOCKER_HOST names no socket" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		strcpy(path, "untouched");
		set_host(rows[i].host);
		assert_int_equal(endpoint_find(rows[i].given, path), -EINVAL);
		assert_contains(error_message(-EINVAL), rows[i].words);
		assert_string_equal(path, "untouched");
	}
}

static void a_path_has_to_fit(void **state)
{
	char given[ENDPOINT_SIZE + 1];

	(void)state;
	memset(given, 'x', sizeof(given));
	given[ENDPOINT_SIZE - 1] = '\0';
	assert_int_equal(endpoint_find(given, path), 0);
	assert_string_equal(path, given);
	given[ENDPOINT_SIZE - 1] = 'x';
	given[ENDPOINT_SIZE] = '\0';
	assert_int_equal(endpoint_find(given, path), -EINVAL);
	assert_contains(error_message(-EINVAL), "at most 107 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_is_given_counts),
		cmocka_unit_test(what_is_no_local_socket_is_refused),
		cmocka_unit_test(a_path_has_to_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
