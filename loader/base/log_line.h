/* SPDX-License-Identifier: GPL-2.0-only */
/* One event of the log as a line, for people or for machines. */
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

/* What stands in front of a line of text: this depends on where it goes. */
enum log_dress {
	DRESS_TIME, /* local time as in RFC 3339 */
	DRESS_COLOUR, /* the same, and the message has the colour of its level: for a terminal */
	DRESS_PRIORITY, /* <N>, for systemd, which adds the time itself */
	DRESS_BARE, /* nothing, not even "policyctl:" */
};

/*
 * "TIME policyctl: warning: message  name=value name="a value"". A value of several lines (what is
 * wrong with a file) stands below the others, indented. Control characters are escaped, so that no
 * value can steer a terminal. Malloc'd, with a newline at the end; NULL without memory.
 */
char *log_line_text(const struct log_record *event, enum log_dress dress);

/* {"time": …, "level": …, "message": …, "name": "value", …}; the time is UTC with microseconds.
 * Malloc'd likewise. */
char *log_line_json(const struct log_record *event);

#endif
