/* SPDX-License-Identifier: GPL-2.0-only */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS_MAX 60 /* the result is small enough then */
static time_t deadline;

static bool disagrees(const struct test_case *c)
{
	char *finding = NULL;
	size_t at;
	bool answer = time(NULL) < deadline && case_disagrees(c, false, &at, &finding);

	free(finding);
	return answer;
}

/* --- fewer frames --- */

/* Tries without passages [from, from + count), and drops them if the disagreement stays. */
static bool drop_passages(struct test_case *c, size_t from, size_t count)
{
	struct test_case smaller = { .policy = c->policy };
	bool dropped;

	for (size_t i = 0; i < c->count; i++)
		if (i < from || i >= from + count)
			case_add(&smaller, c->passages[i].hook, c->passages[i].bytes,
				 c->passages[i].length);
	dropped = smaller.count && disagrees(&smaller);
	if (dropped) {
		c->policy = NULL;
		case_clear(c);
		*c = smaller;
	} else {
		smaller.policy = NULL;
		case_clear(&smaller);
	}
	return dropped;
}

/* In halves, quarters and so on, from the end, where the important ones rarely are. */
static void fewer_passages(struct test_case *c)
{
	for (size_t part = c->count / 2; part; part /= 2)
		for (size_t from = c->count; from;) {
			from = from > part ? from - part : 0;
			drop_passages(c, from, part);
			from = from < c->count ? from : c->count;
		}
}

/* --- a shorter policy --- */

/* Tries without @size bytes of the policy. */
static bool drop_text(struct test_case *c, size_t from, size_t size)
{
	char *whole = c->policy;
	bool dropped;

	c->policy = strdup(whole);
	memmove(c->policy + from, c->policy + from + size, strlen(whole + from + size) + 1);
	dropped = disagrees(c);
	if (dropped) {
		free(whole);
	} else {
		free(c->policy);
		c->policy = whole;
	}
	return dropped;
}

/* The start of the line that contains, or ends at, this offset. */
static size_t line_start(const char *text, size_t offset)
{
	while (offset && text[offset - 1] != '\n')
		offset--;
	return offset;
}

/* Lines in pieces of @bytes and more, from the end. */
static void drop_lines(struct test_case *c, size_t bytes)
{
	size_t end = strlen(c->policy), start;

	while (end) {
		start = line_start(c->policy, end > bytes ? end - bytes : 0);
		if (start == end)
			start = line_start(c->policy, end - 1);
		drop_text(c, start, end - start);
		end = start;
	}
}

static void fewer_lines(struct test_case *c)
{
	for (size_t bytes = strlen(c->policy) / 2; bytes > 8; bytes /= 2)
		drop_lines(c, bytes);
	drop_lines(c, 1);
}

/* `, item` of lists, and ` log` */
static void fewer_words(struct test_case *c)
{
	for (size_t at = strlen(c->policy); at--;) {
		const char *text = c->policy + at;

		if (*text == ',')
			drop_text(c, at, 1 + strcspn(text + 1, ",}\n"));
		else if (!strncmp(text, " log\n", 5))
			drop_text(c, at, 4);
	}
	for (size_t at = strlen(c->policy); at--;) {
		const char *text = c->policy + at;
		size_t first = strcspn(text, ",}\n");

		if (*text == '{' && text[first] == ',')
			drop_text(c, at + 1, first);
	}
}

/* --- fewer bytes --- */

/* Cut behind, as much as goes. */
static void shorter(struct test_case *c, struct passage *p)
{
	for (size_t step = p->length / 2; step; step /= 2)
		while (p->length > step) {
			p->length -= step;
			if (disagrees(c))
				continue;
			p->length += step;
			break;
		}
}

static bool is_empty(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i])
			return false;
	return true;
}

static void empty_part(struct test_case *c, uint8_t *bytes, size_t count)
{
	uint8_t *before = malloc(count);

	if (!before)
		abort();
	memcpy(before, bytes, count);
	memset(bytes, 0, count);
	if (!disagrees(c))
		memcpy(bytes, before, count);
	free(before);
}

static void emptier(struct test_case *c, struct passage *p)
{
	for (size_t part = p->length; part; part /= 2)
		for (size_t from = 0; from < p->length; from += part) {
			size_t count = from + part > p->length ? p->length - from : part;

			if (!is_empty(p->bytes + from, count))
				empty_part(c, p->bytes + from, count);
		}
}

bool shrink(struct test_case *c)
{
	char *finding = NULL;
	size_t at;
	bool stays = case_disagrees(c, false, &at, &finding);

	free(finding);
	deadline = time(NULL) + SECONDS_MAX;
	if (!stays)
		return false;
	if (at + 1 < c->count)
		drop_passages(c, at + 1, c->count - at - 1);
	if (c->count > 1)
		drop_passages(c, 0, c->count - 1);
	fewer_passages(c);
	fewer_lines(c);
	fewer_words(c);
	fewer_passages(c);
	for (size_t i = c->count; i--;) {
		shorter(c, &c->passages[i]);
		emptier(c, &c->passages[i]);
	}
	return true;
}
