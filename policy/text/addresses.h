/* SPDX-License-Identifier: GPL-2.0-only */
/* One address, or a block of them, read and written. */
#ifndef PCTL_ADDRESSES_H
#define PCTL_ADDRESSES_H

#include "prefix.h"
#include "source.h"

/* The longest: INET6_ADDRSTRLEN and "/128". */
#define ADDRESS_TEXT 56

/* Reads ADDRESS or ADDRESS/LENGTH. 0; -EINVAL, reported; -ENOMEM. */
int address_read(struct source *source, const struct word *word, struct prefix *prefix);

/* Whether this word looks like an address or a block, with errors or not. */
bool address_is_meant(const struct word *word);

/* An address as the programs keep it. @words: in network byte order, of IPv4 only the first. */
struct prefix address_from_words(enum pctl_family family, const uint32_t words[4]);

/* Writes it in its canonical form (RFC 5952), a single address without its length. */
void address_print(const struct prefix *prefix, char text[ADDRESS_TEXT]);

#endif
