// SPDX-License-Identifier: GPL-2.0-only
/* Reads the configuration file. inih splits its lines. This file keeps their places for messages,
 * and finds the errors that inih ignores. */
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "configuration.h"
#include "error.h"
#include "files.h"
#include "line_words.h"
#include "named_interfaces.h"
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
	struct named_interfaces *interfaces; /* whose section it is; NULL: it is another one */
	struct word pattern; /* of that section, for messages */
	bool named; /* a setting came before: a line that begins with blanks adds to it */
	const struct setting *last; /* that setting; NULL: it was refused */
	struct word given[SETTINGS_MAX]; /* where each setting was given, by its number */
	struct word given_here[SETTINGS_MAX]; /* likewise those of `interfaces` */
	int error; /* -ENOMEM */
};

static void complain(struct reading *reading, int error)
{
	if (error == -ENOMEM)
		reading->error = error;
}

/* --- sections --- */

static bool is_section(const char *name)
{
	for (const struct setting *setting = settings; setting->section; setting++)
		if (!strcmp(setting->section, name))
			return true;
	return false;
}

/* Is there something behind `follow `? */
static bool has_follow_in_front(const struct word *name, struct word *rest)
{
	static const char follow[] = "follow";
	size_t length = strlen(follow);

	if (name->length <= length || memcmp(name->text, follow, length) != 0)
		return false;
	*rest = word_behind(*name, length);
	if (!byte_is_blank(*rest->text) && *rest->text != '"')
		return false;
	*rest = word_trimmed(*rest);
	return rest->length;
}

static int unknown_section(struct reading *reading, const struct word *name)
{
	struct suggestion suggestion;
	struct word rest;

	if (has_follow_in_front(name, &rest))
		return source_error(&reading->source, &rest,
				    "a pattern of names stands in quotes, as in [follow \"ve-*\"]");
	suggestion_start(&suggestion, name);
	for (const struct setting *setting = settings; setting->section; setting++)
		suggestion_consider(&suggestion, setting->section);
	return source_error(&reading->source, name, "unknown section '%.*s'%s%s%s", WORD_ARGS(name),
			    SUGGESTION_ARGS(&suggestion));
}

/* The section before ends here. */
static void leave_section(struct reading *reading)
{
	struct named_interfaces *interfaces = reading->interfaces;

	reading->interfaces = NULL;
	if (!interfaces)
		return;
	for (const struct setting *setting = interface_settings; setting->section; setting++) {
		bool given = reading->given_here[setting - interface_settings].length;

		interfaces->hook_given |= given && !strcmp(setting->name, "hook");
		interfaces->mode_given |= given && !strcmp(setting->name, "mode");
		if (!given && !strcmp(setting->name, "policy"))
			complain(reading, source_error(&reading->source, &reading->pattern,
						       "the section names no policy: `policy = "
						       "NAME` is missing"));
	}
}

static bool is_same_pattern(const struct reading *reading, const struct word *pattern)
{
	const struct configuration *configuration = reading->configuration;

	for (size_t i = 0; i < configuration->interface_count; i++)
		if (word_is(pattern, configuration->interfaces[i].pattern))
			return true;
	return false;
}

