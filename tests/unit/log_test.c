// SPDX-License-Identifier: GPL-2.0-only
/* Lines of the log, as text and as JSON, and where they go. */
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#include "error.h"
#include "log.h"
#include "log_line.h"

static const struct log_record in_force = {
	.level = LOG_LEVEL_INFO,
	.when = { .tv_sec = 1795191631, .tv_nsec = 42117999 }, /* 2026-11-20 16:20:31 UTC */
	.message = "policy in force",
	.fields = { { "interface", "veth1" }, { "why", "a \"b\" \\c=" }, { "empty", "" } },
	.count = 3,
};

static void text_is(const struct log_record *event, enum log_dress dress, const char *expected)
{
	char *line = log_line_text(event, dress);

	assert_non_null(line);
	assert_string_equal(line, expected);
	free(line);
}

static void text_has_local_time(void **state)
{
	(void)state;
	setenv("TZ", "CET-1", 1);
	tzset();
	text_is(&in_force, DRESS_TIME,
		"2026-11-20T17:20:31.042+01:00 policyctl: policy in force  interface=veth1 "
		"why=\"a \\\"b\\\" \\\\c=\" empty=\"\"\n");
	setenv("TZ", "NST3:30", 1);
	tzset();
	text_is(&(struct log_record){ .when = in_force.when, .message = "m" }, DRESS_TIME,
		"2026-11-20T12:50:31.042-03:30 policyctl: debug: m\n");
}

static void systemd_gets_priorities(void **state)
{
	static const char *const expected[] = {
		[LOG_LEVEL_DEBUG] = "<7>policyctl: debug: m\n",
		[LOG_LEVEL_INFO] = "<6>policyctl: m\n",
		[LOG_LEVEL_WARNING] = "<4>policyctl: warning: m\n",
		[LOG_LEVEL_ERROR] = "<3>policyctl: error: m\n",
	};
	struct log_record event = { .message = "m" };

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		event.level = i;
		text_is(&event, DRESS_PRIORITY, expected[i]);
	}
}

static void terminals_get_colour(void **state)
{
	const struct log_record event = { .level = LOG_LEVEL_ERROR, .message = "m" };
	char *line = log_line_text(&event, DRESS_COLOUR);

	(void)state;
	assert_contains(line, " policyctl: \033[31merror: m\033[0m\n");
	free(line);
}

static void several_lines_stand_below(void **state)
{
	const struct log_record event = {
		.level = LOG_LEVEL_ERROR,
		.message = "policy file refused",
		.fields = { { "details", "web:1:7: error: no\n    deny\ttpc\n        \t^~~\n" },
			    { "file", "web" } },
		.count = 2,
	};

	(void)state;
	text_is(&event, DRESS_PRIORITY,
		"<3>policyctl: error: policy file refused  file=web\n"
		"<3>    web:1:7: error: no\n"
		"<3>        deny\ttpc\n"
		"<3>            \t^~~\n");
}

static void a_terminal_is_not_steered(void **state)
{
	const struct log_record event = {
		.message = "\033[2J\n",
		.fields = { { "a", "\033]0;x\a\xff\r\t" }, { "b", "\033\n\033" } },
		.count = 2,
	};

	(void)state;
	text_is(&event, DRESS_PRIORITY,
		"<7>policyctl: debug: \\x1b[2J\\n  a=\"\\x1b]0;x\\x07\\xff\\x0d\\t\"\n"
		"<7>    \\x1b\n<7>    \\x1b\n");
}

static void json_is_an_object_a_line(void **state)
{
	const struct log_record odd = {
		.level = LOG_LEVEL_WARNING,
		.message = "m",
		.fields = { { "bytes", "a\xff\n\"" } },
		.count = 1,
	};
	char *line = log_line_json(&in_force);

	(void)state;
	assert_string_equal(line, "{\"time\":\"2026-11-20T16:20:31.042117Z\",\"level\":\"info\","
				  "\"message\":\"policy in force\",\"interface\":\"veth1\","
				  "\"why\":\"a \\\"b\\\" \\\\c=\",\"empty\":\"\"}\n");
	free(line);
	line = log_line_json(&odd);
	assert_string_equal(line, "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"warning\","
				  "\"message\":\"m\",\"bytes\":\"a?\\n\\\"\"}\n");
	free(line);
}

