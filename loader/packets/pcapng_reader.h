/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets of pcapng (draft-ietf-opsawg-pcapng), each with the link type of its interface, and with
 * its direction where the name of the interface tells: `policyctl capture` has an interface for
 * each veth and direction, called `veth6c30d72:from` or `veth6c30d72:to`. Interfaces may differ in
 * link type and snap length, as those of merged captures do.
 */
#ifndef PCTL_PCAPNG_READER_H
#define PCTL_PCAPNG_READER_H

#include "capture_record.h"

#define PCAPNG_SECTION 0x0a0d0d0au /* the type of the first block, the same in both byte orders */

struct pcapng_reader;

/* Begins behind the type of the first block. NULL: no memory. */
struct pcapng_reader *pcapng_reader_open(void);
void pcapng_reader_close(struct pcapng_reader *reader);

/* The next packet. 1: there is one; 0: the end; -ENOMEM; -EIO: it cannot be read, in words in
 * error_message(). */
int pcapng_reader_next(struct pcapng_reader *reader, struct byte_stream *stream,
		       struct capture_record *record);

#endif
