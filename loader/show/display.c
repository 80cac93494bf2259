// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "display.h"
#include "util.h"

static bool is_coloured(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(stream)) && !(no_color && *no_color) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

/* Asked for each of ten thousand lines. */
bool display_wants_colour(FILE *stream)
{
	static enum { UNKNOWN, NO, YES } known[STDERR_FILENO + 1];
	int fd = fileno(stream);

	if (fd < 0 || fd > STDERR_FILENO)
		return false;
	if (known[fd] == UNKNOWN)
		known[fd] = is_coloured(stream) ? YES : NO;
	return known[fd] == YES;
}

const char *display_start(FILE *stream, enum colour colour)
{
	static const char *const sequences[] = {
		[COLOUR_NONE] = "",	     [COLOUR_RED] = "\033[31m",
		[COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
		[COLOUR_FAINT] = "\033[2m",
	};

	return display_wants_colour(stream) ? sequences[colour] : "";
}

const char *display_end(FILE *stream)
{
	return display_wants_colour(stream) ? "\033[0m" : "";
}

void display_coloured(FILE *stream, enum colour colour, const char *format, ...)
{
	va_list args;

	fputs(display_start(stream, colour), stream);
	va_start(args, format);
	vfprintf(stream, format, args);
	va_end(args);
	fputs(display_end(stream), stream);
}

void display_time(uint64_t seconds, char text[32])
{
	time_t when = seconds;
	struct tm parts;

	if (!localtime_r(&when, &parts) || !strftime(text, 32, "%Y-%m-%d %H:%M:%S", &parts))
		snprintf(text, 32, "@%llu", (unsigned long long)seconds);
}

const char *display_number(uint64_t number, char text[DISPLAY_NUMBER_SIZE])
{
	char digits[DISPLAY_NUMBER_SIZE];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number), used = 0;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}

json_t *display_json_text(const char *text)
{
	json_t *value = json_string(text);
	_cleanup_(freep) char *ascii = value ? NULL : strdup(text);

	if (!ascii)
		return value;
	for (char *byte = ascii; *byte; byte++)
		if ((unsigned char)*byte > '~')
			*byte = '?';
	return json_string(ascii);
}

int display_json(json_t *value)
{
	int failed = value ? json_dumpf(value, stdout, JSON_INDENT(2)) : -1;

	putchar('\n');
	json_decref(value);
	return failed ? command_failed(NULL, -ENOMEM, NULL) : EXIT_DONE;
}

int display_json_in(json_t *array, json_t *value)
{
	if (!array)
		return display_json(value);
	return json_array_append_new(array, value) ? command_failed(NULL, -ENOMEM, NULL)
						   : EXIT_DONE;
}
