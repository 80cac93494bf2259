// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "command.h"
#include "error.h"
#include "heard.h"
#include "rates.h"
#include "stats_output.h"
#include "terminal.h"
#include "util.h"
#include "watch.h"
#include "watch_screen.h"

#define MESSAGE_SECONDS 5 /* how long one stays on the screen */
#define FIRST_SECONDS 0.5 /* a view without rates is not worth a long look */
#define SAID_SIZE 512

/* A signal has no other way to say that it came. */
static volatile sig_atomic_t ended, resized;

struct watching {
	const struct watch_settings *settings;
	struct screen *screen; /* NULL: text */
	struct sample sample; /* the last one */
	char said[SAID_SIZE]; /* on standard error while it was taken */
	char message[SAID_SIZE]; /* what of that stands on the screen */
	double said_at;
	/* Signals blocked while it works, while it samples, and before it began. */
	sigset_t blocked, sampling, before;
};

static void on_signal(int signal)
{
	if (signal == SIGWINCH)
		resized = 1;
	else
		ended = 1;
}

/* They come only where it waits: in rest(), and in a sample, which may wait for the store's lock.
 * What is ignored stays ignored (nohup). */
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
	sigaddset(&watching->sampling, SIGWINCH); /* no reason to stop waiting */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static double monotonic(void)
{
	return ns_to_seconds(clock_monotonic_ns());
}

/* --- samples --- */

/* The last line of what was said is the message, without our name in front. */
static void set_message(struct watching *watching)
{
	static const char prefix[] = "policyctl: ";
	char text[SAID_SIZE], *line;

	snprintf(text, sizeof(text), "%s", watching->said);
	if (*text && text[strlen(text) - 1] == '\n')
		text[strlen(text) - 1] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	if (!strncmp(line, prefix, strlen(prefix)))
		line += strlen(prefix);
	if (*line) {
		snprintf(watching->message, sizeof(watching->message), "%s", line);
		watching->said_at = monotonic();
	} else if (monotonic() - watching->said_at > MESSAGE_SECONDS) {
		watching->message[0] = '\0';
	}
}

/* Passes on what was said; on the screen, or, unless it is the same as before, as it was. */
static void tell(struct watching *watching, const char *said)
{
	bool again = !strcmp(said, watching->said);

	if (!again && !(watching->screen && isatty(STDERR_FILENO)))
		fputs(said, stderr);
	if (!again)
		snprintf(watching->said, sizeof(watching->said), "%s", said);
	set_message(watching);
}

static int take(struct watching *watching)
{
	const struct watch_settings *settings = watching->settings;
	struct heard heard = heard_begin();
	char said[SAID_SIZE];
	struct sample new;
	int status;

	error_clear();
	sigprocmask(SIG_SETMASK, &watching->sampling, NULL);
	status = sample_take(settings->target, settings->owners, settings->json, &new);
	sigprocmask(SIG_BLOCK, &watching->blocked, NULL);
	heard_end(&heard, said, sizeof(said));
	if (status == EXIT_DONE && !new.count && !watching->screen) /* which says so anyway */
		snprintf(said, sizeof(said),
			 "policyctl: nothing is attached in this network namespace\n");
	if (!ended)
		tell(watching, said);
	if (watching->sample.clock > 0 && rates_between(&watching->sample, &new))
		status = command_failed(NULL, -ENOMEM, NULL);
	sample_free(&watching->sample);
	watching->sample = new;
	return status;
}

/* --- showing --- */

static int show_text(const struct watching *watching)
{
	char when[32];

	if (watching->settings->json)
		return stats_json_line(&watching->sample);
	readable_time(watching->sample.time, when);
	printf("%s\n", when);
	if (stats_table(&watching->sample, true) != EXIT_DONE)
		return EXIT_FAILED;
	putchar('\n');
	return EXIT_DONE;
}

/* False: nobody reads it any more; main() says why. */
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

/* Waits for keys, signals, and at most until then. False: the terminal is gone. */
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

/* Serves keys and the terminal's size until the time of the next sample. False: it is over. */
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

int watch(const struct watch_settings *settings)
{
	_cleanup_(screen_closep) struct screen *screen = NULL;
	struct watching watching = { .settings = settings };
	int status;

	catch_signals(&watching);
	status = take(&watching);
	if (status != EXIT_DONE && !watching.sample.count)
		return ended ? EXIT_DONE : status;
	if (!settings->json && screen_possible())
		screen = watching.screen = screen_open();
	if (!ended)
		go_on(&watching);
	sample_free(&watching.sample);
	return EXIT_DONE;
}
