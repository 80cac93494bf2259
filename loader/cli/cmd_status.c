// SPDX-License-Identifier: GPL-2.0-only
/* policyctl status: who keeps policies here, and how many attachments are in which state. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "abi.h"
#include "attachment_state.h"
#include "commands.h"
#include "endpoint.h"
#include "engine_ask.h"
#include "error.h"
#include "gate.h"
#include "output.h"
#include "printable.h"
#include "target_arguments.h"
#include "terminal.h"
#include "util.h"

#define ENGINE_TIMEOUT_MS 2000
#define STATES_MAX 32

/* How many attachments have one state. */
struct state {
	const char *word; /* attachment_state_word() */
	bool fine; /* in force, as far as its policy says */
	size_t count;
};

struct status {
	bool daemon; /* one runs in this network namespace */
	char socket[ENDPOINT_SIZE];
	bool engine_answers;
	struct engine_version engine;
	size_t containers; /* that run */
	char *engine_error;
	struct state states[STATES_MAX];
	size_t state_count, attachments, held;
	struct utsname kernel;
};

static void status_clear(struct status *status)
{
	free(status->engine_error);
}

/* --- looking --- */

static int count_state(struct session *session, struct attachment *attachment, void *data)
{
	struct status *status = data;
	const char *word = attachment_state_word(attachment);
	size_t i = 0;

	(void)session;
	while (i < status->state_count && strcmp(status->states[i].word, word))
		i++;
	if (i == STATES_MAX)
		return EXIT_DONE;
	if (i == status->state_count)
		status->states[status->state_count++] =
			(struct state){ word, attachment_in_place(attachment), 0 };
	status->states[i].count++;
	return EXIT_DONE;
}

static int look_at_gates(struct status *status)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) struct held *held = NULL;
	int error = session_open(&session, PINS_READ);

	if (!error)
		status->daemon = gate_check_daemon(&session) == -EBUSY;
	error_clear();
	error = error ?: gates_held(&session, &held, &status->held);
	return error ? command_failed(NULL, error, NULL) : EXIT_DONE;
}

static void look_at_engine(struct status *status)
{
	struct container *items = NULL;
	size_t count = 0;
	int error = engine_ask_version(status->socket, ENGINE_TIMEOUT_MS, &status->engine);

	error = error ?: engine_ask_containers(status->socket, ENGINE_TIMEOUT_MS, &items, &count);
	status->engine_answers = !error;
	if (error)
		status->engine_error = strdup(error_message(error));
	for (size_t i = 0; i < count; i++)
		status->containers += items[i].running;
	containers_free(items, count);
	error_clear();
}

/* --- telling --- */

static void begin_line(const char *subject)
{
	printf("%-13s ", subject);
}

static void print_daemon(const struct status *status)
{
	begin_line("daemon");
	if (status->daemon)
		terminal_print(stdout, COLOUR_GREEN, "runs");
	else
		terminal_print(stdout, COLOUR_YELLOW, "does not run");
	puts(status->daemon ? "" : ": what is in force stays in force, new containers get nothing");
}

static void print_engine(const struct status *status)
{
	begin_line("engine");
	if (status->engine_answers) {
		printf("%s %s at %s, %zu container%s running\n", status->engine.name,
		       status->engine.version, status->socket, status->containers,
		       status->containers == 1 ? " is" : "s are");
		return;
	}
	terminal_print(stdout, COLOUR_YELLOW, "none answers");
	printf(": %s\n", status->engine_error ?: status->socket);
}

static void print_attachments(const struct status *status)
{
	begin_line("attachments");
	printf("%zu", status->attachments);
	for (size_t i = 0; i < status->state_count; i++) {
		printf("%s%zu ", i ? ", " : ": ", status->states[i].count);
		terminal_print(stdout, status->states[i].fine ? COLOUR_GREEN : COLOUR_RED, "%s",
			       status->states[i].word);
	}
	putchar('\n');
	if (!status->held)
		return;
	begin_line("held");
	printf("%zu interface%s, until it is known what is behind: policyctl list\n", status->held,
	       status->held == 1 ? "" : "s");
}

static int print_text(struct status *status)
{
	printable_one_line(status->engine.version);
	if (status->engine_error)
		printable_one_line(status->engine_error);
	begin_line("policyctl");
	printf("%s (format %d, libbpf %s), Linux %s\n", PCTL_VERSION, PCTL_ABI_VERSION,
	       libbpf_version_string() + 1, status->kernel.release);
	print_daemon(status);
	print_engine(status);
	print_attachments(status);
	return EXIT_DONE;
}

static json_t *states_json(const struct status *status)
{
	json_t *states = json_object();

	for (size_t i = 0; i < status->state_count; i++)
		json_object_set_new(states, status->states[i].word,
				    json_integer((json_int_t)status->states[i].count));
	return states;
}

static json_t *engine_json(const struct status *status)
{
	if (!status->engine_answers)
		return json_pack("{s:s, s:b, s:s?}", "socket", status->socket, "answers", 0,
				 "error", status->engine_error);
	return json_pack("{s:s, s:b, s:s, s:s, s:I}", "socket", status->socket, "answers", 1,
			 "name", status->engine.name, "version", status->engine.version,
			 "containers", (json_int_t)status->containers);
}

static int print_json(const struct status *status)
{
	return output_json(json_pack("{s:s, s:i, s:s, s:s, s:b, s:o, s:I, s:o, s:I}", "version",
				     PCTL_VERSION, "format", PCTL_ABI_VERSION, "libbpf",
				     libbpf_version_string() + 1, "kernel", status->kernel.release,
				     "daemon", status->daemon, "engine", engine_json(status),
				     "attachments", (json_int_t)status->attachments, "states",
				     states_json(status), "held", (json_int_t)status->held));
}

static int run(const struct arguments *arguments)
{
	_cleanup_(status_clear) struct status status = {};
	const struct target all = {};
	const char *socket = NULL;
	int result;

	arguments_have(arguments, "docker-socket", &socket);
	if (endpoint_find(socket, status.socket))
		return usage_failed(arguments->command, "%s", error_message(-EINVAL));
	uname(&status.kernel);
	result = target_each(&all, PINS_READ, count_state, &status, &status.attachments);
	result = result ?: look_at_gates(&status);
	if (result)
		return result;
	look_at_engine(&status);
	return arguments_have(arguments, "json", NULL) ? print_json(&status) : print_text(&status);
}

const struct command command_status = {
	.name = "status",
	.synopsis = "[--json] [--docker-socket PATH]",
	.summary = "who keeps policies here, and what is in force, at a glance",
	.details = "The versions, whether the daemon runs in this network namespace, whether the "
		   "engine\n"
		   "answers, and how many attachments are in which state. policyctl list has them "
		   "one\n"
		   "by one; policyctl doctor says what is wrong and what to do.",
	.options =
		(const struct option_row[]){
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
