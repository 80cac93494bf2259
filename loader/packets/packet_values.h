/* SPDX-License-Identifier: GPL-2.0-only */
/* The values that the words of a packet give: numbers, protocols, ports, addresses. Functions that
 * take a word return 0, -ENOMEM, or -EINVAL with a diagnostic. */
#ifndef PCTL_PACKET_VALUES_H
#define PCTL_PACKET_VALUES_H

#include "packet_words.h"
#include "source.h"

struct value_kind;

/* Reads the words of a packet one after the other. */
struct word_reader {
	struct source source;
	const char *next; /* the text behind the current word */
	struct word word; /* the current one; length 0: the end */
	struct packet_words *packet;
	struct rule rule; /* the context that names need: its protocol, its type */
	unsigned int given; /* the words of packet_words.c's table that were given, as bits */
	bool endpoint; /* ADDRESS:PORT was given in direction `to`, and this is the port: */
	struct word endpoint_port;
};

/* Goes to the next word. */
void packet_advance(struct word_reader *reader);

static inline bool packet_at_end(const struct word_reader *reader)
{
	return !reader->word.length;
}

bool packet_is_number(const struct word *word);

/* Says that the packet is of this family, because of @word. */
int packet_set_family(struct word_reader *reader, const struct word *word, int family);

/* Reads one number of a kind: a packet has one of each, so a range is refused. */
int packet_read_value(struct word_reader *reader, const struct value_kind *kind,
		      const struct word *word, int *value);

/* Takes the current word as a number, decimal or 0x…, that the policy language has no word for.
 * @what: names it in messages */
int packet_take_number(struct word_reader *reader, const char *what, unsigned long max, int *value);

int packet_take_protocol(struct word_reader *reader, const struct word *word);
/* `tcp`, or `tcp/443` as in a SPEC. */
int packet_take_protocol_and_port(struct word_reader *reader, const struct word *word);
/* @what: `source` or `destination`; @where: that port of the packet */
int packet_take_port(struct word_reader *reader, const struct word *word, const char *what,
		     int *where);
int packet_take_type(struct word_reader *reader, const struct word *word);
int packet_take_address(struct word_reader *reader, const struct word *word);

/*
 * Splits ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT. Without a port, *port is empty and stands behind
 * all of @word. False: the word is nothing like an address.
 */
bool packet_split_address(const struct word *word, struct word *address, struct word *port);
int packet_take_endpoint(struct word_reader *reader, const struct word *address,
			 const struct word *port);

#endif
