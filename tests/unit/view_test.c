// SPDX-License-Identifier: GPL-2.0-only
/* The live view: order, choice, columns and numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "samples.h"
#include "columns.h"
#include "util.h"
#include "view.h"

#define LINES_MAX 32

/* Each line as "NAME:ID:RATE", joined by blanks. */
static void lines_are(const struct view *view, const struct sample *sample, const char *expected)
{
	_cleanup_(freep) struct view_line *lines = NULL;
	char text[1024] = "";
	size_t count, used = 0;

	assert_int_equal(view_lines(view, sample, &lines, &count), 0);
	for (size_t i = 0; i < count; i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s:%u", i ? " " : "",
				 lines[i].item->name, lines[i].row->id);
	assert_string_equal(text, expected);
}

static struct sample_row rule(enum verdict verdict, uint32_t id, uint64_t packets, double rate)
{
	struct sample_row row = row_of(COUNTER_RULE, verdict, id, packets);

	row.directions = 1u << PCTL_FROM;
	row.measures[PCTL_FROM].rate = (struct rate){ rate, rate * 100 };
	return row;
}

static struct sample two_interfaces(void)
{
	const struct sample_row b[] = {
		rule(VERDICT_ALLOW, 1, 9000, 500),
		rule(VERDICT_DENY, 2, 50, 0),
		rule(VERDICT_DENY, 3, 0, 0),
		rule(VERDICT_DENY, 4, 7, 3),
	};
	const struct sample_row a[] = { rule(VERDICT_DENY, 1, 30, 20),
					row_of(COUNTER_RETIRED, VERDICT_DENY, 6, 0) };
	const struct sample_item items[] = { item_of(2, "b", b, 4), item_of(5, "a", a, 2) };

	return sample_of(1, items, 2);
}

static void lines_are_sorted(void **state)
{
	_cleanup_(sample_free) struct sample sample = two_interfaces();
	static const char *const expected[VIEW_SORTS] = {
		[VIEW_BY_DROPS] = "a:1 b:4 b:2 b:1 b:3",
		[VIEW_BY_PACKETS] = "b:1 b:2 a:1 b:4 b:3",
		[VIEW_BY_BYTES] = "b:1 b:2 a:1 b:4 b:3",
		[VIEW_BY_RATE] = "b:1 a:1 b:4 b:2 b:3",
		[VIEW_BY_INTERFACE] = "a:1 b:4 b:2 b:1 b:3",
		[VIEW_BY_ORDER] = "b:1 b:2 b:3 b:4 a:1",
	};

	(void)state;
	for (int i = 0; i < VIEW_SORTS; i++)
		lines_are(&(struct view){ .sort = i }, &sample, expected[i]);
	lines_are(&(struct view){ .sort = VIEW_BY_ORDER, .reversed = true }, &sample,
		  "a:1 b:4 b:3 b:2 b:1");
}

static void zeros_and_the_filter_choose(void **state)
{
	_cleanup_(sample_free) struct sample sample = two_interfaces();

	(void)state;
	lines_are(&(struct view){ .sort = VIEW_BY_ORDER, .without_zeros = true }, &sample,
		  "b:1 b:2 b:4 a:1");
	lines_are(&(struct view){ .sort = VIEW_BY_ORDER, .filter = "udp" }, &sample, "b:1");
	lines_are(&(struct view){ .filter = "nowhere" }, &sample, "");
	sample.items[1].container = "web";
	lines_are(&(struct view){ .sort = VIEW_BY_ORDER, .filter = "we", .without_zeros = true },
		  &sample, "a:1");
}

