// SPDX-License-Identifier: GPL-2.0-only
/* policyctl learn: watches what passes, and writes a policy that allows just that. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "confirm_watcher.h"
#include "duration.h"
#include "error.h"
#include "guarded_output.h"
#include "learner.h"
#include "learnt_json.h"
#include "learnt_text.h"
#include "output.h"
#include "target_arguments.h"
#include "target_container.h"
#include "terminal.h"
#include "util.h"

#define USUAL_SECONDS 600
#define LONGEST (7 * 24 * 3600)
#define SPARE_SECONDS 60 /* for beginning and ending, before others put back what was there */
#define LOOK_MS 100
#define LOOKS_THOROUGH 10 /* each such look is a thorough one */

struct learning_command {
	const struct arguments *arguments;
	struct target target;
	struct learner learner;
	uint64_t seconds;
	uint64_t began_ns;
	const char *path; /* -o; NULL: standard output */
	int file; /* open on it; -1 */
	int signals;
};

static void learning_command_close(struct learning_command *command)
{
	learner_close(&command->learner);
	target_clear(&command->target);
	closep(&command->file);
	closep(&command->signals);
}

/* --- arguments --- */

static int read_arguments(struct learning_command *command)
{
	const struct arguments *arguments = command->arguments;
	const char *text;

	if (arguments_have(arguments, "for", &text))
		command->seconds = duration_parse(text, LONGEST);
	if (!command->seconds)
		return usage_failed(arguments->command,
				    "--for takes a time up to 7d, such as 30s or 10m, not %s",
				    text);
	if (!arguments_have(arguments, "output", &command->path) || !strcmp(command->path, "-"))
		command->path = NULL;
	if (!command->path)
		return EXIT_DONE;
	/* Now, since nobody wants to know in ten minutes that it cannot be written. What it holds
	 * stays until then. */
	command->file = open(command->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	return command->file < 0 ? command_failed(command->path, -errno, "nothing was changed")
				 : EXIT_DONE;
}

static int take_signals(struct learning_command *command)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	command->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return command->signals < 0 ? command_failed(NULL, -errno, "nothing was changed")
				    : EXIT_DONE;
}

/* --- learning --- */

static uint64_t seconds_gone(const struct learning_command *command)
{
	return (clock_boot_ns() - command->began_ns) / NS_PER_SECOND;
}

static void show_progress(const struct learning_command *command, bool last)
{
	char number[READABLE_NUMBER_SIZE];

	if (!isatty(STDERR_FILENO))
		return;
	fputs(guarded_sequence(SEQUENCE_CLEAR_LINE), stderr);
	if (!last)
		fprintf(stderr,
			"%s: learning, %llu of %llu s, %s connections so far (Ctrl-C ends it)",
			command->target.name, (unsigned long long)seconds_gone(command),
			(unsigned long long)command->seconds,
			readable_number(learner_connections(&command->learner), number));
	fflush(stderr);
}

/* Until the time is over, a signal comes, or nothing is left to learn from. */
static int learn(struct learning_command *command)
{
	struct pollfd wait = { .fd = command->signals, .events = POLLIN };
	size_t left = 1;
	int error = 0;

	for (unsigned int look = 0; !error && left && seconds_gone(command) < command->seconds;
	     look++) {
		bool thorough = look % LOOKS_THOROUGH == 0;

		if (thorough)
			show_progress(command, false);
		if (poll(&wait, 1, LOOK_MS) > 0)
			break;
		error = learner_look(&command->learner, thorough, &left);
	}
	show_progress(command, true);
	return error;
}

/* --- what is told --- */

static int write_file(const struct learning_command *command, const char *text)
{
	size_t length = strlen(text);
	ssize_t written;

	/* A pipe or a terminal cannot be cut. */
	if (ftruncate(command->file, 0) && errno != EINVAL)
		return -errno;
	while (length) {
		written = write(command->file, text, length);
		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			length -= written;
		}
	}
	return 0;
}

static void summarise(const struct learning_command *command, const struct learnt *learnt)
{
	const struct learning_gaps *gaps = &command->learner.gaps;
	size_t allowed = 0;

	while (allowed < learnt->count && !learnt->rules[allowed].unanswered)
		allowed++;
	notice("%s: learnt %zu rule%s from %llu connections in %llu s%s%s", command->target.name,
	       allowed, allowed == 1 ? "" : "s", (unsigned long long)command->learner.connections,
	       (unsigned long long)seconds_gone(command), command->path ? ", in " : "",
	       command->path ?: "");
	if (!learnt_is_whole(gaps))
		notice("%s: something may be missing: %llu connections were evicted unread, %llu "
		       "packets found the table full, %llu peers and ports had no room",
		       command->target.name, (unsigned long long)gaps->unseen,
		       (unsigned long long)gaps->refused, (unsigned long long)gaps->flows);
}

