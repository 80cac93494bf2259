/* SPDX-License-Identifier: GPL-2.0-only */
#include "questions.h"

#include <string.h>

#include "sets.h"

/* RFC 1035 sections 2.3.4 and 4.1.1. */
#define HEADER 12
#define LABEL_MAX 63
/* What is read of a message at most: kern/abi_names.h. */
#define MESSAGE_MAX 4096

enum { CLASS_IN = 1, TYPE_OPT = 41 };

static unsigned int number16(const uint8_t *at)
{
	return at[0] * 256u + at[1];
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
}

/* Returns what stands behind the name; 0: it cannot be read. */
static size_t read_name(const uint8_t *message, size_t size, struct question *question)
{
	size_t at = HEADER;

	for (;;) {
		size_t label = at < size ? message[at] : LABEL_MAX + 1;

		if (label > LABEL_MAX || at + 1 + label > size ||
		    question->size + 1 + label > sizeof(question->name))
			return 0;
		question->name[question->size++] = label;
		for (size_t i = 1; i <= label; i++)
			question->name[question->size++] = lower(message[at + i]);
		at += 1 + label;
		if (!label)
			return at;
	}
}

/* Whether the message ends here, or with one record of EDNS: the root as name, type, 6 bytes,
 * length, data. */
static bool ends(const uint8_t *message, size_t size, size_t at)
{
	unsigned int additionals = number16(message + 10);

	if (!additionals)
		return at == size;
	return additionals == 1 && at + 11 <= size && !message[at] &&
	       number16(message + at + 1) == TYPE_OPT &&
	       at + 11 + number16(message + at + 9) == size;
}

static bool read(const uint8_t *message, size_t size, struct question *question)
{
	size_t at;

	/* No response, opcode 0; one question, no answer, no authority. */
	if (size < HEADER || size > MESSAGE_MAX || message[2] & 0xf8 ||
	    number16(message + 4) != 1 || number16(message + 6) || number16(message + 8))
		return false;
	at = read_name(message, size, question);
	return at && at + 4 <= size && number16(message + at + 2) == CLASS_IN &&
	       ends(message, size, at + 4);
}

void question_read(const uint8_t *message, size_t size, struct question *question)
{
	memset(question, 0, sizeof(*question));
	question->asking = read(message, size, question) ? ASKS_NAME : ASKS_UNKNOWN;
}

/* Compares labels with the text of a name, dots between them. */
static bool is_same(const uint8_t *labels, const char *text)
{
	while (*labels) {
		if (strncmp((const char *)labels + 1, text, *labels) != 0 ||
		    memchr(labels + 1, '.', *labels) || memchr(labels + 1, '\0', *labels))
			return false;
		text += *labels;
		labels += *labels + 1;
		if (*labels && *text++ != '.')
			return false;
	}
	return !*text;
}

static bool matches(const struct question *question, const char *word)
{
	const uint8_t *labels = question->name;

	if (word[0] != '*')
		return is_same(labels, word);
	while (*labels) { /* the star is one label or more */
		labels += *labels + 1;
		if (is_same(labels, word + 2))
			return true;
	}
	return false;
}

bool question_is_in(const struct question *question, const struct set *set)
{
	for (size_t i = 0; i < set->word_count; i++)
		if (matches(question, set->words[i]))
			return true;
	return false;
}
