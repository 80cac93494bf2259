// SPDX-License-Identifier: GPL-2.0-only
#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "pcap_file.h"
#include "pcapng_reader.h"
#include "util.h"

/* The first number of a file (draft-ietf-opsawg-pcap), and what libpcap reads besides. */
#define MAGIC_MICROSECONDS 0xa1b2c3d4u
#define MAGIC_NANOSECONDS 0xa1b23c4du
#define MAGIC_PATCHED 0xa1b2cd34u /* of an old patch: 8 bytes more in front of each packet */

#define HEADER_SIZE 20 /* bytes of the file's header behind its magic number */
#define RECORD_SIZE 16
#define PATCHED_RECORD_SIZE 24
#define LINK_TYPE_MASK 0xffff /* above it stands whether frames have their checksum behind them */

struct pcap_file {
	struct byte_stream stream;
	struct pcapng_reader *pcapng; /* NULL: it is a pcap: */
	uint32_t link_type;
	size_t record_size; /* bytes in front of each packet */
	struct capture_record record;
};

static int read_pcap_header(struct pcap_file *file)
{
	uint8_t header[HEADER_SIZE];
	int error = byte_stream_read(&file->stream, header, sizeof(header));

	if (error)
		return error_set(-EINVAL, "cannot read the capture: it ends in its header");
	file->link_type = byte_stream_number32(&file->stream, header + 16) & LINK_TYPE_MASK;
	return link_type_check(file->link_type);
}

static int read_header(struct pcap_file *file)
{
	uint32_t magic = 0;
	int error = byte_stream_read(&file->stream, &magic, sizeof(magic));

	if (error)
		return error_set(-EINVAL, "cannot read the capture: %s",
				 error == -ENODATA ? "it is empty" : error_message(error));
	if (magic == PCAPNG_SECTION) {
		file->pcapng = pcapng_reader_open();
		return file->pcapng ? 0 : -ENOMEM;
	}
	file->stream.swapped = magic == bswap_32(MAGIC_MICROSECONDS) ||
			       magic == bswap_32(MAGIC_NANOSECONDS) ||
			       magic == bswap_32(MAGIC_PATCHED);
	magic = file->stream.swapped ? bswap_32(magic) : magic;
	if (magic != MAGIC_MICROSECONDS && magic != MAGIC_NANOSECONDS && magic != MAGIC_PATCHED)
		return error_set(-EINVAL, "cannot read the capture: it is neither pcap nor pcapng");
	file->record_size = magic == MAGIC_PATCHED ? PATCHED_RECORD_SIZE : RECORD_SIZE;
	return read_pcap_header(file);
}

int pcap_file_open(const char *path, struct pcap_file **file)
{
	_cleanup_(pcap_file_closep) struct pcap_file *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	new->stream.in = strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;
	if (!new->stream.in)
		return error_set(-errno, "cannot read the capture: %m");
	error = read_header(new);
	if (!error)
		*file = TAKE_PTR(new);
	return error;
}

void pcap_file_close(struct pcap_file *file)
{
	if (!file)
		return;
	if (file->stream.in && file->stream.in != stdin)
		fclose(file->stream.in);
	pcapng_reader_close(file->pcapng);
	capture_record_clear(&file->record);
	free(file);
}

/* 1: there is one; 0: the end; or what it fails with. */
static int next_of_pcap(struct pcap_file *file)
{
	uint8_t header[PATCHED_RECORD_SIZE];
	int error = byte_stream_read(&file->stream, header, file->record_size);

	if (error)
		return error == -ENODATA ? 0 : error;
	file->record.link_type = file->link_type;
	file->record.direction = -1;
	return capture_record_read(&file->record, &file->stream,
				   byte_stream_number32(&file->stream, header + 8),
				   byte_stream_number32(&file->stream, header + 12))
		       ?: 1;
}

int pcap_file_next(struct pcap_file *file, struct pcap_packet *packet)
{
	struct capture_record *record = &file->record;
	int got = file->pcapng ? pcapng_reader_next(file->pcapng, &file->stream, record)
			       : next_of_pcap(file);
	int error;

	if (got < 0)
		return error_prefix(got, "cannot read on in the capture");
	if (!got)
		return 0;
	error = link_type_check(record->link_type);
	if (error)
		return error;
	link_to_ethernet(record->link_type, &record->bytes);
	*packet = (struct pcap_packet){ record->bytes.data, record->bytes.captured,
					record->bytes.length, record->direction };
	return 1;
}