static void attachments_in_trouble_come_first(void **state)
{
	_cleanup_(sample_free) struct sample sample = two_interfaces();
	_cleanup_(freep) const struct sample_item **items = NULL;
	_cleanup_(freep) const struct sample_item **filtered = NULL;
	size_t count;

	(void)state;
	sample.items[1].dropped[PCTL_FROM].rate.packets = 20;
	assert_int_equal(view_items(&(struct view){}, &sample, &items, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(items[0]->name, "a");
	freep(&items);
	sample.items[0].enforcing = false; /* matters more than any drop */
	assert_int_equal(view_items(&(struct view){}, &sample, &items, &count), 0);
	assert_string_equal(items[0]->name, "b");
	assert_int_equal(view_items(&(struct view){ .filter = "udp" }, &sample, &filtered, &count),
			 0);
	assert_int_equal(count, 1);
	assert_string_equal(filtered[0]->name, "b");
}

static void numbers_are_as_exact_as_there_is_room(void **state)
{
	static const struct {
		uint64_t number;
		int width;
		const char *text;
	} numbers[] = {
		{ 0, 5, "0" },
		{ 999, 5, "999" },
		{ 1234, 5, "1,234" },
		{ 12345, 5, "12.3k" },
		{ 12345, 6, "12,345" },
		{ 99949, 5, "99.9k" },
		{ 99950, 5, "100k" },
		{ 999499, 5, "999k" },
		{ 999500, 5, "1.00M" },
		{ 1234567, 9, "1,234,567" },
		{ 1234567, 8, "1.23M" },
		{ UINT64_MAX, 26, "18,446,744,073,709,551,615" },
		{ UINT64_MAX, 5, "18.4E" },
	};
	char text[VIEW_NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		view_number(text, numbers[i].number, numbers[i].width);
		assert_string_equal(text, numbers[i].text);
	}
}

static void rates_have_a_decimal_below_ten(void **state)
{
	static const struct {
		double rate;
		const char *text;
	} rates[] = {
		{ 0, "0" },	 { 0.01, "<0.1" }, { 0.5, "0.5" },	{ 3, "3" },
		{ 9.94, "9.9" }, { 9.96, "10" },   { 1234.4, "1,234" }, { 2e6, "2.00M" },
	};
	char text[VIEW_NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		view_rate(text, true, rates[i].rate, 7);
		assert_string_equal(text, rates[i].text);
	}
	view_rate(text, false, 5, 7);
	assert_string_equal(text, "-");
}

static void titles_are(int width, const char *expected)
{
	struct column columns[] = {
		{ "NAME", 6, COLUMN_LEFT, 0 },
		{ "PACKETS", 8, COLUMN_RIGHT, 1 },
		{ "BYTES", 8, COLUMN_RIGHT, 2 },
		{ "RULE", 10, COLUMN_LAST, 0 },
		{},
	};
	char text[128];

	columns_fit(columns, width);
	columns_titles(columns, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void columns_without_room_are_left_out(void **state)
{
	struct column columns[] = { { "NAME", 4, COLUMN_LEFT, 0 },
				    { "PACKETS", 7, COLUMN_RIGHT, 0 },
				    { "RULE", 4, COLUMN_LAST, 0 },
				    {} };
	struct cells cells = { .columns = columns };
	char text[64], small[8];

	(void)state;
	titles_are(80, "NAME    PACKETS    BYTES RULE");
	titles_are(35, "NAME    PACKETS    BYTES RULE");
	titles_are(34, "NAME    PACKETS RULE");
	titles_are(25, "NAME   RULE");
	titles_are(1, "NAME   RULE");
	cells_text(&cells, 0, "veth\033[31m");
	cells_number(&cells, 1, 12345678);
	cells_text(&cells, 2, "deny\ttcp");
	columns_fit(columns, 40);
	cells_line(&cells, text, sizeof(text));
	assert_string_equal(text, "veth   12.3M deny?tcp");
	cells_line(&cells, small, sizeof(small));
	assert_string_equal(small, "veth   ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_sorted),
		cmocka_unit_test(zeros_and_the_filter_choose),
		cmocka_unit_test(attachments_in_trouble_come_first),
		cmocka_unit_test(numbers_are_as_exact_as_there_is_room),
		cmocka_unit_test(rates_have_a_decimal_below_ten),
		cmocka_unit_test(columns_without_room_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
