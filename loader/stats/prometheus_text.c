// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "printable.h"
#include "prometheus_text.h"

#define RULE_BYTES 200 /* of a rule's text in a label: a rule may have thousands of ports */

void prometheus_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP policyctl_%s %s\n# TYPE policyctl_%s %s\n", name, help, name, type);
}

/* The format requires UTF-8, but the name of an interface may have any bytes. Only backslash, quote
 * and newline have an escape: what a terminal must not get becomes '?'. */
static void value(FILE *out, const char *text, size_t limit)
{
	const char *end = text + strnlen(text, limit);

	while (text < end) {
		size_t length = printable_character(text, strlen(text));

		if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else if (*text == '\n')
			fputs("\\n", out);
		else if (length)
			fwrite(text, 1, length, out);
		else
			fputc('?', out);
		text += length ?: 1;
	}
	if (*text && text >= end)
		fputs("...", out);
}

void prometheus_label(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",%s=\"", name);
	value(out, text, RULE_BYTES);
	fputc('"', out);
}

/* Whole, since it identifies. */
static void label_of_container(FILE *out, const char *name)
{
	fputs(",container=\"", out);
	value(out, name, strlen(name));
	fputc('"', out);
}

void prometheus_begin(FILE *out, const char *name, const struct sample_item *item)
{
	fprintf(out, "policyctl_%s{interface=\"", name);
	value(out, item->name, RULE_BYTES);
	fputc('"', out);
	if (item->container && *item->container)
		label_of_container(out, item->container);
	if (item->audit)
		fputs(",audit=\"true\"", out);
}

void prometheus_end(FILE *out, uint64_t number)
{
	fprintf(out, "} %llu\n", (unsigned long long)number);
}
