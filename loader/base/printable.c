// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>

#include "printable.h"
#include "util.h"

struct range {
	uint32_t first, last;
};

/* Control characters; what changes the direction of text, is not seen, or begins a line. */
static const struct range unprintable[] = {
	{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },	      { 0x61c, 0x61c },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
};

/* How long a character is that begins with this byte; 0: none does (RFC 3629). */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The bytes behind the first one. False: one of them cannot stand there. */
static bool read_rest(const char *text, size_t length, uint32_t *character)
{
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return false;
		*character = *character << 6 | (text[i] & 0x3f);
	}
	return true;
}

size_t printable_decode(const char *text, size_t length, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = *text;
	size_t size = length_of(first);

	if (!size || size > length)
		return 0;
	*character = size == 1 ? first : first & (0x7f >> size);
	if (!read_rest(text, size, character) || *character < least[size] ||
	    *character > 0x10ffff || (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return size;
}

size_t printable_character(const char *text, size_t length)
{
	uint32_t character;
	size_t size = printable_decode(text, length, &character);

	for (size_t i = 0; i < ARRAY_SIZE(unprintable) && size; i++)
		if (character >= unprintable[i].first && character <= unprintable[i].last)
			return 0;
	return size;
}

int printable_is_begun(const char *text, size_t length)
{
	uint32_t character = 0;

	return length < length_of(*text) && read_rest(text, length, &character);
}

void printable_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void printable_copy(char *copy, size_t size, const char *text)
{
	size_t left = strlen(text);

	while (left && size > 1) {
		size_t length = printable_character(text, left), step = length ?: 1;

		if (step >= size)
			break;
		if (length)
			memcpy(copy, text, length);
		else
			*copy = '?';
		copy += step, size -= step;
		text += step, left -= step;
	}
	*copy = '\0';
}
