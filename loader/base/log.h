/* SPDX-License-Identifier: GPL-2.0-only */
/* What daemon and sidecar say: structured lines on standard error, one event each. */
#ifndef PCTL_JOURNAL_H
#define PCTL_JOURNAL_H

enum journal_level {
	JOURNAL_DEBUG,
	JOURNAL_INFO,
	JOURNAL_WARNING,
	JOURNAL_ERROR,
};

enum journal_format {
	JOURNAL_TEXT, /* "policyctl: policy in force  container=web rules=2"; with the time if
		       * nobody else puts it there, with <N> in front for systemd */
	JOURNAL_JSON, /* an object a line: time, level, message, the fields */
};

/* Also sends notice() (error.h) through it. */
void journal_open(enum journal_format format, enum journal_level least);

/* Writes a line: message, then pairs of name and value, both strings, ended by NULL. A value that
 * is NULL is left out with its name. Values may hold anything: they are quoted where needed; in
 * text, one of several lines stands below, indented. Any thread may call it. */
void journal(enum journal_level level, const char *message, ...) __attribute__((sentinel));

/* A number as a string for a value, in a buffer of its own that lasts until the 16th call after. */
const char *journal_number(long long number);
const char *journal_milliseconds(double ms); /* "1.25" */

#endif
