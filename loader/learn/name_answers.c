// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <string.h>

#include "abi.h"
#include "name_answers.h"
#include "live_words.h"

#define UDP_HEADER 8
#define RECORD_TAIL 10 /* type, class, TTL and length, RFC 1035 section 4.1.3 */

/* A message, and where it is read. */
struct reading {
	const uint8_t *message, *at, *end;
};

static uint16_t get_16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get_32(const uint8_t *at)
{
	return (uint32_t)get_16(at) << 16 | get_16(at + 2);
}

/* The payload of the datagram, as far as it is there. */
static bool open_message(const struct packet_layers *layers, struct reading *r)
{
	size_t at = layers->transport + UDP_HEADER;
	size_t end = layers->end < layers->captured ? layers->end : layers->captured;

	if (layers->protocol != IPPROTO_UDP || layers->fragment || at + NS_HFIXEDSZ > end)
		return false;
	r->message = layers->frame + at;
	r->end = layers->frame + end;
	r->at = r->message + NS_HFIXEDSZ;
	return true;
}

static bool read_name(struct reading *r, const uint8_t *at, const uint8_t **behind,
		      char name[LEARNT_NAME])
{
	char text[NS_MAXDNAME];
	int length = ns_name_uncompress(r->message, r->end, at, text, sizeof(text));

	if (length < 0 || strlen(text) >= LEARNT_NAME)
		return false;
	for (size_t i = 0; i <= strlen(text); i++)
		name[i] = text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i];
	*behind = at + length;
	return true;
}

/* The one question of a message of class IN, for addresses of a name that a policy can have. */
static bool read_question(struct reading *r, struct question_asked *question)
{
	char checked[LEARNT_NAME];

	if (get_16(r->message + 4) != 1 || !read_name(r, r->at, &r->at, question->name) ||
	    r->end - r->at < 4 || get_16(r->at + 2) != ns_c_in)
		return false;
	question->id = get_16(r->message);
	question->type = get_16(r->at);
	r->at += 4;
	strcpy(checked, question->name);
	return (question->type == ns_t_a || question->type == ns_t_aaaa) && !strchr(checked, '*') &&
	       !live_word_check(PCTL_LIVE_DNS, checked);
}

static void ask(struct answers *answers, struct reading *r, struct question_asked *question)
{
	if (r->message[2] & 0xf8 || !read_question(r, question)) /* an answer, or no plain query */
		return;
	question->waits = true;
	answers->asked[answers->next++ % ANSWERS_ASKED] = *question;
}

static struct question_asked *find(struct answers *answers, const struct question_asked *wanted)
{
	for (size_t i = 0; i < ANSWERS_ASKED; i++) {
		struct question_asked *asked = &answers->asked[i];

		if (asked->waits && asked->id == wanted->id && asked->port == wanted->port &&
		    asked->type == wanted->type && !strcmp(asked->name, wanted->name) &&
		    !prefix_compare(&asked->resolver, &wanted->resolver))
			return asked;
	}
	return NULL;
}

static struct prefix address_of(const uint8_t *bytes, uint16_t type)
{
	struct prefix address = { .family = type == ns_t_a ? PCTL_IPV4 : PCTL_IPV6 };

	address.length = family_bits(address.family);
	for (unsigned int i = 0; i < address.length / 8u; i++) {
		uint64_t *half = i < 8 ? &address.high : &address.low;

		*half |= (uint64_t)bytes[i] << (56 - 8 * (i % 8));
	}
	return address;
}

static uint32_t bounded_ttl(uint32_t ttl)
{
	if (ttl < PCTL_NAME_TTL_MIN)
		return PCTL_NAME_TTL_MIN;
	return ttl < PCTL_NAME_TTL_MAX ? ttl : PCTL_NAME_TTL_MAX;
}

/* One record of the chain that begins at the name that was asked for. False: reading ends here. */
static bool read_record(struct reading *r, const struct question_asked *question, char *target,
			uint32_t *least, uint64_t now, struct learnt_names *names)
{
	char owner[LEARNT_NAME];
	const uint8_t *at, *data;
	uint16_t type, size;
	uint32_t ttl;

	if (!read_name(r, r->at, &at, owner) || r->end - at < RECORD_TAIL)
		return false;
	type = get_16(at);
	ttl = get_32(at + 4) < *least ? get_32(at + 4) : *least;
	size = get_16(at + 8);
	data = at + RECORD_TAIL;
	if (r->end - data < size)
		return false;
	r->at = data + size;
	if (get_16(at + 2) != ns_c_in || strcmp(owner, target) != 0)
		return true;
	if (type == ns_t_cname) {
		*least = ttl;
		return read_name(r, data, &at, target);
	}
	if (type == question->type && size == (type == ns_t_a ? 4 : 16)) {
		struct learnt_name new = {
			.address = address_of(data, type),
			.answered = true,
			.resolver = question->resolver,
			.until = now + bounded_ttl(ttl),
		};

		strcpy(new.name, question->name);
		learnt_names_answered(names, &new);
	}
	return true;
}

static void answer(struct answers *answers, struct reading *r, struct question_asked *question,
		   uint64_t now, struct learnt_names *names)
{
	struct question_asked *asked;
	char target[LEARNT_NAME];
	uint32_t least = PCTL_NAME_TTL_MAX;
	uint16_t count = get_16(r->message + 6);

	/* QR, opcode 0; rcode 0 */
	if ((r->message[2] & 0xf8) != 0x80 || r->message[3] & 0xf || !read_question(r, question))
		return;
	asked = find(answers, question);
	if (!asked)
		return;
	asked->waits = false;
	strcpy(target, question->name);
	for (uint16_t i = 0; i < count && i < PCTL_DNS_RECORDS_MAX; i++)
		if (!read_record(r, question, target, &least, now, names))
			return;
}

void answers_take(struct answers *answers, const struct packet_layers *layers,
		  enum pctl_direction direction, const struct prefix *peer, uint64_t now,
		  struct learnt_names *names)
{
	bool from = direction == PCTL_FROM;
	struct question_asked question = {
		.resolver = *peer,
		.port = from ? layers->sport : layers->dport,
	};
	struct reading reading;

	if ((from ? layers->dport : layers->sport) != PCTL_DNS_PORT ||
	    !open_message(layers, &reading))
		return;
	if (from)
		ask(answers, &reading, &question);
	else
		answer(answers, &reading, &question, now, names);
}
