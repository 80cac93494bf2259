// SPDX-License-Identifier: GPL-2.0-only
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "log_journal.h"
#include "util.h"

/* A field may be sent by two names, and there are three more. */
#define ENTRIES_MAX (2 * LOG_FIELDS_MAX + 3)

struct entry {
	struct iovec items[ENTRIES_MAX];
	int count;
};

static void entry_clear(struct entry *entry)
{
	for (int i = 0; i < entry->count; i++)
		free(entry->items[i].iov_base);
}

static int add(struct entry *entry, const char *name, const char *value)
{
	char *item;
	int length = asprintf(&item, "%s=%s", name, value);

	if (length < 0)
		return -ENOMEM;
	entry->items[entry->count++] = (struct iovec){ item, length };
	return 0;
}

static const char *other_name(const char *name)
{
	if (!strcmp(name, "container"))
		return "CONTAINER_NAME";
	return strcmp(name, "id") ? NULL : "CONTAINER_ID";
}

/* Names of fields are capitals, digits and '_'. */
static int add_field(struct entry *entry, const char *name, const char *value)
{
	const char *other = other_name(name);
	char upper[64];
	size_t i = snprintf(upper, sizeof(upper), "POLICYCTL_");

	for (; *name && i < sizeof(upper) - 1; name++)
		upper[i++] = isalnum((unsigned char)*name) ? toupper((unsigned char)*name) : '_';
	upper[i] = '\0';
	return add(entry, upper, value) ?: (other ? add(entry, other, value) : 0);
}

static int add_all(struct entry *entry, const struct log_record *event, char *text)
{
	static const char *const priorities[] = {
		[LOG_LEVEL_DEBUG] = "7",
		[LOG_LEVEL_INFO] = "6",
		[LOG_LEVEL_WARNING] = "4",
		[LOG_LEVEL_ERROR] = "3",
	};
	int error;

	text[strlen(text) - 1] = '\0'; /* the newline at its end */
	error = add(entry, "MESSAGE", text);
	error = error ?: add(entry, "PRIORITY", priorities[event->level]);
	error = error ?: add(entry, "SYSLOG_IDENTIFIER", "policyctl");
	for (size_t i = 0; i < event->count && !error; i++)
		error = add_field(entry, event->fields[i].name, event->fields[i].value);
	return error;
}

/* sd_journal_sendv() reports success if nobody listens. */
static bool journal_listens(void)
{
	return !access("/run/systemd/journal/socket", W_OK);
}

int log_journal_send(const struct log_record *event)
{
	_cleanup_(freep) char *text = log_line_text(event, DRESS_BARE);
	_cleanup_(entry_clear) struct entry entry = {};
	int error = journal_listens() ? 0 : -ENOENT;

	if (!error)
		error = text ? add_all(&entry, event, text) : -ENOMEM;
	return error ?: sd_journal_sendv(entry.items, entry.count);
}
