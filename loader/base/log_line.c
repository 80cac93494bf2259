// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "json_text.h"
#include "log_line.h"
#include "util.h"

static const struct {
	const char *name;
	const char *word; /* in front of a message in text */
	const char *priority;
	const char *colour;
} levels[] = {
	[LOG_LEVEL_DEBUG] = { "debug", "debug: ", SD_DEBUG, "\033[2m" },
	[LOG_LEVEL_INFO] = { "info", "", SD_INFO, "" },
	[LOG_LEVEL_WARNING] = { "warning", "warning: ", SD_WARNING, "\033[33m" },
	[LOG_LEVEL_ERROR] = { "error", "error: ", SD_ERR, "\033[31m" },
};

/* --- text --- */

/* "2026-11-20T17:20:31.042+01:00" */
static void put_local_time(FILE *out, const struct timespec *when)
{
	char date[32], zone[8];
	struct tm parts;

	localtime_r(&when->tv_sec, &parts);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
	strftime(zone, sizeof(zone), "%z", &parts); /* "+0100" */
	fprintf(out, "%s.%03ld%.3s:%s", date, when->tv_nsec / 1000000, zone, zone + 3);
}

static bool is_plain(char byte)
{
	return byte > ' ' && byte <= '~' && byte != '"' && byte != '\\' && byte != '=';
}

static void put_escaped(FILE *out, char byte, bool quoted)
{
	if (byte == '\n' || byte == '\t')
		fputs(byte == '\n' ? "\\n" : "\\t", out);
	else if (byte < ' ' || byte > '~')
		fprintf(out, "\\x%02x", (unsigned char)byte);
	else
		fprintf(out, "%s%c", quoted && (byte == '"' || byte == '\\') ? "\\" : "", byte);
}

static void put_value(FILE *out, const char *value)
{
	const char *rest = value;

	while (is_plain(*rest))
		rest++;
	if (*value && !*rest) {
		fputs(value, out);
		return;
	}
	fputc('"', out);
	for (; *value; value++)
		put_escaped(out, *value, true);
	fputc('"', out);
}

/* Puts each line of the value on a line of its own. Tabs stay, so that carets below a text point to
 * the right place. */
static void put_block(FILE *out, const char *value, const char *start)
{
	bool begins = true;

	for (; *value; value++) {
		if (begins)
			fprintf(out, "\n%s    ", start);
		begins = *value == '\n';
		if (*value == '\t')
			fputc('\t', out);
		else if (!begins)
			put_escaped(out, *value, false);
	}
}

static bool is_block(const char *value)
{
	return strchr(value, '\n');
}

static void put_fields(FILE *out, const struct log_record *event, const char *start)
{
	const char *gap = "  ";

	for (size_t i = 0; i < event->count; i++) {
		if (is_block(event->fields[i].value))
			continue;
		fprintf(out, "%s%s=", gap, event->fields[i].name);
		put_value(out, event->fields[i].value);
		gap = " ";
	}
	for (size_t i = 0; i < event->count; i++)
		if (is_block(event->fields[i].value))
			put_block(out, event->fields[i].value, start);
}

static void put_text(FILE *out, const struct log_record *event, enum log_dress dress)
{
	const char *start = dress == DRESS_PRIORITY ? levels[event->level].priority : "";
	const char *colour = dress == DRESS_COLOUR ? levels[event->level].colour : "";

	fputs(start, out);
	if (dress == DRESS_TIME || dress == DRESS_COLOUR) {
		put_local_time(out, &event->when);
		fputc(' ', out);
	}
	fprintf(out, "%s%s%s", dress == DRESS_BARE ? "" : "policyctl: ", colour,
		levels[event->level].word);
	for (const char *byte = event->message; *byte; byte++)
		put_escaped(out, *byte, false);
	fputs(*colour ? "\033[0m" : "", out);
	put_fields(out, event, start);
	fputc('\n', out);
}

char *log_line_text(const struct log_record *event, enum log_dress dress)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed;

	if (!out)
		return NULL;
	put_text(out, event, dress);
	failed = ferror(out);
	if (fclose(out) || failed)
		return NULL;
	return TAKE_PTR(text);
}

/* --- JSON --- */

/* "2026-11-20T16:20:31.042117Z" */
static void utc_time(const struct timespec *when, char text[40])
{
	struct tm parts;
	size_t used;

	gmtime_r(&when->tv_sec, &parts);
	used = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + used, 40 - used, ".%06ldZ", when->tv_nsec / 1000);
}

char *log_line_json(const struct log_record *event)
{
	json_t *object = json_object();
	char time[40], *text, *line = NULL;
	int failed;

	utc_time(&event->when, time);
	failed = json_object_set_new(object, "time", json_string(time)) ||
		 json_object_set_new(object, "level", json_string(levels[event->level].name)) ||
		 json_object_set_new(object, "message", json_text(event->message));
	for (size_t i = 0; i < event->count && !failed; i++)
		failed = json_object_set_new(object, event->fields[i].name,
					     json_text(event->fields[i].value));
	text = failed ? NULL : json_text_of(object, JSON_COMPACT);
	json_decref(object);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}
