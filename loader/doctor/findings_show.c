// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "findings_show.h"
#include "json_text.h"
#include "terminal.h"

#define MANY 3 /* of more subjects than these, each that is fine gets one line */
#define NAMED_MAX 6 /* findings of a level, in the line that sums up */

static const struct {
	const char *name;
	const char *many; /* in the line that sums up */
	enum colour colour;
} levels[FINDING_LEVELS] = {
	[FINDING_OK] = { "ok", "ok", COLOUR_GREEN },
	[FINDING_NOTE] = { "note", "notes", COLOUR_NONE },
	[FINDING_WARNING] = { "warning", "warnings", COLOUR_YELLOW },
	[FINDING_FAULT] = { "fault", "faults", COLOUR_RED },
};

/* --- for people --- */

static const char *words(const char *text)
{
	return text ?: "";
}

static void print_finding(const struct finding *finding)
{
	enum colour colour = levels[finding->level].colour;

	printf("  %s%-7s%s  %-16s  %s\n", terminal_start(stdout, colour),
	       levels[finding->level].name, colour == COLOUR_NONE ? "" : terminal_end(stdout),
	       finding->check, words(finding->what));
	if (finding->why)
		printf("           why: %s\n", finding->why);
	if (finding->todo)
		printf("           do:  %s\n", finding->todo);
}

/* "2 faults (veth0 xdp, veth0 filter)": the last line tells where to look. */
static void print_level(const struct findings *findings, enum finding_level level)
{
	size_t count = findings_count(findings, level), named = 0;

	terminal_print(stdout, levels[level].colour, "%zu %s", count,
		       count == 1 ? levels[level].name : levels[level].many);
	for (size_t i = 0; i < findings->count && level != FINDING_NOTE; i++) {
		const struct finding *finding = &findings->items[i];

		if (finding->level != level)
			continue;
		if (named++ == NAMED_MAX) {
			printf(", ...");
			break;
		}
		printf("%s%s %s", named == 1 ? " (" : ", ", words(finding->subject),
		       finding->check);
	}
	printf("%s", named ? ")" : "");
}

static void print_sum(const struct findings *findings)
{
	bool started = false;

	printf("\n");
	if (!findings_count(findings, FINDING_WARNING) &&
	    !findings_count(findings, FINDING_FAULT)) {
		terminal_print(stdout, COLOUR_GREEN, "nothing is wrong");
		started = true;
	}
	for (int level = FINDING_FAULT; level > FINDING_OK; level--) {
		if (!findings_count(findings, level))
			continue;
		printf("%s", started ? ", " : "");
		print_level(findings, level);
		started = true;
	}
	printf("; %zu of %zu checks are ok\n", findings_count(findings, FINDING_OK),
	       findings->count);
}

static bool same_subject(const struct finding *a, const struct finding *b)
{
	return !strcmp(words(a->subject), words(b->subject));
}

/* How many findings from @start on are about the same subject; *fine: all of them are ok. */
static size_t measure_group(const struct findings *findings, size_t start, bool *fine)
{
	size_t end = start;

	*fine = true;
	for (;
	     end < findings->count && same_subject(&findings->items[start], &findings->items[end]);
	     end++)
		*fine &= findings->items[end].level == FINDING_OK;
	return end - start;
}

static size_t count_groups(const struct findings *findings)
{
	size_t count = 0;
	bool fine;

	for (size_t i = 0; i < findings->count; i += measure_group(findings, i, &fine))
		count++;
	return count;
}

void findings_print(const struct findings *findings)
{
	bool many = count_groups(findings) > MANY, was_short = false, fine;
	size_t size;

	for (size_t i = 0; i < findings->count; i += size) {
		const struct finding *finding = &findings->items[i];

		size = measure_group(findings, i, &fine);
		printf("%s", i && !(many && fine && was_short) ? "\n" : "");
		was_short = many && fine;
		if (was_short) {
			terminal_print(stdout, COLOUR_GREEN, "%s: all %zu checks are ok",
				       words(finding->subject), size);
			printf("\n");
			continue;
		}
		printf("%s\n", words(finding->subject));
		for (size_t j = 0; j < size; j++)
			print_finding(&finding[j]);
	}
	print_sum(findings);
}

/* --- for machines --- */

static json_t *text_or_null(const char *text)
{
	return text ? json_text(text) : json_null();
}

json_t *findings_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:o, s:s, s:o, s:o, s:o}", "level",
						levels[finding->level].name, "subject",
						text_or_null(finding->subject), "check",
						finding->check, "what", text_or_null(finding->what),
						"why", text_or_null(finding->why), "do",
						text_or_null(finding->todo)));
	}
	return list;
}
