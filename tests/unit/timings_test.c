// SPDX-License-Identifier: GPL-2.0-only
/* Histograms in Prometheus' text format. */
#include <stdio.h>

#include "support.h"

#include "timings.h"

static char *written(const struct histogram *histogram, const char *labels)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	histogram_write(out, histogram, "policyctl_x_seconds", labels);
	fclose(out);
	return text;
}

static void bounds_rise_from_a_quarter_millisecond(void **state)
{
	(void)state;
	assert_true(timing_bounds[0] == 0.00025);
	assert_true(timing_bounds[TIMING_BUCKETS - 1] == 10);
	for (unsigned int i = 1; i < TIMING_BUCKETS; i++)
		assert_true(timing_bounds[i] > timing_bounds[i - 1]);
}

static void buckets_hold_what_is_below(void **state)
{
	struct histogram histogram = {};
	char *text;

	(void)state;
	histogram_add(&histogram, 0.0001);
	histogram_add(&histogram, 0.00025); /* a bound is inside */
	histogram_add(&histogram, 0.0004);
	histogram_add(&histogram, 10);
	histogram_add(&histogram, 3600.5);
	text = written(&histogram, "stage=\"gate\"");
	assert_contains(text, "policyctl_x_seconds_bucket{stage=\"gate\",le=\"0.00025\"} 2\n"
			      "policyctl_x_seconds_bucket{stage=\"gate\",le=\"0.0005\"} 3\n");
	assert_contains(text, "policyctl_x_seconds_bucket{stage=\"gate\",le=\"5\"} 3\n"
			      "policyctl_x_seconds_bucket{stage=\"gate\",le=\"10\"} 4\n"
			      "policyctl_x_seconds_bucket{stage=\"gate\",le=\"+Inf\"} 5\n"
			      "policyctl_x_seconds_sum{stage=\"gate\"} 3610.50075\n"
			      "policyctl_x_seconds_count{stage=\"gate\"} 5\n");
	free(text);
}

static void without_labels_there_are_no_braces(void **state)
{
	struct histogram histogram = {};
	char *text;

	(void)state;
	histogram_add(&histogram, 1);
	text = written(&histogram, "");
	assert_contains(text, "policyctl_x_seconds_bucket{le=\"0.5\"} 0\n"
			      "policyctl_x_seconds_bucket{le=\"1\"} 1\n");
	assert_contains(text, "\npolicyctl_x_seconds_sum 1\npolicyctl_x_seconds_count 1\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_rise_from_a_quarter_millisecond),
		cmocka_unit_test(buckets_hold_what_is_below),
		cmocka_unit_test(without_labels_there_are_no_braces),
	};

	return cmocka_run_group_tests_name("timings", tests, NULL, NULL);
}
