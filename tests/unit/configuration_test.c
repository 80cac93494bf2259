// SPDX-License-Identifier: GPL-2.0-only
/* The example of the configuration file, its documentation and the defaults agree. Errors and
 * forms: tests/golden/configuration*.conf. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "support.h"

#include "listen_address.h"
#include "policy_name.h"
#include "settings.h"

static char *read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

static struct configuration configuration_of(const char *text)
{
	char path[] = "/tmp/policyctl-test-XXXXXX";
	struct configuration configuration = {};
	struct diagnostics diagnostics = {};
	int fd = mkstemp(path), error;
	char *said;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	error = configuration_read(path, false, &configuration, &diagnostics);
	unlink(path);
	said = print_diagnostics(&diagnostics);
	assert_string_equal(said, "");
	free(said);
	assert_int_equal(error, 0);
	return configuration;
}

static void lists_are_same(char **a, size_t a_count, char **b, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++)
		assert_string_equal(a[i], b[i]);
}

static void are_defaults(struct configuration *got)
{
	struct configuration defaults = {};

	assert_int_equal(settings_default(&defaults), 0);
	assert_null(got->docker_socket);
	assert_null(got->metrics);
	assert_null(got->history);
	assert_null(got->unlabelled);
	assert_string_equal(got->policy_directory, defaults.policy_directory);
	assert_int_equal(got->log_format, defaults.log_format);
	assert_int_equal(got->log_level, defaults.log_level);
	assert_int_equal(got->hook, defaults.hook);
	assert_int_equal(got->mode, defaults.mode);
	assert_int_equal(got->faulty, defaults.faulty);
	assert_int_equal(got->faulty_change, defaults.faulty_change);
	lists_are_same(got->networks, got->network_count, defaults.networks,
		       defaults.network_count);
	lists_are_same(got->bridges, got->bridge_count, defaults.bridges, defaults.bridge_count);
	configuration_clear(&defaults);
	configuration_clear(got);
}

/* `text` with each `#name = ` made `name = `. */
static void uncomment(char *text)
{
	for (const struct setting *setting = settings; setting->section; setting++) {
		char line[128], *at;

		snprintf(line, sizeof(line), "\n#%s =%s%s\n", setting->name,
			 *setting->initial ? " " : "", setting->initial);
		at = strstr(text, line);
		if (!at)
			fail_msg("the example has no line '%s'", line + 1);
		at[1] = ' ';
		memmove(at + 1, at + 2, strlen(at + 2) + 1);
	}
	assert_null(strstr(text, "\n#docker"));
}

static void the_example_sets_nothing(void **state)
{
	char *text = read_whole(EXAMPLE);
	struct configuration configuration = configuration_of(text);

	(void)state;
	are_defaults(&configuration);
	free(text);
}

static void the_example_shows_the_defaults(void **state)
{
	char *text = read_whole(EXAMPLE);
	struct configuration configuration;

	(void)state;
	uncomment(text);
	configuration = configuration_of(text);
	are_defaults(&configuration);
	free(text);
}

/* | `section` | `name` | `default` | … |, or an empty default. */
static void are_listed(const struct setting *table, const char *document)
{
	char *text = read_whole(document);

	for (const struct setting *setting = table; setting->section; setting++) {
		const char *quote = *setting->initial ? "`" : "";
		char row[128];

		snprintf(row, sizeof(row), "\n| `[%s]` | `%s` | %s%s%s |", setting->section,
			 setting->name, quote, setting->initial, quote);
		assert_contains(text, row);
	}
	free(text);
}

static void the_documentation_lists_them(void **state)
{
	(void)state;
	are_listed(settings, DOCUMENT);
	are_listed(interface_settings, INTERFACES_DOCUMENT);
}

static void the_header_says_what_the_defaults_are(void **state)
{
	struct configuration configuration = configuration_of("");

	(void)state;
	assert_int_equal(configuration.mode, MODE_AUTO);
	assert_int_equal(configuration.hook, HOOK_CHOICE_AUTO);
	assert_int_equal(configuration.faulty, FAULTY_HOLD);
	assert_int_equal(configuration.faulty_change, FAULTY_KEEP);
	assert_int_equal(configuration.log_level, LOG_LEVEL_INFO);
	assert_int_equal(configuration.bridge_count, 4);
	are_defaults(&configuration);
}

static void no_file_is_an_empty_one_if_that_is_fine(void **state)
{
	struct configuration configuration = {};
	struct diagnostics diagnostics = {};

	(void)state;
	assert_int_equal(configuration_read("/nonexistent/x", false, &configuration, &diagnostics),
			 -ENOENT);
	assert_null(configuration.policy_directory);
	assert_int_equal(configuration_read("/nonexistent/x", true, &configuration, &diagnostics),
			 0);
	are_defaults(&configuration);
}

static void addresses(void **state)
{
	static const char *const good[] = { "127.0.0.1:9099", "0.0.0.0:1", "[::]:65535",
					    "[2001:db8::1]:80", "unix:/run/x" };
	static const char *const bad[] = { "",		 "127.0.0.1",	 "127.0.0.1:",
					   ":80",	 "127.0.0.1:0",	 "127.0.0.1:65536",
					   "1.2.3:80",	 "[::1]",	 "[::1:80",
					   "::1:80",	 "[]:80",	 "unix:",
					   "unix:x",	 "localhost:80", "127.0.0.1:8o",
					   "1.2.3.4:-1", "[::1%lo]:80" };
	struct listen_address address;
	char longest[200] = "unix:/";

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_int_equal(listen_address_parse(good[i], &address), 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(listen_address_parse(bad[i], &address), -EINVAL);
	memset(longest + 6, 'x', 106);
	assert_int_equal(listen_address_parse(longest, &address), 0);
	longest[112] = 'x';
	assert_int_equal(listen_address_parse(longest, &address), -EINVAL);
}

static void names_of_policies_are_no_paths(void **state)
{
	static const char *const bad[] = { "",	 ".",	"..",  ".x",	  "a/b",
					   "/x", "a b", "a\n", "\xc3\xa4" };
	char longest[66];

	(void)state;
	assert_true(policy_name_is_good("Web_2.0-x", 9));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(policy_name_is_good(bad[i], strlen(bad[i])));
	assert_false(policy_name_is_good("a\0b", 3));
	memset(longest, 'x', sizeof(longest));
	assert_true(policy_name_is_good(longest, 64));
	assert_false(policy_name_is_good(longest, 65));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_sets_nothing),
		cmocka_unit_test(the_example_shows_the_defaults),
		cmocka_unit_test(the_documentation_lists_them),
		cmocka_unit_test(the_header_says_what_the_defaults_are),
		cmocka_unit_test(no_file_is_an_empty_one_if_that_is_fine),
		cmocka_unit_test(addresses),
		cmocka_unit_test(names_of_policies_are_no_paths),
	};

	return cmocka_run_group_tests_name("configuration", tests, NULL, NULL);
}
