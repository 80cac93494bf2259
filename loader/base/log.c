// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "log.h"
#include "log_journal.h"
#include "log_line.h"
#include "progress.h"
#include "terminal.h"
#include "util.h"

static struct {
	enum log_format format;
	enum log_level least;
	enum log_dress dress;
} log_setup = { LOG_FORMAT_TEXT, LOG_LEVEL_INFO, DRESS_TIME };

/* Keeps lines of different threads apart. */
static pthread_mutex_t one_line = PTHREAD_MUTEX_INITIALIZER;

/* Does standard error lead to systemd's journal? JOURNAL_STREAM names the journal's stream, but
 * children inherit it even if their standard error leads elsewhere (systemd.exec(5)). */
static bool systemd_reads(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &status) && status.st_dev == device && status.st_ino == inode;
}

static void write_all(const char *line)
{
	size_t left = strlen(line);

	while (left) {
		ssize_t written = write(STDERR_FILENO, line, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return; /* there is no other place to say so */
		line += written;
		left -= written;
	}
}

static void say(struct log_record *event)
{
	_cleanup_(freep) char *line = NULL;
	int error = errno;

	event->when = ns_to_timespec(clock_realtime_ns());
	if (log_setup.format == LOG_FORMAT_TEXT && log_setup.dress == DRESS_PRIORITY &&
	    !log_journal_send(event)) {
		errno = error;
		return;
	}
	line = log_setup.format == LOG_FORMAT_JSON ? log_line_json(event)
						   : log_line_text(event, log_setup.dress);
	pthread_mutex_lock(&one_line);
	write_all(line ?: "policyctl: out of memory\n");
	pthread_mutex_unlock(&one_line);
	errno = error;
}

void log_event(enum log_level level, const char *message, ...)
{
	struct log_record event = { .level = level, .message = message };
	const char *name, *value;
	va_list pairs;

	if (level < log_setup.least)
		return;
	va_start(pairs, message);
	while ((name = va_arg(pairs, const char *))) {
		value = va_arg(pairs, const char *);
		if (!value || event.count == LOG_FIELDS_MAX)
			continue;
		event.fields[event.count].name = name;
		event.fields[event.count++].value = value;
	}
	va_end(pairs);
	say(&event);
}

static void hear_notice(const char *words)
{
	log_event(LOG_LEVEL_INFO, words, NULL);
}

void log_open(enum log_format format, enum log_level least)
{
	log_setup.format = format;
	log_setup.least = least;
	log_setup.dress = systemd_reads()		  ? DRESS_PRIORITY
			  : terminal_wants_colour(stderr) ? DRESS_COLOUR
							  : DRESS_TIME;
	notice_to(hear_notice);
	progress_to(NULL); /* a bar would stand between the lines of other threads */
}

static char *number_buffer(size_t *size)
{
	static _Thread_local char buffers[16][32];
	static _Thread_local unsigned int next;

	*size = sizeof(buffers[0]);
	return buffers[next++ % ARRAY_SIZE(buffers)];
}

const char *log_number(long long number)
{
	size_t size;
	char *text = number_buffer(&size);

	snprintf(text, size, "%lld", number);
	return text;
}

const char *log_milliseconds(double ms)
{
	size_t size;
	char *text = number_buffer(&size);

	snprintf(text, size, "%.2f", ms);
	return text;
}
