/* SPDX-License-Identifier: GPL-2.0-only */
#include "foreign.h"

#include <string.h>

#define DENY "write `deny`"
#define REJECT "write `reject`"
#define ALLOW "write `allow`"
#define DIRECTION "`to` is what the container receives, `from` is what it sends"
#define PEER "the address of the other end is written `peer 192.0.2.1`"
#define PORT "a port is written `dport 80` (destination) or `sport 80` (source)"
#define STATE "what belongs to a connection is written `established`"

static const struct {
	const char *word, *hint;
} words[] = {
	{ "drop", DENY },	   { "block", DENY },	    { "discard", DENY },
	{ "blackhole", DENY },	   { "prohibit", REJECT },  { "refuse", REJECT },
	{ "accept", ALLOW },	   { "pass", ALLOW },	    { "permit", ALLOW },
	{ "in", DIRECTION },	   { "input", DIRECTION },  { "inbound", DIRECTION },
	{ "ingress", DIRECTION },  { "out", DIRECTION },    { "output", DIRECTION },
	{ "outbound", DIRECTION }, { "egress", DIRECTION }, { "src", PEER },
	{ "dst", PEER },	   { "saddr", PEER },	    { "daddr", PEER },
	{ "source", PEER },	   { "destination", PEER }, { "cidr", PEER },
	{ "host", PEER },	   { "net", PEER },	    { "ports", PORT },
	{ "dpt", PORT },	   { "spt", PORT },	    { "related", STATE },
	{ "state", STATE },	   { "ct", STATE },	    { "ctstate", STATE },
	{ "stateful", STATE },
};

static bool is_like(const struct word *word, const char *text)
{
	if (word->length != strlen(text))
		return false;
	for (size_t i = 0; i < word->length; i++)
		if (ascii_lower(word->text[i]) != text[i])
			return false;
	return true;
}

const char *foreign_hint(const struct word *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_like(word, words[i].word))
			return words[i].hint;
	return NULL;
}
