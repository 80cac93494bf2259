// SPDX-License-Identifier: GPL-2.0-only
/* The text format of Prometheus: labels that need escaping, are too long, or are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "prometheus.h"
#include "samples.h"
#include "util.h"

static char *text_of(const struct sample *sample)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	prometheus_write(out, sample);
	fclose(out);
	return text;
}

static struct sample one(const char *name, const char *rule)
{
	struct sample_row row = row_of(COUNTER_RULE, VERDICT_DENY, 3, 12);
	struct sample_item item;

	row.text = rule;
	row.directions = 1u << PCTL_TO;
	item = item_of(7, name, &row, 1);
	return sample_of(1, &item, 1);
}

static void has(const struct sample *sample, const char *line)
{
	_cleanup_(freep) char *text = text_of(sample);

	if (!strstr(text, line))
		fail_msg("%s is not in\n%s", line, text);
}

static void a_rule_has_its_labels(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("veth0", "deny to tcp");

	(void)state;
	has(&sample, "\npolicyctl_rule_packets_total{interface=\"veth0\",direction=\"to\",verdict="
		     "\"deny\",kind=\"rule\",rule_id=\"3\",rule=\"deny to tcp\"} 12\n");
	has(&sample, "\npolicyctl_rule_bytes_total{interface=\"veth0\",direction=\"to\",verdict="
		     "\"deny\",kind=\"rule\",rule_id=\"3\",rule=\"deny to tcp\"} 1200\n");
	has(&sample, "\npolicyctl_packets_total{interface=\"veth0\",direction=\"to\",verdict="
		     "\"deny\"} 12\n");
	has(&sample, "\n# TYPE policyctl_rule_packets_total counter\n");
	has(&sample, "\npolicyctl_enforcing{interface=\"veth0\"} 1\n");
}

static void labels_are_escaped(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("a\"b\\c\xff\xc3\xa4\xc3", "x\ny");

	(void)state;
	has(&sample, "{interface=\"a\\\"b\\\\c?\xc3\xa4?\"");
	has(&sample, "rule=\"x\\ny\"}");
}

static void a_long_rule_is_cut(void **state)
{
	char rule[1000], expected[220];
	struct sample sample;

	(void)state;
	memset(rule, 'a', sizeof(rule) - 1);
	rule[sizeof(rule) - 1] = '\0';
	snprintf(expected, sizeof(expected), ",rule=\"%.200s...\"} 12\n", rule);
	sample = one("veth0", rule);
	has(&sample, expected);
	rule[200] = '\0';
	snprintf(expected, sizeof(expected), ",rule=\"%.200s\"} 12\n", rule);
	has(&sample, expected);
	sample_free(&sample);
}

static void a_container_is_a_label_if_there_is_one(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("veth0", "deny to tcp");

	(void)state;
	sample.items[0].container = "web";
	has(&sample, "\npolicyctl_packets_total{interface=\"veth0\",container=\"web\",direction=");
	has(&sample, "\npolicyctl_enforcing{interface=\"veth0\",container=\"web\"} 1\n");
	sample.items[0].container = "";
	has(&sample, "\npolicyctl_enforcing{interface=\"veth0\"} 1\n");
}

static void what_is_audited_says_so(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("veth0", "deny to tcp");

	(void)state;
	has(&sample, "\npolicyctl_audit{interface=\"veth0\"} 0\n");
	sample.items[0].audit = true;
	sample.items[0].rows[0].audit = true;
	has(&sample, "\npolicyctl_audit{interface=\"veth0\",audit=\"true\"} 1\n");
	has(&sample, ",audit=\"true\",direction=\"to\",verdict=\"would_deny\",kind=\"rule\"");
}

static void what_cannot_be_read_has_no_counters(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("veth0", "deny to tcp");
	_cleanup_(freep) char *text = NULL;

	(void)state;
	sample.items[0].readable = sample.items[0].enforcing = false;
	has(&sample, "\npolicyctl_enforcing{interface=\"veth0\"} 0\n");
	has(&sample, "\npolicyctl_counters_readable{interface=\"veth0\"} 0\n");
	text = text_of(&sample);
	assert_null(strstr(text, "_total{"));
}

static void names_have_metrics_where_they_are_read(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("veth0", "deny to tcp");
	struct sample_item *item = &sample.items[0];
	_cleanup_(freep) char *text = text_of(&sample);

	(void)state;
	assert_null(strstr(text, "policyctl_dns"));
	item->names.reads = true;
	item->names.counts[PCTL_NAMES_QUESTIONS] = 9;
	item->names.counts[PCTL_NAMES_CUT] = 0x100000001;
	has(&sample, "\n# TYPE policyctl_dns_not_learnt_total counter\n");
	has(&sample, "\npolicyctl_dns_questions_total{interface=\"veth0\"} 9\n");
	has(&sample, "\npolicyctl_dns_not_learnt_total{interface=\"veth0\",reason=\"cut\"} "
		     "4294967297\n");
	has(&sample, "\npolicyctl_dns_not_learnt_total{interface=\"veth0\",reason=\"full\"} 0\n");
}

static void queues_have_metrics_where_packets_wait(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("veth0", "deny to tcp");
	struct sample_item *item = &sample.items[0];
	_cleanup_(freep) char *text = text_of(&sample);

	(void)state;
	assert_null(strstr(text, "policyctl_queue"));
	item->queues = calloc(2, sizeof(*item->queues));
	item->queue_count = 2;
	item->queues[0] = (struct shaped){
		.class = { .key = "@slow" },
		.direction = PCTL_FROM,
		.there = true,
		.state = { .packets = 7, .bytes = 0x100000002, .dropped = 3, .waiting = 1514 },
	};
	item->queues[1] = (struct shaped){ .class = { .key = "rule 3 to" }, .direction = PCTL_TO };
	has(&sample, "\n# TYPE policyctl_queue_dropped_packets_total counter\n");
	has(&sample, "\npolicyctl_queue_live{interface=\"veth0\",direction=\"from\",queue=\"@slow "
		     "from\"} 1\n");
	has(&sample, "\npolicyctl_queue_live{interface=\"veth0\",direction=\"to\",queue=\"rule 3 "
		     "to\"} 0\n");
	has(&sample, "\npolicyctl_queue_packets_total{interface=\"veth0\",direction=\"from\","
		     "queue=\"@slow from\"} 7\n");
	has(&sample, "\npolicyctl_queue_bytes_total{interface=\"veth0\",direction=\"from\","
		     "queue=\"@slow from\"} 4294967298\n");
	has(&sample, "\npolicyctl_queue_dropped_packets_total{interface=\"veth0\",direction="
		     "\"from\",queue=\"@slow from\"} 3\n");
	has(&sample, "\npolicyctl_queue_waiting_bytes{interface=\"veth0\",direction=\"from\","
		     "queue=\"@slow from\"} 1514\n");
}

static void connections_have_metrics_where_they_are_known(void **state)
{
	_cleanup_(sample_free) struct sample sample = one("veth0", "deny to tcp");
	struct connection_summary *connections = &sample.items[0].connections;
	_cleanup_(freep) char *text = text_of(&sample);

	(void)state;
	assert_null(strstr(text, "policyctl_connections"));
	connections->tracked = true;
	connections->entries[CONNECTIONS_CONFIRMED] = 5;
	connections->capacity[CONNECTIONS_HALF_OPEN] = 256;
	connections->counters[PCTL_CONNECTIONS_REFUSED] = 0x100000002;
	has(&sample, "\n# TYPE policyctl_connections gauge\n");
	has(&sample, "\npolicyctl_connections{interface=\"veth0\"} 5\n");
	has(&sample, "\npolicyctl_connections_half_open_limit{interface=\"veth0\"} 256\n");
	has(&sample, "\n# TYPE policyctl_connections_refused_total counter\n");
	has(&sample, "\npolicyctl_connections_refused_total{interface=\"veth0\"} 4294967298\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_has_its_labels),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(a_long_rule_is_cut),
		cmocka_unit_test(a_container_is_a_label_if_there_is_one),
		cmocka_unit_test(what_is_audited_says_so),
		cmocka_unit_test(what_cannot_be_read_has_no_counters),
		cmocka_unit_test(names_have_metrics_where_they_are_read),
		cmocka_unit_test(queues_have_metrics_where_packets_wait),
		cmocka_unit_test(connections_have_metrics_where_they_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
