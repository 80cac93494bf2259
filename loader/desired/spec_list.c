// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "fields.h"
#include "protocols.h"
#include "source.h"
#include "spec.h"
#include "spec_list.h"
#include "util.h"

/* --- places --- */

struct location {
	struct place place;
	const char *line; /* the beginning of the line */
};

static struct location locate(const char *text, ptrdiff_t at)
{
	struct location location = { { 1, 1 }, text };

	for (const char *byte = text; byte < text + at; byte++) {
		location.place.column++;
		if (*byte == '\n')
			location = (struct location){ { location.place.line + 1, 1 }, byte + 1 };
	}
	return location;
}

int diagnostics_add_from_piece(struct diagnostics *diagnostics, const struct diagnostics *of_piece,
			       const char *source, const char *text, ptrdiff_t at)
{
	int error = 0;

	for (size_t i = 0; i < of_piece->count && !error; i++) {
		const struct diagnostic *item = &of_piece->items[i];
		ptrdiff_t column = at + (item->place.line ? item->place.column - 1 : 0);
		struct location location = locate(text, column > 0 ? column : 0);
		_cleanup_(freep) char *line = strndup(location.line, strcspn(location.line, "\n"));

		error = line ? diagnostics_add(diagnostics, item->severity, source, location.place,
					       item->width, line, "%s", item->message)
			     : -ENOMEM;
	}
	return error;
}

/* --- pieces, between commas and blanks --- */

struct list {
	const char *text, *source;
	struct diagnostics *diagnostics;
	bool part; /* a part begins: the text does, or a ';' or newline stands before */
	const char *alone; /* values in front of this place belong to no protocol behind them */
};

static bool is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static struct word piece_at(const char *text)
{
	struct word piece = { .text = text };

	while (text[piece.length] && !strchr(",;", text[piece.length]) &&
	       !is_blank(text[piece.length]))
		piece.length++;
	return piece;
}

/* The piece behind a comma. False: no piece follows in this word. */
static bool next_piece(const struct word *piece, struct word *next)
{
	const char *end = piece->text + piece->length;

	if (*end != ',')
		return false;
	*next = piece_at(end + 1);
	return next->length;
}

static bool is_protocol(struct word word, bool with_values)
{
	char name[64];
	int number;

	if (word_is(&word, "any") || (!with_values && word_is(&word, "arp")))
		return true;
	if (!word_copy(&word, name, sizeof(name)))
		return false;
	number = protocol_number(name);
	return number >= 0 &&
	       (!with_values || protocol_has_ports(number) || protocol_is_icmp(number));
}

static bool is_number(const struct word *word)
{
	for (size_t i = 0; i < word->length; i++)
		if (!strchr("0123456789-", word->text[i]))
			return false;
	return true;
}

static struct word without_direction(struct word word)
{
	const char *colon = memchr(word.text, ':', word.length);

	if (colon) {
		word.length -= colon + 1 - word.text;
		word.text = colon + 1;
	}
	return word;
}

/* Where the protocol of a piece is: in front of the slash, or behind it. */
enum shape {
	SHAPE_BARE, /* no slash */
	SHAPE_VALUES_LAST, /* tcp/80 */
	SHAPE_VALUES_FIRST, /* 80/tcp */
};

static enum shape shape_of(const struct word *piece)
{
	struct word first = without_direction(*piece), second;
	const char *slash = memchr(first.text, '/', first.length);

	if (!slash)
		return SHAPE_BARE;
	second = (struct word){ slash + 1, first.text + first.length - slash - 1, {} };
	first.length = slash - first.text;
	return !is_number(&first) && (is_protocol(first, true) || !is_protocol(second, true))
		       ? SHAPE_VALUES_LAST
		       : SHAPE_VALUES_FIRST;
}

/* Can it be one more port or type? */
static bool is_value(const struct word *piece)
{
	return shape_of(piece) == SHAPE_BARE && !memchr(piece->text, ':', piece->length) &&
	       (is_number(piece) || !is_protocol(*piece, false));
}

/* --- SPECs --- */

static struct word join(const struct word *first, const struct word *last)
{
	return (struct word){ first->text, last->text + last->length - first->text, {} };
}

/* In udp/53,67: 53 and the values behind it. *follows: another piece comes directly behind. */
static struct word take_values(struct word last, struct word *next, bool *follows)
{
	while ((*follows = next_piece(&last, next)) && is_value(next))
		last = *next;
	return last;
}

/* Reports the ambiguity at the values. */
static int report_ambiguous(const struct list *list, const struct word *values,
			    const struct word *piece)
{
	struct location location = locate(list->text, values->text - list->text);
	_cleanup_(freep) char *line = strndup(location.line, strcspn(location.line, "\n"));

	return line ? diagnostics_add(list->diagnostics, SEVERITY_ERROR, list->source,
				      location.place, values->length, line,
				      "does this belong to what is in front of it, or to '%.*s'? "
				      "Put a blank between the two",
				      WORD_ARGS(piece))
		    : -ENOMEM;
}

