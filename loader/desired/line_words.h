/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of a line of the configuration file, with their places. */
#ifndef PCTL_LINE_WORDS_H
#define PCTL_LINE_WORDS_H

#include "source.h"

bool byte_is_blank(char byte);

/* Where the first one of these bytes is; false: there is none. */
bool word_find(const struct word *word, const char *bytes, size_t *at);

/* The word without blanks at its ends. */
struct word word_trimmed(struct word word);

/* Its first @length bytes, and what is behind them. */
struct word word_head(struct word word, size_t length);
struct word word_behind(struct word word, size_t length);

/* Without a comment, which begins with ';' behind a blank. */
struct word word_without_comment(struct word word);

#endif
