// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "guarded_output.h"
#include "printable.h"
#include "util.h"

#define TOKEN_SIZE 32
#define OUT_SIZE 65536
#define ESCAPED "\\x%02x"
#define ESCAPED_LENGTH 4

/* What the terminal gets. */
static const char *const sequences[SEQUENCE_COUNT] = {
	[SEQUENCE_RED] = "\033[31m",	[SEQUENCE_GREEN] = "\033[32m",
	[SEQUENCE_YELLOW] = "\033[33m", [SEQUENCE_FAINT] = "\033[2m",
	[SEQUENCE_PLAIN] = "\033[0m",	[SEQUENCE_CLEAR_LINE] = "\r\033[K",
};

/* What is printed for it; "" before guarded_output_open(). */
static char tokens[SEQUENCE_COUNT][TOKEN_SIZE];

struct guard {
	int fd;
	bool coloured; /* a colour of ours has begun */
	bool failed; /* in this call */
	char held[TOKEN_SIZE]; /* the beginning of a character or of a token */
	size_t held_length;
	char out[OUT_SIZE];
	size_t used;
};

const char *guarded_sequence(enum sequence sequence)
{
	return *tokens[sequence] ? tokens[sequence] : sequences[sequence];
}

/* --- writing --- */

static void flush(struct guard *guard)
{
	for (size_t at = 0; at < guard->used && !guard->failed;) {
		ssize_t written = write(guard->fd, guard->out + at, guard->used - at);

		guard->failed = written < 0;
		at += written > 0 ? written : 0;
	}
	guard->used = 0;
}

static void put(struct guard *guard, const char *text, size_t length)
{
	if (guard->used + length > sizeof(guard->out))
		flush(guard);
	memcpy(guard->out + guard->used, text, length); /* a character or a sequence fits */
	guard->used += length;
}

static void put_escaped(struct guard *guard, char byte)
{
	char text[ESCAPED_LENGTH + 1];

	snprintf(text, sizeof(text), ESCAPED, (unsigned char)byte);
	put(guard, text, ESCAPED_LENGTH);
}

/* --- taking pieces of the text --- */

/* libsmartcols ends a colour by itself. Where one of ours has begun, anybody may end it. */
static const char *accepted(const struct guard *guard, enum sequence sequence, bool plain)
{
	if (!plain)
		return tokens[sequence];
	return sequence == SEQUENCE_PLAIN && guard->coloured ? sequences[sequence] : "";
}

/* A sequence at the beginning of the text. Returns its length; 0: there is none; -1: only its
 * beginning is there. */
static ssize_t take_sequence(struct guard *guard, const char *text, size_t length)
{
	for (int i = 0; i < 2 * SEQUENCE_COUNT; i++) {
		enum sequence sequence = i / 2;
		const char *form = accepted(guard, sequence, i % 2);
		size_t size = strlen(form), common = size < length ? size : length;

		if (!size || memcmp(text, form, common) != 0)
			continue;
		if (common < size)
			return -1;
		put(guard, sequences[sequence], strlen(sequences[sequence]));
		if (sequence != SEQUENCE_CLEAR_LINE)
			guard->coloured = sequence != SEQUENCE_PLAIN;
		return size;
	}
	return 0;
}

/* Takes a piece of the text. Returns its length; 0: it goes on in the next text. */
static size_t take(struct guard *guard, const char *text, size_t length)
{
	size_t size = printable_character(text, length);
	ssize_t sequence;

	if (size || *text == '\n' || *text == '\t') {
		put(guard, text, size ?: 1);
		return size ?: 1;
	}
	if (printable_is_begun(text, length))
		return 0;
	sequence = *text == '\033' || *text == '\r' ? take_sequence(guard, text, length) : 0;
	if (!sequence)
		put_escaped(guard, *text);
	return sequence < 0 ? 0 : sequence ?: 1;
}

/* Completes what was held back, byte by byte. Returns how many bytes of the text that took. */
static size_t complete_held(struct guard *guard, const char *text, size_t length)
{
	size_t used = 0;

	while (guard->held_length) {
		size_t taken = take(guard, guard->held, guard->held_length);

		if (taken) {
			guard->held_length -= taken;
			memmove(guard->held, guard->held + taken, guard->held_length);
		} else if (used < length) {
			guard->held[guard->held_length++] = text[used++];
		} else {
			break;
		}
	}
	return used;
}

static ssize_t guarded_write(void *cookie, const char *text, size_t length)
{
	struct guard *guard = cookie;
	size_t at, taken = 1;

	guard->failed = false;
	at = complete_held(guard, text, length);
	while (at < length && taken) {
		taken = take(guard, text + at, length - at);
		at += taken;
	}
	guard->held_length += length - at;
	memcpy(guard->held + guard->held_length - (length - at), text + at, length - at);
	flush(guard);
	return guard->failed ? 0 : length; /* 0 is the error of fopencookie(3) */
}

/* --- opening --- */

static FILE *open_stream(int fd, int buffering)
{
	static struct guard guards[STDERR_FILENO + 1];
	const cookie_io_functions_t functions = { .write = guarded_write };
	FILE *stream;

	guards[fd].fd = fd;
	stream = fopencookie(&guards[fd], "w", functions);
	if (stream)
		setvbuf(stream, NULL, buffering, 0);
	return stream;
}

static void make_tokens(uint64_t number)
{
	for (int i = 0; i < SEQUENCE_COUNT; i++)
		snprintf(tokens[i], TOKEN_SIZE, "\033[%016llx%c", (unsigned long long)number,
			 'a' + i);
}

int guarded_output_open(void)
{
	FILE *output, *errors;
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -errno;
	output = open_stream(STDOUT_FILENO, _IOFBF);
	errors = open_stream(STDERR_FILENO, _IONBF);
	if (!output || !errors)
		return -ENOMEM;
	make_tokens(number);
	stdout = output;
	stderr = errors;
	return 0;
}