/* [follow "PATTERN"] */
static int enter_pattern(struct reading *reading, const struct word *pattern)
{
	struct configuration *configuration = reading->configuration;
	size_t count = configuration->interface_count;
	struct named_interfaces *grown;
	int error = named_interfaces_check(&reading->source, pattern);

	if (!error && is_same_pattern(reading, pattern))
		error = source_error(&reading->source, pattern,
				     "there is a section for '%.*s' already", WORD_ARGS(pattern));
	if (error)
		return error;
	grown = reallocarray(configuration->interfaces, count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	configuration->interfaces = grown;
	grown[count] =
		(struct named_interfaces){ .pattern = strndup(pattern->text, pattern->length) };
	if (!grown[count].pattern)
		return -ENOMEM;
	configuration->interface_count++;
	reading->interfaces = &grown[count];
	reading->pattern = *pattern;
	memset(reading->given_here, 0, sizeof(reading->given_here));
	reading->section_known = true;
	return 0;
}

/* Is it `follow "PATTERN"`? */
static bool is_of_pattern(const struct word *name, struct word *pattern)
{
	if (!has_follow_in_front(name, pattern) || pattern->length < 2 || *pattern->text != '"' ||
	    pattern->text[pattern->length - 1] != '"')
		return false;
	*pattern = word_head(word_behind(*pattern, 1), pattern->length - 2);
	return true;
}

/* The ']' of the section; that of a pattern is behind its quotes. NULL: there is none. */
static const char *section_end(const struct word *line)
{
	const char *end = memchr(line->text, ']', line->length), *quote;

	quote = end ? memchr(line->text, '"', end - line->text) : NULL;
	if (quote)
		quote = memchr(quote + 1, '"', line->length - (quote + 1 - line->text));
	return quote ? memchr(quote, ']', line->length - (quote - line->text)) : end;
}

static void enter_section(struct reading *reading, const struct word *line)
{
	const char *end = section_end(line);
	struct word name, rest, pattern;

	leave_section(reading);
	reading->section_known = false;
	if (!end) {
		complain(reading,
			 source_error(&reading->source, line, "the ']' of the section is missing"));
		return;
	}
	reading->named = false;
	name = word_behind(word_head(*line, end - line->text), 1);
	rest = word_trimmed(word_behind(*line, end + 1 - line->text));
	if (is_of_pattern(&name, &pattern)) {
		snprintf(reading->section, sizeof(reading->section), "%s", INTERFACES_SECTION);
		complain(reading, enter_pattern(reading, &pattern));
	} else if (!word_copy(&name, reading->section, sizeof(reading->section)) ||
		   !is_section(reading->section))
		complain(reading, unknown_section(reading, &name));
	else
		reading->section_known = true;
	if (rest.length && *rest.text != ';' && *rest.text != '#')
		complain(reading, source_error(&reading->source, &rest,
					       "nothing may follow the name of a section"));
}

/* --- settings --- */

/* The settings of the section that is read. */
static const struct setting *table_of(const struct reading *reading)
{
	return reading->interfaces ? interface_settings : settings;
}

static const struct setting *find_setting(const struct setting *table, const char *section,
					  const struct word *name)
{
	for (const struct setting *setting = table; setting->section; setting++)
		if (word_is(name, setting->name) &&
		    (!section || !strcmp(setting->section, section)))
			return setting;
	return NULL;
}

static int unknown_setting(struct reading *reading, const struct word *name)
{
	const struct setting *elsewhere = find_setting(settings, NULL, name);
	struct suggestion suggestion;

	if (elsewhere)
		return source_error(&reading->source, name, "%s belongs in the section [%s]",
				    elsewhere->name, elsewhere->section);
	suggestion_start(&suggestion, name);
	for (const struct setting *setting = table_of(reading); setting->section; setting++)
		if (!*reading->section || !strcmp(setting->section, reading->section))
			suggestion_consider(&suggestion, setting->name);
	return source_error(&reading->source, name, "unknown setting '%.*s'%s%s%s", WORD_ARGS(name),
			    SUGGESTION_ARGS(&suggestion));
}

static int begin_setting(struct reading *reading, const struct word *name, const struct word *value)
{
	const struct setting *table = table_of(reading);
	const struct setting *setting = find_setting(table, reading->section, name);
	void *fields = reading->interfaces ?: (void *)reading->configuration;
	struct word *given;

	reading->named = true;
	reading->last = NULL;
	if (!setting)
		return unknown_setting(reading, name);
	given = reading->interfaces ? reading->given_here : reading->given;
	given += setting - table;
	if (given->length)
		return source_error(&reading->source, name, "%s was given in line %u already",
				    setting->name, given->place.line);
	*given = *name;
	reading->last = setting;
	if (setting->list)
		setting_empty(setting, reading->configuration);
	return setting->set(setting, fields, &reading->source, value);
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

/* The value as long as inih found it: without the comment behind it. It does not remove comments
 * from lines that add to a value. */
static struct word value_of(struct word rest, const char *value)
{
	rest = word_trimmed(rest);
	return word_head(rest, strnlen(value, rest.length));
}

static int read_setting(struct reading *reading, const char *found)
{
	struct word text = word_trimmed(reading->line), key, value;
	size_t at;

	if (reading->named && byte_is_blank(*reading->line.text)) {
		value = word_without_comment(text);
		return go_on(reading, &value);
	}
	if (!word_find(&text, "=:", &at))
		return 0; /* never: inih found one */
	key = word_trimmed(word_head(text, at));
	value = value_of(word_behind(text, at + 1), found);
	for (at = 1; at < value.length; at++)
		if (value.text[at] == '#' && byte_is_blank(value.text[at - 1])) {
			value = word_behind(value, at);
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
	struct word text = word_trimmed(reading->line);

	reading->expects = false;
	if (!text.length || *text.text == '#' || *text.text == ';')
		return;
	if (*text.text == '[' && !(reading->named && byte_is_blank(*reading->line.text)))
		enter_section(reading, &text);
	else
		reading->expects = true;
}

static void finish_line(struct reading *reading)
{
	struct word text = word_trimmed(reading->line);

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

/* What a section of interfaces does not say is as in [policy]. */
static void inherit(struct configuration *configuration)
{
	for (size_t i = 0; i < configuration->interface_count; i++) {
		struct named_interfaces *interfaces = &configuration->interfaces[i];

		if (!interfaces->hook_given)
			interfaces->hook = configuration->hook;
		if (!interfaces->mode_given)
			interfaces->mode = configuration->mode;
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
	leave_section(&reading);
	inherit(configuration);
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
	named_interfaces_clear(configuration->interfaces, configuration->interface_count);
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
