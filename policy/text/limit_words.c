/* SPDX-License-Identifier: GPL-2.0-only */
#include "limit_words.h"

#include <inttypes.h>
#include <string.h>

/* A unit and how many of the smallest one it is. */
struct unit {
	const char *name;
	uint64_t factor;
	bool packets;
	enum burst_unit kind; /* of a burst */
};

static const struct unit rate_units[] = {
	{ .name = "gbit", .factor = 1000000000 },
	{ .name = "mbit", .factor = 1000000 },
	{ .name = "kbit", .factor = 1000 },
	{ .name = "bit", .factor = 1 },
	{ .name = "pps", .factor = 1, .packets = true },
	{ 0 },
};

static const struct unit burst_units[] = {
	{ .name = "GB", .factor = 1000000000, .kind = BURST_AMOUNT },
	{ .name = "MB", .factor = 1000000, .kind = BURST_AMOUNT },
	{ .name = "kB", .factor = 1000, .kind = BURST_AMOUNT },
	{ .name = "B", .factor = 1, .kind = BURST_AMOUNT },
	{ .name = "p", .factor = 1, .packets = true, .kind = BURST_AMOUNT },
	{ .name = "s", .factor = 1000, .kind = BURST_MILLISECONDS },
	{ .name = "ms", .factor = 1, .kind = BURST_MILLISECONDS },
	{ 0 },
};

/* @max is a bound of what is returned: the number, or UINT64_MAX above it. */
static size_t read_number(const struct word *word, uint64_t max, uint64_t *number)
{
	size_t i;

	*number = 0;
	for (i = 0; i < word->length && word->text[i] >= '0' && word->text[i] <= '9'; i++)
		if (*number <= max)
			*number = *number * 10 + (uint64_t)(word->text[i] - '0');
	if (*number > max)
		*number = UINT64_MAX;
	return i;
}

/* The unit that the rest of the word names; NULL: none. */
static const struct unit *find_unit(const struct unit *units, const struct word *word, size_t from)
{
	for (; units->name; units++)
		if (strlen(units->name) == word->length - from &&
		    !strncasecmp(units->name, word->text + from, word->length - from))
			return units;
	return NULL;
}

static const struct unit *read_amount(const struct unit *units, const struct word *word,
				      uint64_t max, uint64_t *amount)
{
	size_t digits = read_number(word, max, amount);
	const struct unit *unit = digits ? find_unit(units, word, digits) : NULL;

	if (unit && *amount != UINT64_MAX)
		*amount = *amount > max / unit->factor ? UINT64_MAX : *amount * unit->factor;
	return unit;
}

int limit_read_rate(struct source *source, const struct word *word, struct limit *limit)
{
	uint64_t rate;
	const struct unit *unit = read_amount(rate_units, word, LIMIT_BITS_MAX, &rate);

	if (!unit)
		return source_error(source, word,
				    "'%.*s' is no rate: it is a whole number with bit, kbit, mbit, "
				    "gbit or pps behind it, `1500kbit` for example",
				    WORD_ARGS(word));
	if (!unit->packets && (rate < LIMIT_BITS_MIN || rate > LIMIT_BITS_MAX))
		return source_error(source, word, "a rate is 1kbit at least and 1000gbit at most");
	if (unit->packets && (rate < LIMIT_PACKETS_MIN || rate > LIMIT_PACKETS_MAX))
		return source_error(source, word,
				    "a rate is 1pps at least and 1000000000pps at most");
	limit->rate = rate;
	limit->packets = unit->packets;
	return 0;
}

int limit_read_burst(struct source *source, const struct word *word, struct limit *limit)
{
	struct limit new = *limit;
	const struct unit *unit = read_amount(burst_units, word, LIMIT_BITS_MAX, &new.burst);

	if (!unit || !new.burst)
		return source_error(source, word,
				    "'%.*s' is no burst: it is a time or an amount, `1s`, `200ms`, "
				    "`2MB` or, of packets, `50p`",
				    WORD_ARGS(word));
	if (unit->kind == BURST_AMOUNT && unit->packets != limit->packets)
		return source_error(source, word,
				    limit->packets ? "the burst of a rate in packets is packets or "
						     "a time: `50p` or `1s`"
						   : "the burst of a rate in bits is bytes or a "
						     "time: `2MB` or `1s`");
	new.burst_unit = unit->kind;
	if (new.burst == UINT64_MAX ||
	    (unit->kind == BURST_MILLISECONDS && new.burst > LIMIT_BURST_MAX_NS / 1000000) ||
	    limit_burst_ns(&new) >= LIMIT_BURST_MAX_NS)
		return source_error(source, word,
				    "the burst is more than the rate lets pass in an hour");
	*limit = new;
	return 0;
}

/* By the largest unit that it is a multiple of. */
static void print_amount(const struct unit *units, uint64_t amount, bool packets,
			 enum burst_unit kind, FILE *out)
{
	while (units->packets != packets || units->kind != kind || amount % units->factor)
		units++;
	fprintf(out, "%" PRIu64 "%s", amount / units->factor, units->name);
}

void limit_print(const struct limit *limit, FILE *out)
{
	bool time = limit->burst_unit == BURST_MILLISECONDS;

	print_amount(rate_units, limit->rate, limit->packets, BURST_BY_DEFAULT, out);
	if (limit->burst_unit != BURST_BY_DEFAULT) {
		fputs(" burst ", out);
		print_amount(burst_units, limit->burst, limit->packets && !time, limit->burst_unit,
			     out);
	}
	if (limit->each)
		fputs(" each", out);
}
