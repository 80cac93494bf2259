/* SPDX-License-Identifier: GPL-2.0-only */
/* One packet of a capture, in memory that the next one uses again. */
#ifndef PCTL_CAPTURE_RECORD_H
#define PCTL_CAPTURE_RECORD_H

#include "byte_stream.h"
#include "link_layer.h"

#define CAPTURE_RECORD_MAX (1u << 18) /* bytes of a packet: what tcpdump and Wireshark take too */

struct capture_record {
	uint32_t link_type; /* enum link_type */
	struct link_bytes bytes;
	int direction; /* enum pctl_direction where the capture tells, else -1 */
	uint8_t *memory; /* LINK_HEADROOM bytes, then the packet */
	size_t room;
};

/* Reads @captured bytes of a packet that had @length of them. 0, -ENOMEM, or -EIO in words in
 * error_message(). */
int capture_record_read(struct capture_record *record, struct byte_stream *stream, size_t captured,
			size_t length);
void capture_record_clear(struct capture_record *record);

#endif