/* A SPEC by itself: `tcp`, `from:arp`, `80/tcp`. */
static bool is_whole(const struct word *piece)
{
	struct word name = without_direction(*piece);

	return shape_of(piece) == SHAPE_VALUES_FIRST ||
	       (shape_of(piece) == SHAPE_BARE && !is_number(&name) && is_protocol(name, false));
}

/* The SPEC that begins with this piece. -EINVAL: reported. */
static int find_spec(struct list *list, const struct word *first, struct word *spec)
{
	bool bare = shape_of(first) == SHAPE_BARE, follows;
	struct word next, last;

	*spec = *first;
	if (is_whole(first) || (bare && first->text < list->alone))
		return 0;
	last = take_values(*first, &next, &follows);
	follows = follows && shape_of(&next) == SHAPE_VALUES_FIRST &&
		  !memchr(next.text, ':', next.length);
	if (bare) {
		if (follows)
			*spec = join(first, &next);
		else
			list->alone = last.text + last.length;
		return 0;
	}
	*spec = join(first, &last);
	if (!follows || last.text == first->text)
		return 0;
	return report_ambiguous(list, &last, &next) ?: -EINVAL;
}

static int add_spec(struct policy *policy, enum verdict verdict, const struct list *list,
		    const struct word *spec)
{
	_cleanup_(freep) char *text = strndup(spec->text, spec->length);
	_cleanup_(diagnostics_clear) struct diagnostics found = {};
	int error = text ? policy_add_spec(policy, verdict, text, &found) : -ENOMEM;

	if (!error && mirror_given(&policy->rules[policy->count - 1].treatment.mirror))
		error = diagnostics_add(&found, SEVERITY_ERROR, "SPEC", (struct place){ 1, 1 },
					(unsigned int)spec->length, text,
					"a label cannot say `mirror`: a policy file can, which "
					"the operator of the host writes");
	if (error == -ENOMEM)
		return error;
	return diagnostics_add_from_piece(list->diagnostics, &found, list->source, list->text,
					  spec->text - list->text);
}

static int report_whole(const struct list *list, const char *words)
{
	return diagnostics_add(list->diagnostics, SEVERITY_ERROR, list->source, (struct place){}, 1,
			       NULL, "%s", words);
}

/* --- SPECs with fields, up to a ';' or the end of the line --- */

static struct word part_at(const char *text)
{
	struct word part = { text, strcspn(text, ";\n"), {} };

	while (part.length && is_blank(part.text[part.length - 1]))
		part.length--;
	return part;
}

/* Words that by themselves are SPECs of a list are no sign of fields. */
static bool begins_field(const struct word *word)
{
	return field_find(word) && !word_is(word, FIELD_ESTABLISHED) &&
	       !word_is(word, FIELD_SPOOFED);
}

/* Is this one SPEC with fields? Its words are no SPECs of a list. */
static bool has_fields(const struct word *part)
{
	const char *at = part->text, *end = at + part->length;
	struct word word = piece_at(at);
	bool found = word_is(&word, "from") || word_is(&word, "to");

	for (; at < end && !found; at += word.length + 1) {
		word = piece_at(at);
		found = begins_field(&word);
	}
	return found;
}

/* Takes one SPEC off the front of `at`. -EINVAL: it was reported. */
static int take_spec(struct policy *policy, enum verdict verdict, struct list *list,
		     const char **at)
{
	struct word piece = piece_at(*at), spec = part_at(*at);
	int error;

	if (list->part && has_fields(&spec)) {
		*at = spec.text + spec.length;
		return add_spec(policy, verdict, list, &spec);
	}
	list->part = false;
	error = find_spec(list, &piece, &spec);

	*at = spec.text + spec.length;
	return error ?: add_spec(policy, verdict, list, &spec);
}

/* Blanks, commas and semicolons. */
static const char *skip_separators(struct list *list, const char *at)
{
	for (; *at == ',' || *at == ';' || is_blank(*at); at++)
		list->part |= *at == ';' || *at == '\n';
	return at;
}

int spec_list_add(struct policy *policy, enum verdict verdict, const char *source, const char *text,
		  struct diagnostics *diagnostics)
{
	struct list list = { text, source, diagnostics, true, text };
	const char *at = skip_separators(&list, text);
	size_t before = diagnostics->count;
	int error = 0;

	if (!*at)
		return report_whole(&list, "it is empty; it takes SPECs, `tcp/443` for example");
	if (strlen(text) > SPEC_LIST_MAX)
		return report_whole(&list, "a label of more than 4096 bytes is not read: write a "
					   "policy file");
	while (*at && error != -ENOMEM && diagnostics->count - before < SPEC_LIST_MISTAKES) {
		error = take_spec(policy, verdict, &list, &at);
		at = skip_separators(&list, at);
	}
	return error == -ENOMEM ? error : 0;
}
