// SPDX-License-Identifier: GPL-2.0-only
/* Rates between two samples, whatever happened in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "rates.h"
#include "samples.h"
#include "util.h"

#define ROWS(...)                   \
	(const struct sample_row[]) \
	{                           \
		__VA_ARGS__         \
	}
#define RULE(id, packets) row_of(COUNTER_RULE, VERDICT_DENY, id, packets)
#define RETIRED(packets) row_of(COUNTER_RETIRED, VERDICT_DENY, PCTL_SLOT_RETIRED_DROPPED, packets)

static struct sample one(double clock, const struct sample_row *rows, size_t count)
{
	struct sample_item item = item_of(7, "veth0", rows, count);

	return sample_of(clock, &item, 1);
}

static double rate_of(const struct sample *sample, size_t row)
{
	return sample->items[0].rows[row].measures[PCTL_FROM].rate.packets;
}

static void what_grows_has_a_rate(void **state)
{
	_cleanup_(sample_free) struct sample before = one(10, ROWS(RULE(1, 100), RULE(2, 5)), 2);
	_cleanup_(sample_free) struct sample now = one(12.5, ROWS(RULE(1, 350), RULE(2, 5)), 2);

	(void)state;
	assert_int_equal(rates_between(&before, &now), 0);
	assert_true(now.seconds == 2.5);
	assert_true(now.items[0].rated);
	assert_true(rate_of(&now, 0) == 100);
	assert_true(now.items[0].rows[0].measures[PCTL_TO].rate.bytes == 10000);
	assert_true(rate_of(&now, 1) == 0);
	assert_true(now.items[0].dropped[PCTL_FROM].rate.packets == 100);
	assert_true(now.items[0].passed[PCTL_FROM].rate.packets == 0);
}

/* Rule 2 goes, with 1000 packets; 1 stays in another place; 3 is new. */
static void rates_go_on_over_an_apply(void **state)
{
	_cleanup_(sample_free) struct sample before =
		one(0.5, ROWS(RULE(1, 10), RULE(2, 1000), RETIRED(0)), 3);
	_cleanup_(sample_free) struct sample now =
		one(1.5, ROWS(RULE(3, 4), RULE(1, 12), RETIRED(1005)), 3);

	(void)state;
	assert_int_equal(rates_between(&before, &now), 0);
	assert_true(rate_of(&now, 0) == 4);
	assert_true(rate_of(&now, 1) == 2);
	assert_true(rate_of(&now, 2) == 0); /* no thousand a second */
	assert_true(now.items[0].dropped[PCTL_FROM].rate.packets == 4 + 2 + 5);
}

/* Another default is another row, though it counts in the same slot. */
static void another_default_is_another_row(void **state)
{
	const struct sample_row allow = row_of(COUNTER_DEFAULT, VERDICT_ALLOW, 0, 500);
	const struct sample_row deny = row_of(COUNTER_DEFAULT, VERDICT_DENY, 0, 3);
	_cleanup_(sample_free) struct sample before = one(1, &allow, 1);
	_cleanup_(sample_free) struct sample now = one(2, &deny, 1);

	(void)state;
	assert_int_equal(rates_between(&before, &now), 0);
	assert_true(rate_of(&now, 0) == 3);
}

/* Each direction has a default of its own, in one slot. */
static void each_direction_has_its_default(void **state)
{
	struct sample_row before_rows[] = { row_of(COUNTER_DEFAULT, VERDICT_ALLOW, 0, 100),
					    row_of(COUNTER_DEFAULT, VERDICT_ALLOW, 0, 900) };
	struct sample_row now_rows[] = { row_of(COUNTER_DEFAULT, VERDICT_ALLOW, 0, 101),
					 row_of(COUNTER_DEFAULT, VERDICT_ALLOW, 0, 910) };
	struct sample before, now;

	(void)state;
	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		before_rows[d].directions = now_rows[d].directions = 1u << d;
	before = one(1, before_rows, 2);
	now = one(2, now_rows, 2);
	assert_int_equal(rates_between(&before, &now), 0);
	assert_true(now.items[0].rows[0].measures[PCTL_FROM].rate.packets == 1);
	assert_true(now.items[0].rows[1].measures[PCTL_TO].rate.packets == 10);
	sample_free(&before);
	sample_free(&now);
}

/* Interfaces come and go; one is attached again and counts from 0. */
static void attachments_come_and_go(void **state)
{
	const struct sample_row few[] = { RULE(1, 10) }, many[] = { RULE(1, 50) };
	const struct sample_item were[] = { item_of(3, "gone", few, 1), item_of(5, "again", few, 1),
					    item_of(9, "stays", few, 1) };
	struct sample_item are[] = { item_of(4, "new", many, 1), item_of(5, "again", many, 1),
				     item_of(9, "stays", many, 1), item_of(11, "new", many, 1) };
	struct sample before = sample_of(1, were, 3), now;

	(void)state;
	are[1].attached_at++;
	now = sample_of(2, are, 4);
	assert_int_equal(rates_between(&before, &now), 0);
	assert_false(now.items[0].rated);
	assert_false(now.items[1].rated);
	assert_true(now.items[2].rated);
	assert_true(now.items[2].rows[0].measures[PCTL_TO].rate.packets == 40);
	assert_false(now.items[3].rated);
	sample_free(&before);
	sample_free(&now);
}

static void what_shrinks_or_cannot_be_read_has_none(void **state)
{
	_cleanup_(sample_free) struct sample before = one(5, ROWS(RULE(1, 10)), 1);
	_cleanup_(sample_free) struct sample now = one(6, ROWS(RULE(1, 7)), 1);
	_cleanup_(sample_free) struct sample same_time = one(5, ROWS(RULE(1, 20)), 1);

	(void)state;
	assert_int_equal(rates_between(&before, &now), 0);
	assert_true(rate_of(&now, 0) == 0); /* not below 0 */
	assert_int_equal(rates_between(&before, &same_time), 0);
	assert_false(same_time.items[0].rated);
	assert_true(same_time.seconds == 0);
	before.items[0].readable = false;
	now.items[0].rated = false;
	assert_int_equal(rates_between(&before, &now), 0);
	assert_false(now.items[0].rated);
}

/* 10,000 rules that all moved: the time must not grow with the square of their number. */
static void ten_thousand_rules_may_move(void **state)
{
	enum { MANY = 10000 };
	_cleanup_(freep) struct sample_row *rows = calloc(MANY, sizeof(*rows));
	struct sample before, now;
	clock_t start;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		rows[i] = RULE(i + 1, i);
	before = one(1, rows, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		rows[i] = RULE(MANY - i, 2 * (MANY - i - 1));
	now = one(2, rows, MANY);
	start = clock();
	assert_int_equal(rates_between(&before, &now), 0);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 0.5);
	for (uint32_t i = 0; i < MANY; i++)
		assert_true(rate_of(&now, i) == MANY - i - 1);
	sample_free(&before);
	sample_free(&now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_grows_has_a_rate),
		cmocka_unit_test(rates_go_on_over_an_apply),
		cmocka_unit_test(another_default_is_another_row),
		cmocka_unit_test(each_direction_has_its_default),
		cmocka_unit_test(attachments_come_and_go),
		cmocka_unit_test(what_shrinks_or_cannot_be_read_has_none),
		cmocka_unit_test(ten_thousand_rules_may_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
