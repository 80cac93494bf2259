/* SPDX-License-Identifier: GPL-2.0-only */
/* The log of daemon and sidecar: structured lines on standard error, one for each event. */
#ifndef PCTL_LOG_H
#define PCTL_LOG_H

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
};

enum log_format {
	LOG_FORMAT_TEXT, /* "TIME policyctl: policy in force  container=web rules=2"; to systemd's
			  * journal by its own protocol, with the fields (log_journal.h) */
	LOG_FORMAT_JSON, /* one object for each line: time, level, message, the fields */
};

/* Opens the log; notice() (error.h) becomes a line of it too. */
void log_open(enum log_format format, enum log_level least);

/*
 * Writes a line: a message, then pairs of strings, name and value, ended by NULL. A pair whose
 * value is NULL is left out. Values may hold any bytes: they are quoted where needed, and in text a
 * value of several lines stands below the line, indented. Any thread may call it.
 */
void log_event(enum log_level level, const char *message, ...) __attribute__((sentinel));

/* A number as a string, for a value. It is valid until the 16th call after this one. */
const char *log_number(long long number);
const char *log_milliseconds(double ms); /* "1.25" */

#endif
