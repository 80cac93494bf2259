// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "error.h"
#include "quarantine_record.h"
#include "util.h"

#define RECORD_VERSION 1
#define MAP_NAME "quarantine"
#define BLOCK 4096 /* the size of an element, a multiple of which the map holds */

#define ID_DIGITS 64
#define ID_LEAST 12 /* as many digits of an id as engines print */

/* What the map begins with; the text follows. */
struct header {
	uint32_t version; /* RECORD_VERSION */
	uint32_t length; /* of the text */
	uint64_t since;
	char container[72];
	char name[128];
};

void quarantine_record_clear(struct quarantine_record *record)
{
	free(record->text);
	*record = (struct quarantine_record){};
}

/* Only what can be an id becomes part of a path. */
static bool is_id(const char *text)
{
	return strlen(text) == ID_DIGITS && strspn(text, "0123456789abcdef") == ID_DIGITS;
}

static void pin_name(const char *container, char name[NAME_MAX])
{
	snprintf(name, NAME_MAX, QUARANTINE_PIN "%s", container);
}

static int check_id(const char *container)
{
	if (is_id(container))
		return 0;
	return error_set(-EINVAL, "%s is not the id of a container (%d hexadecimal digits)",
			 container, ID_DIGITS);
}

/* --- writing --- */

/* A pin cannot be made over another one. It is made beside it, and renamed. */
static int pin(const char *pins, const char *name, int fd)
{
	char new[NAME_MAX], from[PATH_MAX], to[PATH_MAX];
	int error;

	snprintf(new, sizeof(new), "new-%.200s", name);
	snprintf(from, sizeof(from), "%s/%s", pins, new);
	snprintf(to, sizeof(to), "%s/%s", pins, name);
	error = map_unpin(pins, new); /* of a killed command */
	error = error ?: map_pin(fd, pins, new);
	if (!error && rename(from, to))
		error = error_set(-errno, "cannot rename %s: %m", from);
	return error;
}

int quarantine_record_write(const char *pins, const struct quarantine_record *record)
{
	size_t length = strlen(record->text), size = sizeof(struct header) + length;
	_cleanup_(freep) struct header *header = calloc(1, size);
	_cleanup_(closep) int fd = -1;
	char name[NAME_MAX];
	int error = check_id(record->container);

	if (!error && length > QUARANTINE_TEXT_MAX)
		error = error_set(-E2BIG, "the policy of a quarantine has %d bytes at most",
				  QUARANTINE_TEXT_MAX);
	if (!error && !header)
		error = -ENOMEM;
	if (error)
		return error;
	header->version = RECORD_VERSION;
	header->length = length;
	header->since = record->since;
	memcpy(header->container, record->container, sizeof(header->container));
	memcpy(header->name, record->name, sizeof(header->name));
	memcpy(header + 1, record->text, length);
	pin_name(record->container, name);
	error = map_create_array(MAP_NAME, BLOCK, size, &fd);
	error = error ?: map_write(fd, MAP_NAME, header, size);
	error = error ?: map_freeze(fd, MAP_NAME);
	return error ?: pin(pins, name, fd);
}

int quarantine_record_remove(const char *pins, const char *container)
{
	char name[NAME_MAX];
	int error = check_id(container);

	pin_name(container, name);
	return error ?: map_unpin(pins, name);
}

/* --- reading --- */

static int check_header(const struct header *header, const char *container)
{
	if (header->version == RECORD_VERSION && header->length <= QUARANTINE_TEXT_MAX &&
	    !strncmp(header->container, container, sizeof(header->container)) &&
	    memchr(header->name, '\0', sizeof(header->name)))
		return 0;
	return error_set(-EPROTO,
			 "the record of the quarantine of %.12s is none of this version of "
			 "policyctl",
			 container);
}

static int read_text(int fd, const struct header *header, struct quarantine_record *record)
{
	size_t size = sizeof(*header) + header->length;
	_cleanup_(freep) char *all = malloc(size);
	int error = all ? map_read(fd, MAP_NAME, all, size) : -ENOMEM;

	if (error)
		return error;
	record->text = strndup(all + sizeof(*header), header->length);
	return record->text ? 0 : -ENOMEM;
}

int quarantine_record_read(const char *pins, const char *container,
			   struct quarantine_record *record)
{
	struct quarantine_record new = {};
	_cleanup_(closep) int fd = -1;
	struct header header;
	char name[NAME_MAX];
	int error;

	if (!is_id(container))
		return -ENOENT;
	pin_name(container, name);
	error = map_open_pin(pins, name, &fd);
	if (error == -ENOENT)
		error_clear();
	error = error ?: map_read(fd, MAP_NAME, &header, sizeof(header));
	error = error ?: check_header(&header, container);
	if (error)
		return error;
	memcpy(new.container, header.container, sizeof(new.container));
	memcpy(new.name, header.name, sizeof(new.name));
	new.since = header.since;
	error = read_text(fd, &header, &new);
	if (!error)
		*record = new;
	return error;
}

/* --- all of them --- */

void quarantine_records_free(struct quarantine_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		quarantine_record_clear(&records[i]);
	free(records);
}

/* Adds the record with this id to the list, without a text if it cannot be read. */
static int add(const char *pins, const char *id, struct quarantine_record **records, size_t *count)
{
	struct quarantine_record *grown = reallocarray(*records, *count + 1, sizeof(*grown));
	int error;

	if (!grown)
		return -ENOMEM;
	*records = grown;
	grown[*count] = (struct quarantine_record){};
	error = quarantine_record_read(pins, id, &grown[*count]);
	if (error == -ENOENT)
		return 0; /* it was removed just now */
	if (error)
		snprintf(grown[*count].container, sizeof(grown->container), "%s", id);
	error_clear();
	(*count)++;
	return 0;
}

int quarantine_records_read(const char *pins, struct quarantine_record **records, size_t *count)
{
	DIR *directory = opendir(pins);
	const struct dirent *entry;
	int error = 0;

	*records = NULL;
	*count = 0;
	if (!directory)
		return errno == ENOENT ? 0 : error_set(-errno, "cannot read %s: %m", pins);
	while (!error && (entry = readdir(directory))) {
		const char *id = entry->d_name + strlen(QUARANTINE_PIN);

		if (!strncmp(entry->d_name, QUARANTINE_PIN, strlen(QUARANTINE_PIN)) && is_id(id))
			error = add(pins, id, records, count);
	}
	closedir(directory);
	if (error) {
		quarantine_records_free(*records, *count);
		*records = NULL;
		*count = 0;
	}
	return error;
}

static bool is_called(const struct quarantine_record *record, const char *name)
{
	size_t length = strlen(name);

	return !strcmp(record->name, name) ||
	       (length >= ID_LEAST && !strncmp(record->container, name, length));
}

int quarantine_record_find(const char *pins, const char *name, struct quarantine_record *record)
{
	struct quarantine_record *records;
	size_t count, found;
	int error = quarantine_records_read(pins, &records, &count);

	if (error)
		return error;
	for (found = 0; found < count && !is_called(&records[found], name);)
		found++;
	if (found < count) {
		*record = records[found];
		records[found] = (struct quarantine_record){};
		error = 1;
	}
	quarantine_records_free(records, count);
	return error;
}
