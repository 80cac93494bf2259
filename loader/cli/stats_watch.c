// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "error.h"
#include "rates.h"
#include "screen.h"
#include "stats_output.h"
#include "stats_watch.h"
#include "target_arguments.h"
#include "terminal.h"
#include "util.h"

#define MESSAGE_SECONDS 5 /* how long a message stays on the screen */
#define FIRST_SECONDS 0.5 /* to the second sample: the first view has no rates */
#define SAID_SIZE 512

/* Set by the signal handler. */
static volatile sig_atomic_t ended, resized;

struct watching {
	const struct watch_settings *settings;
	struct screen *screen; /* NULL: text */
	struct sample sample; /* the last one */
	char told[SAID_SIZE]; /* what was last said on standard error */
	char message[SAID_SIZE]; /* what stands on the screen */
	double said_at;
	/* Signals that are blocked while it works; while it samples; before it began. */
	sigset_t blocked, sampling, before;
};

static void on_signal(int signal)
{
	if (signal == SIGWINCH)
		resized = 1;
	else
		ended = 1;
}

/* Signals are handled only where it waits: in rest(), and while a sample waits for the pins's
 * lock. Those that nohup has ignored stay ignored. */
static void catch_signals(struct watching *watching)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGWINCH };
	const struct sigaction action = { .sa_handler = on_signal };
	struct sigaction old;

	ended = resized = 0;
	sigemptyset(&watching->blocked);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&watching->blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &watching->blocked, &watching->before);
	watching->sampling = watching->before;
	sigaddset(&watching->sampling, SIGWINCH); /* must not end the wait for the lock */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static double monotonic(void)
{
	return ns_to_seconds(clock_monotonic_ns());
}

/* --- samples --- */

/* Notices and failures of the sample that is being taken. Static, since say() is a listener. */
static struct {
	char lines[SAID_SIZE]; /* for standard error */
	char last[SAID_SIZE]; /* the last line, without "policyctl: " */
} said;

static void say(const char *words)
{
	size_t used = strlen(said.lines);

	snprintf(said.lines + used, sizeof(said.lines) - used, "policyctl: %s\n", words);
	snprintf(said.last, sizeof(said.last), "%s", words);
}

static void say_failures(const struct failures *failures)
{
	char words[SAID_SIZE];

	for (size_t i = 0; i < failures->count; i++) {
		const struct failure *failure = &failures->items[i];

		snprintf(words, sizeof(words), "%s%s%s", failure->subject ?: "",
			 failure->subject ? ": " : "", failure_words(failure));
		say(words);
	}
}

/* A message stays on the screen for some seconds after the last sample that caused it. */
static void set_message(struct watching *watching)
{
	if (*said.last) {
		snprintf(watching->message, sizeof(watching->message), "%s", said.last);
		watching->said_at = monotonic();
	} else if (monotonic() - watching->said_at > MESSAGE_SECONDS) {
		watching->message[0] = '\0';
	}
}

/* Shows the messages on the screen; prints them on standard error unless they are as before. */
static void tell(struct watching *watching)
{
	if (strcmp(said.lines, watching->told) != 0) {
		if (!(watching->screen && isatty(STDERR_FILENO)))
			fputs(said.lines, stderr);
		snprintf(watching->told, sizeof(watching->told), "%s", said.lines);
	}
	set_message(watching);
}

/* Takes the next sample, which replaces the last one. Returns as sample_take(). */
static int take(struct watching *watching)
{
	const struct watch_settings *settings = watching->settings;
	notice_listener *before = notice_to(say);
	struct sample new;
	int result;

	said.lines[0] = said.last[0] = '\0';
	error_clear();
	sigprocmask(SIG_SETMASK, &watching->sampling, NULL);
	result = sample_take(settings->target, settings->lookup, settings->json, &new);
	sigprocmask(SIG_BLOCK, &watching->blocked, NULL);
	notice_to(before);
	say_failures(&new.failures);
	if (!result && !new.failures.error && !new.count && !watching->screen)
		say("nothing is attached in this network namespace"); /* the screen says so anyway
								       */
	if (result && watching->sample.clock > 0)
		say(error_message(result));
	if (watching->sample.clock > 0 && rates_between(&watching->sample, &new))
		say(strerror(ENOMEM));
	if (!ended)
		tell(watching);
	sample_free(&watching->sample);
	watching->sample = new;
	return result;
}

/* Takes the first sample. Fails if there is nothing to show, unless a signal came meanwhile. */
static int take_first(struct watching *watching)
{
	int result = take(watching);

	if (ended || watching->sample.count)
		return EXIT_DONE;
	if (watching->sample.failures.error)
		return EXIT_FAILED;
	return target_status(result, EXIT_NOT_ATTACHED);
}

/* --- showing --- */

static int show_text(const struct watching *watching)
{
	char when[32];

	int error;

	if (watching->settings->json) {
		error = stats_json_line(&watching->sample);
	} else {
		readable_time(watching->sample.time, when);
		printf("%s\n", when);
		error = stats_table(&watching->sample, true);
		putchar('\n');
	}
	return error ? command_failed(NULL, error, NULL) : EXIT_DONE;
}

/* False: the output cannot be written any more; main() says why. */
static bool show(const struct watching *watching)
{
	const struct screen_words words = {
		.interval = watching->settings->interval,
		.message = watching->message,
	};

	if (!watching->screen)
		return show_text(watching) == EXIT_DONE && !fflush(stdout);
	screen_draw(watching->screen, &watching->sample, &words);
	return true;
}

/* --- waiting --- */

/* Waits for keys or a signal, and at most until a time. False: the terminal is gone. */
static bool wait_for(const struct watching *watching, double until, bool *typed)
{
	struct pollfd keys = { .fd = watching->screen ? STDIN_FILENO : -1, .events = POLLIN };
	double left = until - monotonic();
	struct timespec timeout = {};

	if (left > 0)
		timeout = (struct timespec){ left, (left - (time_t)left) * 1e9 };
	*typed = ppoll(&keys, 1,
		       watching->screen && screen_paused(watching->screen) ? NULL : &timeout,
		       &watching->before) > 0;
	return !*typed || !(keys.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* Handles keys and the terminal's size until the time of the next sample. False: to end. */
static bool rest(const struct watching *watching, double until)
{
	bool typed;

	while (!ended &&
	       (monotonic() < until || (watching->screen && screen_paused(watching->screen)))) {
		if (!wait_for(watching, until, &typed))
			return false;
		if (typed && !screen_keys(watching->screen))
			return false;
		if (resized && watching->screen)
			screen_resize(watching->screen);
		if (watching->screen && (resized || typed))
			show(watching);
		resized = 0;
	}
	return !ended;
}

static void go_on(struct watching *watching)
{
	double interval = watching->settings->interval, next = monotonic();

	next += watching->screen && interval > FIRST_SECONDS ? FIRST_SECONDS : interval;
	while (show(watching) && rest(watching, next)) {
		take(watching);
		next = next + interval > monotonic() ? next + interval : monotonic() + interval;
	}
}

int stats_watch(const struct watch_settings *settings)
{
	_cleanup_(screen_closep) struct screen *screen = NULL;
	struct watching watching = { .settings = settings };
	int status;

	catch_signals(&watching);
	status = take_first(&watching);
	if (status != EXIT_DONE || ended)
		return status;
	if (!settings->json && screen_possible())
		screen = watching.screen = screen_open();
	go_on(&watching);
	sample_free(&watching.sample);
	return EXIT_DONE;
}
