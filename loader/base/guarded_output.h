/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one way to standard output and standard error: streams that let through what a terminal may
 * get (printable.h), newlines, tabs, and escape sequences of our own. Every other byte is written
 * as \xNN, whoever printed it and wherever it came from.
 *
 * Our own escape sequences hold a random number of this process, which the stream takes out again.
 * So text of others cannot pass for one of them.
 */
#ifndef PCTL_GUARDED_OUTPUT_H
#define PCTL_GUARDED_OUTPUT_H

enum sequence {
	SEQUENCE_RED,
	SEQUENCE_GREEN,
	SEQUENCE_YELLOW,
	SEQUENCE_FAINT,
	SEQUENCE_PLAIN, /* ends a colour */
	SEQUENCE_CLEAR_LINE, /* to the beginning of the line, and clear it */
	SEQUENCE_COUNT,
};

/* Replaces stdout and stderr. From now on fileno() of them is -1. Returns 0 or a negative errno,
 * with the streams as they were. */
int guarded_output_open(void);

/* What to print on stdout or stderr for an escape sequence. */
const char *guarded_sequence(enum sequence sequence);

#endif
