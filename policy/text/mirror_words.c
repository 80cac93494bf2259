/* SPDX-License-Identifier: GPL-2.0-only */
#include "mirror_words.h"

#include <string.h>

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c | 0x20) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Six pairs of digits with colons between them. */
static bool read_mac(const struct word *word, uint8_t mac[6])
{
	if (word->length != MIRROR_MAC_TEXT - 1)
		return false;
	for (int i = 0; i < 6; i++) {
		const char *pair = word->text + 3 * i;
		int high = hex_digit(pair[0]), low = hex_digit(pair[1]);

		if (high < 0 || low < 0 || (i < 5 && pair[2] != ':'))
			return false;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* As the kernel has it (dev_valid_name(), net/core/dev.c), as far as a word can have it. */
static bool is_name(const struct word *word)
{
	return word->length < PCTL_MIRROR_NAME && !memchr(word->text, '/', word->length) &&
	       !memchr(word->text, ':', word->length) && !word_is(word, ".") &&
	       !word_is(word, "..");
}

static int parse_mac(struct parser *parser, struct mirror *mirror)
{
	const struct word *word = &parser->token.word;

	if (parser->token.kind != TOKEN_WORD || !read_mac(word, mirror->mac))
		return parser_expected(parser, "a MAC address such as 02:00:00:00:00:01");
	mirror->has_mac = true;
	parser_advance(parser);
	return 0;
}

int mirror_parse(struct parser *parser, struct mirror *mirror)
{
	const struct word *word = &parser->token.word;
	struct mirror new = { .has_mac = false };
	int error = 0;

	if (parser->token.kind != TOKEN_WORD)
		return parser_expected(parser, "the name of an interface");
	if (!is_name(word))
		return source_error(&parser->source, word,
				    "'%.*s' cannot be the name of an interface: it has 15 "
				    "characters at most, and neither '/' nor ':'",
				    WORD_ARGS(word));
	memcpy(new.name, word->text, word->length);
	parser_advance(parser);
	if (parser_at_word(parser, "mac")) {
		parser_advance(parser);
		error = parse_mac(parser, &new);
	}
	if (!error)
		*mirror = new;
	return error;
}

void mirror_print(const struct mirror *mirror, FILE *out)
{
	char mac[MIRROR_MAC_TEXT];

	fprintf(out, " %s", mirror->name);
	if (!mirror->has_mac)
		return;
	mirror_mac_print(mirror->mac, mac);
	fprintf(out, " mac %s", mac);
}
