// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "printable.h"
#include "util.h"

json_t *json_text(const char *text)
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

json_t *json_text_or_null(const char *text)
{
	return *text ? json_text(text) : json_null();
}

/* \uXXXX, or a surrogate pair of two of them (RFC 8259, section 7). */
static void put_escaped(FILE *out, uint32_t character)
{
	if (character > 0xffff) {
		fprintf(out, "\\u%04x", 0xd800 + ((character - 0x10000) >> 10));
		character = 0xdc00 + ((character - 0x10000) & 0x3ff);
	}
	fprintf(out, "\\u%04x", character);
}

/* Of what is escaped, only the newlines of JSON_INDENT stand outside of strings. */
static void put_all(FILE *out, const char *text)
{
	size_t left = strlen(text), length;
	uint32_t character;

	for (; left; text += length, left -= length) {
		length = *text == '\n' ? 1 : printable_character(text, left);
		if (length) {
			fwrite(text, 1, length, out);
			continue;
		}
		length = printable_decode(text, left, &character); /* jansson writes valid UTF-8 */
		put_escaped(out, length ? character : 0xfffd);
		length = length ?: 1;
	}
}

char *json_text_of(const json_t *value, size_t flags)
{
	_cleanup_(freep) char *plain = json_dumps(value, flags);
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *out = plain ? open_memstream(&text, &size) : NULL;
	bool failed;

	if (!out)
		return NULL;
	put_all(out, plain);
	failed = ferror(out);
	if (fclose(out) || failed)
		return NULL;
	return TAKE_PTR(text);
}

int json_text_print(const json_t *value, size_t flags)
{
	_cleanup_(freep) char *text = json_text_of(value, flags);

	if (!text)
		return -ENOMEM;
	return fputs(text, stdout) < 0 ? -EIO : 0;
}
