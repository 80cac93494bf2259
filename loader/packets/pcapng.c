// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pcapng.h"

/* Numbers of the draft's sections 3 and 4. Everything is in this machine's byte order; readers go
 * by the magic number of the section header. */
#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_STATISTICS 5u
#define BLOCK_PACKET 6u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINKTYPE_ETHERNET 1

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SHB_OS = 3,
	SHB_USERAPPL = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_TSRESOL = 9,
	EPB_FLAGS = 2,
	ISB_STARTTIME = 2,
	ISB_ENDTIME = 3,
	ISB_IFRECV = 4,
	ISB_IFDROP = 5,
	ISB_USRDELIV = 8,
};

#define FLAG_INBOUND 1u
#define FLAG_OUTBOUND 2u
#define NANOSECONDS 9 /* if_tsresol: 10^-9 s */
#define OPTION_MAX 65535
#define FIXED_MAX 160 /* of a block: all but its texts and the packet's bytes */

/* --- bytes --- */

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static int reserve(struct pcapng *pcapng, size_t more)
{
	size_t room = pcapng->room ?: 65536;
	uint8_t *data;

	while (room < pcapng->size + more)
		room *= 2;
	if (room == pcapng->room)
		return 0;
	data = realloc(pcapng->data, room);
	if (!data)
		return -ENOMEM;
	pcapng->data = data;
	pcapng->room = room;
	return 0;
}

static void put(struct pcapng *pcapng, const void *bytes, size_t size)
{
	memcpy(pcapng->data + pcapng->size, bytes, size);
	pcapng->size += size;
}

static void put16(struct pcapng *pcapng, uint16_t value)
{
	put(pcapng, &value, sizeof(value));
}

static void put32(struct pcapng *pcapng, uint32_t value)
{
	put(pcapng, &value, sizeof(value));
}

/* Times are two words, the higher one first, in either byte order. */
static void put_time(struct pcapng *pcapng, uint64_t time_ns)
{
	put32(pcapng, time_ns >> 32);
	put32(pcapng, time_ns);
}

static void put_padding(struct pcapng *pcapng)
{
	while (pcapng->size % 4)
		pcapng->data[pcapng->size++] = 0;
}

/* --- blocks and options --- */

static size_t text_size(const char *text)
{
	size_t size = text ? strlen(text) : 0;

	return padded(size < OPTION_MAX ? size : OPTION_MAX);
}

/* Begins a block for which there is room; returns where. */
static size_t begin(struct pcapng *pcapng, uint32_t type)
{
	size_t start = pcapng->size;

	put32(pcapng, type);
	put32(pcapng, 0);
	return start;
}

static void end(struct pcapng *pcapng, size_t start)
{
	uint32_t total;

	put32(pcapng, OPTION_END);
	total = pcapng->size - start + sizeof(total);
	memcpy(pcapng->data + start + 4, &total, sizeof(total));
	put32(pcapng, total);
}

static void put_option(struct pcapng *pcapng, enum option code, const void *value, size_t size)
{
	put16(pcapng, code);
	put16(pcapng, size);
	put(pcapng, value, size);
	put_padding(pcapng);
}

static void put_number(struct pcapng *pcapng, enum option code, uint64_t value)
{
	put_option(pcapng, code, &value, sizeof(value));
}

static void put_time_option(struct pcapng *pcapng, enum option code, uint64_t time_ns)
{
	put16(pcapng, code);
	put16(pcapng, sizeof(time_ns));
	put_time(pcapng, time_ns);
}

/* Bytes of the character of UTF-8 (RFC 3629) that the text begins with; 0: it is none. */
static size_t character(const uint8_t *text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t size = *text < 0x80	       ? 1
		      : (*text & 0xe0) == 0xc0 ? 2
		      : (*text & 0xf0) == 0xe0 ? 3
		      : (*text & 0xf8) == 0xf0 ? 4
					       : 0;
	uint32_t code = *text & (0x7f >> size);

	for (size_t i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80) /* the end of the text is none either */
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (size > 1 &&
	    (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)))
		return 0;
	return size;
}

static void put_text(struct pcapng *pcapng, enum option code, const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t start = pcapng->size, size = 0;
	uint16_t written;

	if (!text)
		return;
	put16(pcapng, code);
	put16(pcapng, 0);
	while (*at) {
		size_t bytes = character(at);

		if (size + (bytes ?: 1) > OPTION_MAX)
			break;
		put(pcapng, bytes ? (const char *)at : "?", bytes ?: 1);
		size += bytes ?: 1;
		at += bytes ?: 1;
	}
	written = size;
	memcpy(pcapng->data + start + 2, &written, sizeof(written));
	put_padding(pcapng);
}

