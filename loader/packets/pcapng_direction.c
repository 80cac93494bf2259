// SPDX-License-Identifier: GPL-2.0-only
#include <byteswap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcapng_direction.h"
#include "policy.h"
#include "util.h"
#include "words.h"

/* Types of blocks. */
enum {
	SECTION = 0x0a0d0d0a, /* the same in both byte orders */
	INTERFACE = 1,
	PACKET_OBSOLETE = 2,
	PACKET_SIMPLE = 3,
	PACKET_ENHANCED = 6,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define BLOCK_OVERHEAD 12 /* bytes: type, length, and the length again behind the body */
#define INTERFACE_FIXED 8 /* bytes of its body in front of the options */
#define INTERFACE_MAX 65536 /* bytes of a body; longer ones are not ours */
#define OPTION_NAME 2
#define NO_DIRECTION UINT32_MAX

struct pcapng {
	FILE *in;
	bool swapped; /* the section has the other byte order */
	struct words interfaces; /* of the section: each one's direction or NO_DIRECTION */
};

struct block {
	uint32_t type;
	uint32_t left; /* bytes of it that were not read yet */
};

static uint32_t number32(const struct pcapng *pcapng, const uint8_t *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return pcapng->swapped ? bswap_32(number) : number;
}

static uint16_t number16(const struct pcapng *pcapng, const uint8_t *at)
{
	uint16_t number;

	memcpy(&number, at, sizeof(number));
	return pcapng->swapped ? bswap_16(number) : number;
}

static bool read_bytes(struct pcapng *pcapng, struct block *block, void *bytes, size_t size)
{
	if (size > block->left || fread(bytes, 1, size, pcapng->in) != size)
		return false;
	block->left -= size;
	return true;
}

static bool skip_rest(struct pcapng *pcapng, const struct block *block)
{
	return !fseeko(pcapng->in, block->left, SEEK_CUR);
}

/* Only with the magic of a section is known how its length is to be read. */
static bool read_block(struct pcapng *pcapng, struct block *block)
{
	struct block head = { .left = 12 };
	uint8_t bytes[12];
	uint32_t magic, length;

	if (!read_bytes(pcapng, &head, bytes, 8))
		return false;
	block->type = number32(pcapng, bytes);
	if (block->type == SECTION) {
		if (!read_bytes(pcapng, &head, bytes + 8, 4))
			return false;
		memcpy(&magic, bytes + 8, sizeof(magic));
		if (magic != BYTE_ORDER_MAGIC && magic != bswap_32(BYTE_ORDER_MAGIC))
			return false;
		pcapng->swapped = magic != BYTE_ORDER_MAGIC;
		pcapng->interfaces.count = 0;
	}
	length = number32(pcapng, bytes + 4);
	if (length < BLOCK_OVERHEAD + (block->type == SECTION ? 4 : 0) || length % 4)
		return false;
	block->left = length - (12 - head.left);
	return true;
}

static uint32_t direction_of(const char *name, size_t length)
{
	for (uint32_t i = 0; i < PCTL_DIRECTIONS; i++) {
		const char *direction = policy_direction_name(i);
		size_t tail = strlen(direction);

		if (length > tail && name[length - tail - 1] == ':' &&
		    !memcmp(name + length - tail, direction, tail))
			return i;
	}
	return NO_DIRECTION;
}

/* An option is its code, its length, and its value, filled up to 32 bits. */
static uint32_t find_direction(const struct pcapng *pcapng, const uint8_t *body, size_t size)
{
	size_t at = INTERFACE_FIXED, length;

	for (; at + 4 <= size; at += 4 + (length + 3) / 4 * 4) {
		length = number16(pcapng, body + at + 2);
		if (length > size - at - 4)
			break;
		if (number16(pcapng, body + at) == OPTION_NAME)
			return direction_of((const char *)body + at + 4, length);
	}
	return NO_DIRECTION;
}

static bool read_interface(struct pcapng *pcapng, struct block *block)
{
	size_t size = block->left - 4; /* without the length behind it */
	uint32_t direction = NO_DIRECTION;

	if (size >= INTERFACE_FIXED && size <= INTERFACE_MAX) {
		_cleanup_(freep) uint8_t *body = malloc(size);

		if (!body || !read_bytes(pcapng, block, body, size))
			return false;
		direction = find_direction(pcapng, body, size);
	}
	return !words_add(&pcapng->interfaces, direction);
}

/* The interface of a packet's block, read from its beginning; -1: it cannot be read. */
static int64_t interface_of(struct pcapng *pcapng, struct block *block)
{
	uint8_t bytes[4];

	if (block->type == PACKET_SIMPLE)
		return 0;
	if (!read_bytes(pcapng, block, bytes, sizeof(bytes)))
		return -1;
	return block->type == PACKET_ENHANCED ? number32(pcapng, bytes) : number16(pcapng, bytes);
}

int pcapng_next(struct pcapng *pcapng)
{
	struct block block;
	int64_t interface;
	uint32_t direction;

	while (read_block(pcapng, &block)) {
		if (block.type == INTERFACE && !read_interface(pcapng, &block))
			return -1;
		if (block.type == PACKET_SIMPLE || block.type == PACKET_ENHANCED ||
		    block.type == PACKET_OBSOLETE) {
			interface = interface_of(pcapng, &block);
			if (!skip_rest(pcapng, &block) || interface < 0 ||
			    (uint64_t)interface >= pcapng->interfaces.count)
				return -1;
			direction = pcapng->interfaces.items[interface];
			return direction == NO_DIRECTION ? -1 : (int)direction;
		}
		if (!skip_rest(pcapng, &block))
			return -1;
	}
	return -1;
}

struct pcapng *pcapng_open(const char *path)
{
	struct pcapng *pcapng = calloc(1, sizeof(*pcapng));
	uint32_t type = 0;

	if (!pcapng)
		return NULL;
	pcapng->in = fopen(path, "re");
	if (!pcapng->in || fread(&type, sizeof(type), 1, pcapng->in) != 1 || type != SECTION ||
	    fseeko(pcapng->in, 0, SEEK_SET)) {
		pcapng_close(pcapng);
		return NULL;
	}
	return pcapng;
}

void pcapng_close(struct pcapng *pcapng)
{
	if (!pcapng)
		return;
	if (pcapng->in)
		fclose(pcapng->in);
	words_clear(&pcapng->interfaces);
	free(pcapng);
}
