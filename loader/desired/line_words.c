// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "line_words.h"

bool word_find(const struct word *word, const char *bytes, size_t *at)
{
	for (*at = 0; *at < word->length; ++*at)
		if (word->text[*at] && strchr(bytes, word->text[*at]))
			return true;
	return false;
}

bool byte_is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

struct word word_trimmed(struct word word)
{
	while (word.length && byte_is_blank(*word.text)) {
		word.text++;
		word.length--;
		word.place.column++;
	}
	while (word.length && byte_is_blank(word.text[word.length - 1]))
		word.length--;
	return word;
}

struct word word_head(struct word word, size_t length)
{
	word.length = length;
	return word;
}

struct word word_behind(struct word word, size_t length)
{
	word.text += length;
	word.length -= length;
	word.place.column += length;
	return word;
}

struct word word_without_comment(struct word word)
{
	for (size_t at = 1; at < word.length; at++)
		if (word.text[at] == ';' && byte_is_blank(word.text[at - 1]))
			return word_trimmed(word_head(word, at));
	return word;
}
