// SPDX-License-Identifier: GPL-2.0-only
#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "pcapng_reader.h"
#include "policy.h"
#include "util.h"

/* Types of blocks. */
enum {
	INTERFACE = 1,
	PACKET_OBSOLETE = 2,
	PACKET_SIMPLE = 3,
	PACKET_ENHANCED = 6,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define BLOCK_OVERHEAD 12 /* bytes: type, length, and the length again behind the body */
#define INTERFACE_FIXED 8 /* bytes of its body in front of the options */
#define INTERFACE_MAX 65536 /* bytes of a body; of a longer one the options are not read */
#define INTERFACES_MAX 65536
#define PACKET_FIXED 20 /* bytes in front of the packet; a simple one has SIMPLE_FIXED */
#define SIMPLE_FIXED 4
#define OPTION_NAME 2

struct interface {
	uint32_t link_type;
	uint32_t snaplen; /* 0: no limit */
	int direction; /* enum pctl_direction, or -1 */
};

struct pcapng_reader {
	bool begun; /* the type of the first block was read */
	struct interface *interfaces; /* of the section */
	size_t count;
};

struct block {
	uint32_t type;
	uint32_t left; /* bytes of it that were not read yet */
};

static int damaged(const char *what)
{
	return error_set(-EIO, "%s: the file is damaged", what);
}

/* Of the block's bytes. */
static int read_bytes(struct byte_stream *stream, struct block *block, void *bytes, size_t size)
{
	int error;

	if (size > block->left)
		return damaged("a block that is too short");
	error = byte_stream_read(stream, bytes, size);
	block->left -= size;
	return error == -ENODATA ? error_set(-EIO, "it ends in the middle of a packet") : error;
}

static int skip_rest(struct byte_stream *stream, struct block *block)
{
	int error = byte_stream_skip(stream, block->left);

	block->left = 0;
	return error;
}

/* A new section has its own byte order and interfaces. */
static int begin_section(struct pcapng_reader *reader, struct byte_stream *stream,
			 const uint8_t magic_bytes[4])
{
	uint32_t magic;

	memcpy(&magic, magic_bytes, sizeof(magic));
	if (magic != BYTE_ORDER_MAGIC && magic != bswap_32(BYTE_ORDER_MAGIC))
		return damaged("a section without its magic number");
	stream->swapped = magic != BYTE_ORDER_MAGIC;
	reader->count = 0;
	return 0;
}

/* Type and length. Only the magic number of a section tells how its length is to be read. 0,
 * -ENODATA: there is no other block, -EIO. */
static int read_block(struct pcapng_reader *reader, struct byte_stream *stream, struct block *block)
{
	struct block head = { .left = 12 };
	uint32_t type = PCAPNG_SECTION, length;
	uint8_t bytes[12];
	size_t skipped = reader->begun ? 0 : sizeof(type);
	int error = byte_stream_read(stream, bytes + skipped, skipped ? 4 : 1);

	if (error == -ENODATA && skipped)
		return damaged("a section that is too short");
	if (error)
		return error;
	memcpy(bytes, &type, skipped);
	head.left -= skipped ? 8 : 1;
	if (!skipped)
		error = read_bytes(stream, &head, bytes + 1, 7);
	reader->begun = true;
	block->type = byte_stream_number32(stream, bytes);
	if (!error && block->type == PCAPNG_SECTION)
		error = read_bytes(stream, &head, bytes + 8, 4);
	if (!error && block->type == PCAPNG_SECTION)
		error = begin_section(reader, stream, bytes + 8);
	if (error)
		return error;
	length = byte_stream_number32(stream, bytes + 4);
	if (length < BLOCK_OVERHEAD + (block->type == PCAPNG_SECTION ? 4 : 0) || length % 4)
		return damaged("a block of an impossible length");
	block->left = length - (12 - head.left);
	return 0;
}

/* --- interfaces --- */

static int direction_of(const char *name, size_t length)
{
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		const char *direction = policy_direction_name(i);
		size_t tail = strlen(direction);

		if (length > tail && name[length - tail - 1] == ':' &&
		    !memcmp(name + length - tail, direction, tail))
			return i;
	}
	return -1;
}