static int tell(struct learning_command *command)
{
	const struct learnt_about about = {
		.namer = learnt_names_find,
		.namer_data = &command->learner.names,
		.names = arguments_have(command->arguments, "addresses", NULL)
				 ? NULL
				 : &command->learner.names,
		.target = command->target.name,
		.began = (clock_realtime_ns() - (clock_boot_ns() - command->began_ns)) /
			 NS_PER_SECOND,
		.seconds = seconds_gone(command),
		.connections = command->learner.connections,
		.gaps = command->learner.gaps,
	};
	_cleanup_(learnt_clear) struct learnt learnt = {};
	_cleanup_(freep) char *text = NULL;
	int error = learnt_policy(&command->learner.flows,
				  arguments_have(command->arguments, "exact", NULL), &about,
				  &learnt, &text);

	if (error)
		return command_failed(command->target.name, error,
				      "what was there before is in force");
	error = command->path ? write_file(command, text) : 0;
	if (error)
		return command_failed(command->path, error, "what was there before is in force");
	summarise(command, &learnt);
	if (arguments_have(command->arguments, "json", NULL))
		return output_json(learnt_json(&learnt, &command->learner.flows, &about, text));
	if (!command->path)
		fputs(text, stdout);
	return EXIT_DONE;
}

/* --- the command --- */

/* What was there before is put back first of all: telling may wait for a pager. */
static int end(struct learning_command *command, int error)
{
	int last = learner_finish(&command->learner), back;

	if (error || last)
		command_failed(command->target.name, error ?: last, "learning has ended early");
	back = learner_put_back(&command->learner);
	if (back)
		command_failed(NULL, back,
			       "the policy to learn with is still in force; the next "
			       "policyctl command puts back what was there before");
	return tell(command) ?: (error || last || back ? EXIT_FAILED : EXIT_DONE);
}

static int run(const struct arguments *arguments)
{
	_cleanup_(learning_command_close) struct learning_command command = {
		.arguments = arguments,
		.seconds = USUAL_SECONDS,
		.file = -1,
		.signals = -1,
	};
	struct pending pending;
	int status = read_arguments(&command), error;

	if (status != EXIT_DONE)
		return status;
	error = confirm_watcher_start(command.seconds + SPARE_SECONDS, true, &pending);
	if (error)
		return command_failed(NULL, error, "nothing was changed");
	status = take_signals(&command);
	if (status == EXIT_DONE)
		status = target_from_arguments(arguments, arguments->operands[0], EXIT_FAILED,
					       &command.target);
	if (status != EXIT_DONE)
		return status;
	error = learner_open(&command.target, &pending, &command.learner);
	if (error)
		return target_status(error, EXIT_FAILED);
	command.began_ns = clock_boot_ns();
	target_notice_uncovered(&command.target);
	return end(&command, learn(&command));
}

const struct command command_learn = {
	.name = "learn",
	.synopsis = "IFACE [--for TIME] [-o FILE] [--exact] [--addresses] [--json]",
	.summary = "watch what passes, and write a policy that allows just that",
	.details =
		"Watches for TIME (10 minutes, or until Ctrl-C) which connections pass, and writes "
		"a\n"
		"policy for the container: default deny, a rule for each port or protocol that was "
		"used,\n"
		"with the peers that were seen and how much there was of it. Nothing is dropped "
		"meanwhile\n"
		"that was not dropped before: where no policy knows connections (`established`), "
		"one that\n"
		"does and changes no verdict is in force for this time. What was there before "
		"comes back\n"
		"however the command ends.\n\n"
		"Many peers of one network become the network, many ephemeral ports their range; "
		"--exact\n"
		"keeps to what was seen. Addresses that answers of DNS gave the container become "
		"sets of\n"
		"names, with `resolver`, unless --addresses is given. What nobody answered is a\n"
		"comment. The policy says when something may be missing, and what was seen only "
		"once.\n"
		"Read it, then try it:\n"
		"  policyctl learn veth0 --for 1h -o web.policy\n"
		"  policyctl attach veth0 --policy web.policy --audit",
	.options =
		(const struct option_row[]){
			{ "for", "TIME", "how long (30s, 10m, 1h); 10m by default" },
			{ "output", "FILE", "where the policy goes, replacing what it held" },
			{ "o", "FILE", NULL },
			{ "exact", NULL, "join no addresses to networks and no ports to ranges" },
			{ "addresses", NULL, "addresses, not the names by which they were learnt" },
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON: all that was learnt, and the policy" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
