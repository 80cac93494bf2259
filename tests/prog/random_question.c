/* SPDX-License-Identifier: GPL-2.0-only */
#include "random_input.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Names that sets have, or nearly. */
static void random_name(struct random *random, char name[32])
{
	static const char *const forms[] = { "a%u.test",     "a%u.test",   "x.a%u.test", "A%u.TesT",
					     "y.x.a%u.test", "a%u.test.x", "test",	 "" };

	snprintf(name, 32, PICK(random, forms), random_below(random, 4));
}

static size_t put_name(uint8_t *at, const char *name)
{
	uint8_t *begin = at;

	while (*name) {
		size_t label = strcspn(name, ".");

		*at++ = label;
		memcpy(at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	*at++ = 0;
	return at - begin;
}

static size_t random_message(struct random *random, uint8_t message[128])
{
	static const uint8_t begin[12] = { 7, 7, 1, 0, 0, 1 };
	static const uint8_t edns[11] = { 0, 0, 41, 4, 208 };
	static const uint8_t end[4] = { 0, 1, 0, 1 }; /* A, IN */
	size_t size = sizeof(begin);
	char name[32];

	random_name(random, name);
	memcpy(message, begin, size);
	size += put_name(message + size, name);
	memcpy(message + size, end, sizeof(end));
	size += sizeof(end);
	if (one_in(random, 3)) {
		message[11] = 1;
		memcpy(message + size, edns, sizeof(edns));
		size += sizeof(edns);
	}
	if (one_in(random, 4))
		message[random_below(random, size)] ^= 1u << random_below(random, 8);
	if (one_in(random, 8))
		size = random_below(random, size);
	return size;
}

static void append(struct frame *frame, const uint8_t *bytes, size_t size)
{
	size_t at = frame->length;

	frame_append(frame, 0, size);
	if (!frame->overflow)
		memcpy(frame->data + at, bytes, size);
}

void push_question(struct random *random, struct frame *frame)
{
	size_t header = frame->length, size;
	uint8_t message[128];

	size = random_message(random, message);
	if (one_in(random, 4)) { /* what TCP carries is not read: no stream was seen */
		frame_ports(frame, IPPROTO_TCP, 4000, 53, 20);
		frame->data[header + 12] = one_in(random, 8) ? random_below(random, 256) : 0x50;
		if (one_in(random, 2))
			append(frame, message, size);
		return;
	}
	frame_ports(frame, IPPROTO_UDP, 4000, 53, 8);
	append(frame, message, size);
	size += 8;
	if (one_in(random, 8))
		size += random_below(random, 8) - 4;
	if (!frame->overflow) {
		frame->data[header + 4] = size >> 8;
		frame->data[header + 5] = size;
	}
}
