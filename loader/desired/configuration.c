// SPDX-License-Identifier: GPL-2.0-only
/* Reads the configuration file. inih splits its lines. This file keeps their places for messages,
 * and finds the errors that inih ignores. */
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "configuration.h"
#include "error.h"
#include "files.h"
#include "settings.h"
#include "suggest.h"
#include "util.h"

#define FILE_MAX (1u << 20)
#define SETTINGS_MAX 32

struct reading {
	struct source source;
	struct configuration *configuration;
	size_t next; /* where the next line begins */
	struct word line; /* that inih reads now, without its end */
	bool expects; /* it should have a setting, and inih has not found one yet */
	bool section_known;
	char section[32];
	bool named; /* a setting came before: a line that begins with blanks adds to it */
	const struct setting *last; /* that setting; NULL: it was refused */
	struct word given[SETTINGS_MAX]; /* where each setting was given, by its number */
	int error; /* -ENOMEM */
};

static void complain(struct reading *reading, int error)
{
	if (error == -ENOMEM)
		reading->error = error;
}

static bool find_byte(const struct word *word, const char *bytes, size_t *at)
{
	for (*at = 0; *at < word->length; ++*at)
		if (word->text[*at] && strchr(bytes, word->text[*at]))
			return true;
	return false;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* @word without blanks at its ends. */
static struct word trimmed(struct word word)
{
	while (word.length && is_blank(*word.text)) {
		word.text++;
		word.length--;
		word.place.column++;
	}
	while (word.length && is_blank(word.text[word.length - 1]))
		word.length--;
	return word;
}

/* The first @length bytes of it. */
static struct word head(struct word word, size_t length)
{
	word.length = length;
	return word;
}

static struct word behind(struct word word, size_t length)
{
	word.text += length;
	word.length -= length;
	word.place.column += length;
	return word;
}

/* --- sections --- */

static bool is_section(const char *name)
{
	for (const struct setting *setting = settings; setting->section; setting++)
		if (!strcmp(setting->section, name))
			return true;
	return false;
}

static int unknown_section(struct reading *reading, const struct word *name)
{
	struct suggestion suggestion;

	suggestion_start(&suggestion, name);
	for (const struct setting *setting = settings; setting->section; setting++)
		suggestion_consider(&suggestion, setting->section);
	return source_error(&reading->source, name, "unknown section '%.*s'%s%s%s", WORD_ARGS(name),
			    SUGGESTION_ARGS(&suggestion));
}

static void enter_section(struct reading *reading, const struct word *line)
{
	const char *end = memchr(line->text, ']', line->length);
	struct word name, rest;

	reading->section_known = false;
	if (!end) {
		complain(reading,
			 source_error(&reading->source, line, "the ']' of the section is missing"));
		return;
	}
	reading->named = false;
	name = behind(head(*line, end - line->text), 1);
	rest = trimmed(behind(*line, end + 1 - line->text));
	if (!word_copy(&name, reading->section, sizeof(reading->section)) ||
	    !is_section(reading->section))
		complain(reading, unknown_section(reading, &name));
	else
		reading->section_known = true;
	if (rest.length && *rest.text != ';' && *rest.text != '#')
		complain(reading, source_error(&reading->source, &rest,
					       "nothing may follow the name of a section"));
}

/* --- settings --- */

static const struct setting *find_setting(const char *section, const struct word *name)
{
	for (const struct setting *setting = settings; setting->section; setting++)
		if (word_is(name, setting->name) &&
		    (!section || !strcmp(setting->section, section)))
			return setting;
	return NULL;
}

static int unknown_setting(struct reading *reading, const struct word *name)
{
	const struct setting *elsewhere = find_setting(NULL, name);
	struct suggestion suggestion;

	if (elsewhere)
		return source_error(&reading->source, name, "%s belongs in the section [%s]",
				    elsewhere->name, elsewhere->section);
	suggestion_start(&suggestion, name);
	for (const struct setting *setting = settings; setting->section; setting++)
		if (!*reading->section || !strcmp(setting->section, reading->section))
			suggestion_consider(&suggestion, setting->name);
	return source_error(&reading->source, name, "unknown setting '%.*s'%s%s%s", WORD_ARGS(name),
			    SUGGESTION_ARGS(&suggestion));
}

static int begin_setting(struct reading *reading, const struct word *name, const struct word *value)
{
	const struct setting *setting = find_setting(reading->section, name);
	struct word *given;

	reading->named = true;
	reading->last = NULL;
	if (!setting)
		return unknown_setting(reading, name);
	given = &reading->given[setting - settings];
	if (given->length)
		return source_error(&reading->source, name, "%s was given in line %u already",
				    setting->name, given->place.line);
	*given = *name;
	reading->last = setting;
	if (setting->list)
		setting_empty(setting, reading->configuration);
	return setting->set(setting, reading->configuration, &reading->source, value);
}

static int go_on(struct reading *reading, const struct word *value)
{
	const struct setting *setting = reading->last;

	if (!setting)
		return 0;
	if (!setting->list)
		return source_error(&reading->source, value,
				    "a line that begins with blanks goes on with the one before, "
				    "and %s takes one value",
				    setting->name);
	return setting->set(setting, reading->configuration, &reading->source, value);
}

/* inih does not remove comments from lines that add to a value. */
static struct word without_comment(struct word word)
{
	for (size_t at = 1; at < word.length; at++)
		if (word.text[at] == ';' && is_blank(word.text[at - 1]))
			return trimmed(head(word, at));
	return word;
}

/* The value as long as inih found it: without the comment behind it. */
static struct word value_of(struct word rest, const char *value)
{
	rest = trimmed(rest);
	return head(rest, strnlen(value, rest.length));
}

static int read_setting(struct reading *reading, const char *found)
{
	struct word text = trimmed(reading->line), key, value;
	size_t at;

	if (reading->named && is_blank(*reading->line.text)) {
		value = without_comment(text);
		return go_on(reading, &value);
	}
	if (!find_byte(&text, "=:", &at))
		return 0; /* never: inih found one */
	key = trimmed(head(text, at));
	value = value_of(behind(text, at + 1), found);
	for (at = 1; at < value.length; at++)
		if (value.text[at] == '#' && is_blank(value.text[at - 1])) {
			value = behind(value, at);
			return source_error(&reading->source, &value,
					    "a comment behind a value begins with ';'");
		}
	return begin_setting(reading, &key, &value);
}

/* inih calls this when it found a setting in the line, or one more line of the last setting. */
static int take_setting(void *data, const char *section, const char *name, const char *value)
{
	struct reading *reading = data;

	(void)section;
	(void)name;
	reading->expects = false;
	if (!*reading->section)
		complain(reading,
			 source_error(&reading->source, &reading->line,
				      "a setting belongs in a section, [daemon] for example"));
	else if (reading->section_known) /* else an error was reported */
		complain(reading, read_setting(reading, value));
	return 1;
}

/* --- lines --- */

static bool next_line(struct reading *reading)
{
	const struct source *source = &reading->source;
	const char *begin = source->text + reading->next, *end;

	if (reading->next >= source->length)
		return false;
	end = memchr(begin, '\n', source->length - reading->next);
	reading->line = (struct word){
		.text = begin,
		.length = end ? (size_t)(end - begin) : source->length - reading->next,
		.place = { reading->line.place.line + 1, 1 },
	};
	reading->next += reading->line.length + 1;
	return true;
}

/* Can inih read this line? If not, that is reported, and inih gets an empty one. */
static bool is_fit(struct reading *reading, size_t room)
{
	const struct word *line = &reading->line;
	int error;

	if (memchr(line->text, '\0', line->length))
		error = source_error(&reading->source, line, "there are NUL bytes in this line");
	else if (line->length + 2 > room)
		error = source_error(&reading->source, line, "a line has at most %zu bytes",
				     room - 2);
	else
		return true;
	complain(reading, error);
	return false;
}

static void classify_line(struct reading *reading)
{
	struct word text = trimmed(reading->line);

	reading->expects = false;
	if (!text.length || *text.text == '#' || *text.text == ';')
		return;
	if (*text.text == '[' && !(reading->named && is_blank(*reading->line.text)))
		enter_section(reading, &text);
	else
		reading->expects = true;
}

static void finish_line(struct reading *reading)
{
	struct word text = trimmed(reading->line);

	if (reading->expects)
		complain(reading, source_error(&reading->source, &text,
					       "expected `NAME = VALUE` or a [section]"));
	reading->expects = false;
}

/* inih reads lines by this, as by fgets(). */
static char *give_line(char *buffer, int size, void *data)
{
	struct reading *reading = data;
	size_t length = 0;

	finish_line(reading);
	if (reading->error || !next_line(reading))
		return NULL;
	if (is_fit(reading, size)) {
		classify_line(reading);
		length = reading->line.length;
		memcpy(buffer, reading->line.text, length);
	}
	memcpy(buffer + length, "\n", 2);
	return buffer;
}

/* --- the file --- */

static void check_lists(struct reading *reading)
{
	for (const struct setting *setting = settings; setting->section; setting++) {
		const struct word *given = &reading->given[setting - settings];

		if (setting->list && given->length &&
		    !setting_count(setting, reading->configuration))
			complain(reading, source_error(&reading->source, given,
						       "%s names nothing; all there is is `*`",
						       setting->name));
	}
}

static int parse(const char *path, const char *text, size_t length,
		 struct configuration *configuration, struct diagnostics *diagnostics)
{
	struct reading reading = {
		.source = { .name = path,
			    .text = text,
			    .length = length,
			    .diagnostics = diagnostics },
		.configuration = configuration,
	};

	ini_parse_stream(give_line, &reading, take_setting, &reading);
	check_lists(&reading);
	return reading.error ?: reading.source.errors ? -EINVAL : 0;
}

int configuration_read(const char *path, bool optional, struct configuration *configuration,
		       struct diagnostics *diagnostics)
{
	_cleanup_(configuration_clear) struct configuration new = {};
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = settings_default(&new);

	if (error)
		return error_set(error, "%s: %s", path, strerror(-error));
	error = file_read(path, FILE_MAX, &text, &length);
	if (error == -ENOENT && optional)
		error = 0;
	else if (error)
		return error_prefix(error == -EINVAL ? -EIO : error, "%s", path);
	error = parse(path, text ?: "", length, &new, diagnostics);
	if (error)
		return error;
	*configuration = new;
	new = (struct configuration){};
	return 0;
}

void configuration_clear(struct configuration *configuration)
{
	for (size_t i = 0; i < configuration->network_count; i++)
		free(configuration->networks[i]);
	for (size_t i = 0; i < configuration->bridge_count; i++)
		free(configuration->bridges[i]);
	free(configuration->networks);
	free(configuration->bridges);
	free(configuration->docker_socket);
	free(configuration->policy_directory);
	free(configuration->metrics);
	free(configuration->history);
	free(configuration->unlabelled);
	free(configuration->baseline);
	*configuration = (struct configuration){};
}