int pcapng_section(struct pcapng *pcapng, const char *application, const char *os)
{
	static const int64_t unknown_length = -1;
	size_t start;

	if (reserve(pcapng, FIXED_MAX + text_size(application) + text_size(os)))
		return -ENOMEM;
	start = begin(pcapng, BLOCK_SECTION);
	put32(pcapng, BYTE_ORDER_MAGIC);
	put16(pcapng, 1); /* version 1.0 */
	put16(pcapng, 0);
	put(pcapng, &unknown_length, sizeof(unknown_length));
	put_text(pcapng, SHB_OS, os);
	put_text(pcapng, SHB_USERAPPL, application);
	end(pcapng, start);
	return 0;
}

int pcapng_interface(struct pcapng *pcapng, const char *name, const char *description,
		     uint32_t snaplen)
{
	static const uint8_t resolution = NANOSECONDS;
	size_t start;

	if (reserve(pcapng, FIXED_MAX + text_size(name) + text_size(description)))
		return -ENOMEM;
	start = begin(pcapng, BLOCK_INTERFACE);
	put16(pcapng, LINKTYPE_ETHERNET);
	put16(pcapng, 0);
	put32(pcapng, snaplen);
	put_text(pcapng, IF_NAME, name);
	put_text(pcapng, IF_DESCRIPTION, description);
	put_option(pcapng, IF_TSRESOL, &resolution, sizeof(resolution));
	end(pcapng, start);
	pcapng->interfaces++;
	return 0;
}

int pcapng_packet(struct pcapng *pcapng, const struct pcapng_packet *packet)
{
	uint32_t flags = packet->outbound ? FLAG_OUTBOUND : FLAG_INBOUND;
	size_t start;

	if (reserve(pcapng, FIXED_MAX + padded(packet->captured) + text_size(packet->comment)))
		return -ENOMEM;
	start = begin(pcapng, BLOCK_PACKET);
	put32(pcapng, packet->interface);
	put_time(pcapng, packet->time_ns);
	put32(pcapng, packet->captured);
	put32(pcapng, packet->length);
	put(pcapng, packet->data, packet->captured);
	put_padding(pcapng);
	put_text(pcapng, OPTION_COMMENT, packet->comment);
	put_option(pcapng, EPB_FLAGS, &flags, sizeof(flags));
	end(pcapng, start);
	return 0;
}

int pcapng_statistics(struct pcapng *pcapng, const struct pcapng_statistics *statistics)
{
	size_t start;

	if (reserve(pcapng, FIXED_MAX + text_size(statistics->comment)))
		return -ENOMEM;
	start = begin(pcapng, BLOCK_STATISTICS);
	put32(pcapng, statistics->interface);
	put_time(pcapng, statistics->time_ns);
	put_text(pcapng, OPTION_COMMENT, statistics->comment);
	put_time_option(pcapng, ISB_STARTTIME, statistics->start_ns);
	put_time_option(pcapng, ISB_ENDTIME, statistics->end_ns);
	if (statistics->losses_known) {
		put_number(pcapng, ISB_IFRECV, statistics->delivered + statistics->lost);
		put_number(pcapng, ISB_IFDROP, statistics->lost);
	}
	put_number(pcapng, ISB_USRDELIV, statistics->delivered);
	end(pcapng, start);
	return 0;
}

/* --- writing --- */

/* The end of the last whole block among the first `size` bytes. */
static size_t whole_blocks(const struct pcapng *pcapng, size_t size)
{
	size_t at = 0;
	uint32_t total;

	while (at < pcapng->size) {
		memcpy(&total, pcapng->data + at + 4, sizeof(total));
		if (at + total > size)
			break;
		at += total;
	}
	return at;
}

/* Takes back the piece of a block that was written last. What is no regular file has no size. */
static void cut_back(const struct pcapng *pcapng, int fd, size_t written)
{
	off_t at = lseek(fd, 0, SEEK_CUR), whole = whole_blocks(pcapng, written);

	if (at >= 0 && ftruncate(fd, at - (off_t)written + whole) == 0)
		lseek(fd, at - (off_t)written + whole, SEEK_SET);
}

int pcapng_flush(struct pcapng *pcapng, int fd)
{
	size_t written = 0;
	ssize_t size;
	int error;

	while (written < pcapng->size) {
		size = write(fd, pcapng->data + written, pcapng->size - written);
		if (size >= 0) {
			written += size;
		} else if (errno != EINTR) {
			error = -errno;
			cut_back(pcapng, fd, written);
			pcapng->size = 0;
			return error;
		}
	}
	pcapng->size = 0;
	return 0;
}

void pcapng_clear(struct pcapng *pcapng)
{
	free(pcapng->data);
	*pcapng = (struct pcapng){};
}
