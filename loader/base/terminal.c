// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guarded_output.h"
#include "terminal.h"

static bool is_coloured(int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

/* Remembers the answer: monitor asks for each line. */
bool terminal_wants_colour(FILE *stream)
{
	static enum { UNKNOWN, NO, YES } known[STDERR_FILENO + 1];
	int fd = stream == stdout ? STDOUT_FILENO : STDERR_FILENO;

	if (stream != stdout && stream != stderr)
		return false;
	if (known[fd] == UNKNOWN)
		known[fd] = is_coloured(fd) ? YES : NO;
	return known[fd] == YES;
}

const char *terminal_start(FILE *stream, enum colour colour)
{
	static const enum sequence sequences[] = {
		[COLOUR_RED] = SEQUENCE_RED,
		[COLOUR_GREEN] = SEQUENCE_GREEN,
		[COLOUR_YELLOW] = SEQUENCE_YELLOW,
		[COLOUR_FAINT] = SEQUENCE_FAINT,
	};

	if (colour == COLOUR_NONE || !terminal_wants_colour(stream))
		return "";
	return guarded_sequence(sequences[colour]);
}

const char *terminal_end(FILE *stream)
{
	return terminal_wants_colour(stream) ? guarded_sequence(SEQUENCE_PLAIN) : "";
}

void terminal_print(FILE *stream, enum colour colour, const char *format, ...)
{
	va_list args;

	fputs(terminal_start(stream, colour), stream);
	va_start(args, format);
	vfprintf(stream, format, args);
	va_end(args);
	fputs(terminal_end(stream), stream);
}

void readable_time(uint64_t seconds, char text[32])
{
	time_t when = seconds;
	struct tm parts;

	if (!localtime_r(&when, &parts) || !strftime(text, 32, "%Y-%m-%d %H:%M:%S", &parts))
		snprintf(text, 32, "@%llu", (unsigned long long)seconds);
}

const char *readable_number(uint64_t number, char text[READABLE_NUMBER_SIZE])
{
	char digits[READABLE_NUMBER_SIZE];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number), used = 0;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}