/* An option is its code, its length, and its value, filled up to 32 bits. */
static int find_direction(const struct byte_stream *stream, const uint8_t *body, size_t size)
{
	size_t at = INTERFACE_FIXED, length;

	for (; at + 4 <= size; at += 4 + (length + 3) / 4 * 4) {
		length = byte_stream_number16(stream, body + at + 2);
		if (length > size - at - 4)
			break;
		if (byte_stream_number16(stream, body + at) == OPTION_NAME)
			return direction_of((const char *)body + at + 4, length);
	}
	return -1;
}

static int add_interface(struct pcapng_reader *reader, const struct interface *interface)
{
	struct interface *grown;

	if (reader->count == INTERFACES_MAX)
		return damaged("too many interfaces");
	grown = reallocarray(reader->interfaces, reader->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	reader->interfaces = grown;
	grown[reader->count++] = *interface;
	return 0;
}

static int read_interface(struct pcapng_reader *reader, struct byte_stream *stream,
			  struct block *block)
{
	size_t size = block->left - 4; /* without the length behind it */
	_cleanup_(freep) uint8_t *body = NULL;
	struct interface interface;
	int error;

	if (size > INTERFACE_MAX)
		size = INTERFACE_FIXED;
	body = malloc(size + 1);
	if (!body)
		return -ENOMEM;
	if (size < INTERFACE_FIXED)
		return damaged("an interface that is too short");
	error = read_bytes(stream, block, body, size);
	if (error)
		return error;
	interface = (struct interface){
		.link_type = byte_stream_number16(stream, body),
		.snaplen = byte_stream_number32(stream, body + 4),
		.direction = find_direction(stream, body, size),
	};
	return add_interface(reader, &interface);
}

/* --- packets --- */

/* Where a packet's block says what it has, by its type. */
static int read_lengths(const struct pcapng_reader *reader, struct byte_stream *stream,
			struct block *block, uint32_t *interface, uint32_t lengths[2])
{
	uint8_t bytes[PACKET_FIXED];
	bool simple = block->type == PACKET_SIMPLE;
	int error = read_bytes(stream, block, bytes, simple ? SIMPLE_FIXED : PACKET_FIXED);

	if (error)
		return error;
	if (!simple) {
		*interface = block->type == PACKET_ENHANCED ? byte_stream_number32(stream, bytes)
							    : byte_stream_number16(stream, bytes);
		lengths[0] = byte_stream_number32(stream, bytes + 12);
		lengths[1] = byte_stream_number32(stream, bytes + 16);
		return 0;
	}
	*interface = 0;
	lengths[0] = lengths[1] = byte_stream_number32(stream, bytes);
	if (reader->count && reader->interfaces[0].snaplen &&
	    lengths[0] > reader->interfaces[0].snaplen)
		lengths[0] = reader->interfaces[0].snaplen;
	return 0;
}

static int read_packet(struct pcapng_reader *reader, struct byte_stream *stream,
		       struct block *block, struct capture_record *record)
{
	uint32_t interface, lengths[2];
	int error = read_lengths(reader, stream, block, &interface, lengths);

	if (error)
		return error;
	if (interface >= reader->count)
		return damaged("a packet of an interface that is not described");
	if (lengths[0] > CAPTURE_RECORD_MAX || lengths[0] + 4 > block->left)
		return damaged("a packet that is longer than its block");
	record->link_type = reader->interfaces[interface].link_type;
	record->direction = reader->interfaces[interface].direction;
	error = capture_record_read(record, stream, lengths[0], lengths[1]);
	block->left -= lengths[0];
	return error ?: skip_rest(stream, block) ?: 1;
}

int pcapng_reader_next(struct pcapng_reader *reader, struct byte_stream *stream,
		       struct capture_record *record)
{
	struct block block = {};
	int error;

	while (!(error = read_block(reader, stream, &block))) {
		if (block.type == PACKET_SIMPLE || block.type == PACKET_ENHANCED ||
		    block.type == PACKET_OBSOLETE)
			return read_packet(reader, stream, &block, record);
		if (block.type == INTERFACE)
			error = read_interface(reader, stream, &block);
		error = error ?: skip_rest(stream, &block);
		if (error)
			return error;
	}
	return error == -ENODATA ? 0 : error;
}

struct pcapng_reader *pcapng_reader_open(void)
{
	return calloc(1, sizeof(struct pcapng_reader));
}

void pcapng_reader_close(struct pcapng_reader *reader)
{
	if (!reader)
		return;
	free(reader->interfaces);
	free(reader);
}
