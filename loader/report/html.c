// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "printable.h"
#include "util.h"

static void put_character(FILE *out, const char *text, size_t length)
{
	switch (*text) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		fwrite(text, 1, length, out);
	}
}

void html_text(FILE *out, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t length = *text == '\n' ? 1 : printable_character(text, left);

		if (length)
			put_character(out, text, length);
		else
			fputc('?', out);
		length = length ?: 1;
		text += length;
		left -= length;
	}
}

void html_print(FILE *out, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	html_text(out, text ?: "");
}
