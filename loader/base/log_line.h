/* SPDX-License-Identifier: GPL-2.0-only */
/* One event of the log as text, for people or for machines. */
#ifndef PCTL_LOG_LINE_H
#define PCTL_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "log.h"

#define LOG_FIELDS_MAX 32

struct log_record {
	enum log_level level;
	struct timespec when;
	const char *message;
	struct {
		const char *name, *value;
	} fields[LOG_FIELDS_MAX];
	size_t count;
};

/* How a line of text looks, by where it goes. */
enum log_dress {
	DRESS_TIME, /* the time in front, local, as RFC 3339 has it */
	DRESS_COLOUR, /* the same, for a terminal */
	DRESS_PRIORITY, /* for systemd, which has the time: <N> in front of each line */
};

/*
 * "TIME policyctl: warning: message  name=value name="a value"". A value of several lines (what is
 * wrong with a file) stands below the others, indented. Both: malloc'd, with a newline at the end;
 * NULL without memory. What could steer a terminal is escaped.
 */
char *log_line_text(const struct log_record *event, enum log_dress dress);

/* {"time": …, "level": …, "message": …, "name": "value", …}, in UTC with microseconds. */
char *log_line_json(const struct log_record *event);

#endif
