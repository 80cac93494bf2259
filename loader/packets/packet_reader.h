/* SPDX-License-Identifier: GPL-2.0-only */
/* What packet_words.c and packet_values.c share: the words of a packet as they are read. Functions
 * that take a word return 0; -EINVAL, reported; -ENOMEM. */
#ifndef PCTL_PACKET_READER_H
#define PCTL_PACKET_READER_H

#include "packet_words.h"
#include "source.h"

struct value_kind;

struct reader {
	struct source source;
	const char *next; /* behind the current word */
	struct word word; /* length 0: the end */
	struct packet_words *packet;
	struct rule rule; /* the context that names need: its protocol, its type */
	unsigned int given; /* which words of the table were, as bits */
	bool endpoint; /* ADDRESS:PORT in direction `to`, and this is its port: */
	struct word endpoint_port;
};

/* Goes to the next word. */
void packet_advance(struct reader *reader);

static inline bool packet_at_end(const struct reader *reader)
{
	return !reader->word.length;
}

bool packet_is_number(const struct word *word);

/* The packet is of this family because of @word. */
int packet_set_family(struct reader *reader, const struct word *word, int family);

/* One number of a kind, not several: a packet has one of each. */
int packet_read_value(struct reader *reader, const struct value_kind *kind, const struct word *word,
		      int *value);

/* The current word as a number that is no value of the policy language, decimal or 0x…; goes on to
 * the next. @what: names it in messages */
int packet_take_number(struct reader *reader, const char *what, unsigned long max, int *value);

int packet_take_protocol(struct reader *reader, const struct word *word);
/* `tcp`, or `tcp/443` as in a SPEC. */
int packet_take_protocol_and_port(struct reader *reader, const struct word *word);
/* @what: `source` or `destination`; @where: of the two in the packet */
int packet_take_port(struct reader *reader, const struct word *word, const char *what, int *where);
int packet_take_type(struct reader *reader, const struct word *word);
int packet_take_address(struct reader *reader, const struct word *word);

/*
 * ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT. Splits off the port, whose word stands behind all of @word
 * where there is none. False: the word is nothing like an address.
 */
bool packet_split_address(const struct word *word, struct word *address, struct word *port);
int packet_take_endpoint(struct reader *reader, const struct word *address,
			 const struct word *port);

#endif
