/* SPDX-License-Identifier: GPL-2.0-only */
/* What daemon and sidecar say: structured lines on standard error, one event each. */
#ifndef PCTL_LOG_H
#define PCTL_LOG_H

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
};

enum log_format {
	LOG_FORMAT_TEXT, /* "policyctl: policy in force  container=web rules=2"; with the time if
			  * nobody else puts it there, with <N> in front for systemd */
	LOG_FORMAT_JSON, /* an object a line: time, level, message, the fields */
};

/* Also sends notice() (error.h) through it. */
void log_open(enum log_format format, enum log_level least);

/* Writes a line: message, then pairs of name and value, both strings, ended by NULL. A value that
 * is NULL is left out with its name. Values may hold anything: they are quoted where needed; in
 * text, one of several lines stands below, indented. Any thread may call it. */
void log_event(enum log_level level, const char *message, ...) __attribute__((sentinel));

/* A number as a string for a value, in a buffer of its own that lasts until the 16th call after. */
const char *log_number(long long number);
const char *log_milliseconds(double ms); /* "1.25" */

#endif
