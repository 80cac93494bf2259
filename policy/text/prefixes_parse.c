/* SPDX-License-Identifier: GPL-2.0-only */
#include "prefixes_parse.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "feed_json.h"
#include "feed_lines.h"

/* The first character that is no blank; NUL: there is none. */
static char first_sign(const struct source *source)
{
	for (size_t i = 0; i < source->length; i++)
		if (!strchr(" \t\r\n", source->text[i]))
			return source->text[i];
	return '\0';
}

/* By its form: no line begins like JSON or like a page. */
static int read_feed(struct feed *feed)
{
	struct word start = { feed->source.text, 1, { 1, 1 } };

	switch (first_sign(&feed->source)) {
	case '{':
	case '[':
		return feed_read_json(feed);
	case '<':
		return source_error(&feed->source, &start,
				    "an HTML or XML page, not a list of addresses");
	default:
		return feed_read_lines(feed);
	}
}

int prefixes_parse(const char *name, const char *text, size_t length, struct prefixes *prefixes,
		   struct diagnostics *diagnostics, void (*progress)(void *data, size_t bytes),
		   void *data)
{
	struct feed feed = {
		.source = {
			.name = name,
			.text = text,
			.length = length,
			.diagnostics = diagnostics,
		},
		.progress = progress,
		.data = data,
	};
	int error = read_feed(&feed);

	if (error) {
		prefixes_clear(&feed.prefixes);
		return error;
	}
	prefixes_normalise(&feed.prefixes);
	*prefixes = feed.prefixes;
	return 0;
}
