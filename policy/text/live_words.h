/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of live sets: names of DNS, of containers and their like. */
#ifndef PCTL_LIVE_WORDS_H
#define PCTL_LIVE_WORDS_H

#include <stdbool.h>

#include "abi.h"

/* What messages call one: "a DNS name". */
const char *live_word_noun(enum pctl_live_kind kind);

/*
 * Checks a word, and brings a DNS name into the form that struct set has. NULL, or what is wrong
 * with it, to be read behind the word: "has a label of more than 63 characters".
 */
const char *live_word_check(enum pctl_live_kind kind, char *word);

/* Whether it can be written without quotes. */
bool live_word_is_plain(const char *word);

#endif