/* --- what arrives on standard error --- */

static int kept_stderr;
static FILE *heard;

static int listen_to_stderr(void **state)
{
	(void)state;
	fflush(stderr);
	kept_stderr = dup(STDERR_FILENO);
	heard = tmpfile();
	return !heard || kept_stderr < 0 || dup2(fileno(heard), STDERR_FILENO) < 0;
}

static int let_stderr_go(void **state)
{
	(void)state;
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	fclose(heard);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

static void arrived(char *text, size_t size)
{
	ssize_t got = pread(fileno(heard), text, size - 1, 0);

	assert_true(got >= 0);
	text[got] = '\0';
}

static void levels_choose(void **state)
{
	char text[4096];

	(void)state;
	log_open(LOG_FORMAT_JSON, LOG_LEVEL_WARNING);
	log_event(LOG_LEVEL_INFO, "not this", NULL);
	log_event(LOG_LEVEL_WARNING, "this", "a", "1", "left", NULL, "b", "2", NULL);
	notice("%s", "nor this");
	arrived(text, sizeof(text));
	assert_null(strstr(text, "not this"));
	assert_null(strstr(text, "nor this"));
	assert_contains(text,
			"\"level\":\"warning\",\"message\":\"this\",\"a\":\"1\",\"b\":\"2\"}");
}

static void notices_come_through_it(void **state)
{
	char text[4096];

	(void)state;
	log_open(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	notice("%s is gone", "veth\"7");
	arrived(text, sizeof(text));
	assert_int_equal(*text, '{');
	assert_contains(text, "\"level\":\"info\",\"message\":\"veth\\\"7 is gone\"}\n");
}

static void systemd_is_known_by_its_stream(void **state)
{
	struct stat status;
	char stream[64], text[4096];

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	log_event(LOG_LEVEL_INFO, "one", NULL);
	/* as from a parent with another standard error */
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
	log_event(LOG_LEVEL_INFO, "two", NULL);
	arrived(text, sizeof(text));
	if (access("/run/systemd/journal/socket",
		   W_OK)) /* else the journal of this machine has it */
		assert_ptr_equal(strstr(text, "<6>policyctl: one\n2"), text);
	assert_contains(text, " policyctl: two\n");
}

#define LINES_EACH 500

static void *talk(void *name)
{
	for (int i = 0; i < LINES_EACH; i++)
		log_event(LOG_LEVEL_INFO, "said", "by", name, "number", log_number(i), NULL);
	return NULL;
}

/* Each thread's lines are whole, and in its order. */
static void threads_do_not_mix(void **state)
{
	static char text[1 << 20];
	long next[2] = {};
	pthread_t other;
	int lines = 0;

	(void)state;
	log_open(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	assert_int_equal(pthread_create(&other, NULL, talk, "1"), 0);
	talk("0");
	pthread_join(other, NULL);
	arrived(text, sizeof(text));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
		json_t *object = json_loads(line, 0, NULL);
		int by;

		assert_non_null(object);
		by = atoi(json_string_value(json_object_get(object, "by")));
		assert_int_equal(atol(json_string_value(json_object_get(object, "number"))),
				 next[by]++);
		json_decref(object);
	}
	assert_int_equal(lines, 2 * LINES_EACH);
}

static void numbers_last_for_sixteen_calls(void **state)
{
	const char *first = log_number(-1234567890123), *ms = log_milliseconds(1.254);

	(void)state;
	for (int i = 0; i < 14; i++)
		log_number(i);
	assert_string_equal(first, "-1234567890123");
	assert_string_equal(ms, "1.25");
}

#define HEARD(test) cmocka_unit_test_setup_teardown(test, listen_to_stderr, let_stderr_go)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_local_time),
		cmocka_unit_test(systemd_gets_priorities),
		cmocka_unit_test(terminals_get_colour),
		cmocka_unit_test(several_lines_stand_below),
		cmocka_unit_test(a_terminal_is_not_steered),
		cmocka_unit_test(json_is_an_object_a_line),
		HEARD(levels_choose),
		HEARD(notices_come_through_it),
		HEARD(systemd_is_known_by_its_stream),
		HEARD(threads_do_not_mix),
		cmocka_unit_test(numbers_last_for_sixteen_calls),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
