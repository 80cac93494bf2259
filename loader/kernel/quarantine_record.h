/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record of a container in quarantine: which policy each of its interfaces has until it is
 * released. It outlives the interfaces, which an engine makes anew at each start, and it is what
 * daemon and sidecar go by. It is one pinned map in the directory of the network namespace:
 *
 *   /sys/fs/bpf/policyctl/net-COOKIE/quarantine-ID
 *
 * A pin comes, is replaced and goes in one step. So a process that is killed leaves the record
 * whole or none. It ends with a release, or with the BPF file system: a restart of the host.
 */
#ifndef PCTL_QUARANTINE_RECORD_H
#define PCTL_QUARANTINE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUARANTINE_PIN "quarantine-" /* with the id of the container behind it */

/* Bytes that the text of its policy may have. */
#define QUARANTINE_TEXT_MAX 65536

struct quarantine_record {
	char container[72]; /* id: 64 hexadecimal digits */
	char name[128];
	uint64_t since; /* seconds since 1970 */
	char *text; /* the policy, in the policy language; malloc'd */
};

void quarantine_record_clear(struct quarantine_record *record);

/* Writes the record, in place of the one that is there. @pins: the directory of the network
 * namespace, locked. 0 or a negative errno with a message. */
int quarantine_record_write(const char *pins, const struct quarantine_record *record);

/* Reads it. -ENOENT, without a message: the container is not in quarantine. -EPROTO: it cannot be
 * understood, so the container is. Others with a message. To be cleared after success. */
int quarantine_record_read(const char *pins, const char *container,
			   struct quarantine_record *record);

/* Removes it; one that is not there is fine. */
int quarantine_record_remove(const char *pins, const char *container);

/*
 * Finds a record by the name of the container, its id, or at least the first 12 digits of it. 1:
 * found, *record is to be cleared; 0: there is none; or a negative errno with a message.
 */
int quarantine_record_find(const char *pins, const char *name, struct quarantine_record *record);

/* All records, for quarantine_records_free(). Those that cannot be read have no text. */
int quarantine_records_read(const char *pins, struct quarantine_record **records, size_t *count);
void quarantine_records_free(struct quarantine_record *records, size_t count);

#endif
