// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "print.h"
#include "report.h"
#include "reserved_sets.h"
#include "util.h"

#define DROPS_MOST 20

/* --- each policy, with its hits --- */

static bool denies(const struct sample_row *row)
{
	return row->verdict != VERDICT_ALLOW && !row->audit;
}

static void put_row(FILE *out, const struct sample_row *row, int direction)
{
	const struct pctl_counter *count = &row->measures[direction].count;

	fprintf(out, "<tr><td>%s</td><td class=\"%s\">%s%s</td><td><code>",
		policy_direction_name(direction), denies(row) ? "bad" : "good",
		policy_verdict_name(row->verdict), row->audit ? " (audit)" : "");
	html_text(out, row->text);
	fprintf(out, "</code></td><td class=\"n\">%llu</td><td class=\"n\">%llu</td></tr>\n",
		(unsigned long long)count->packets, (unsigned long long)count->bytes);
}

static void put_head(FILE *out)
{
	fputs("<div class=\"scroll\"><table>\n<tr><th></th><th>verdict</th><th>rule</th>"
	      "<th class=\"n\">packets</th><th class=\"n\">bytes</th></tr>\n",
	      out);
}

static const struct map_node *node_of(const struct map *map, const struct sample_item *item)
{
	for (size_t i = 0; i < map->attached; i++)
		if (!strcmp(map->nodes[i].interface, item->name))
			return &map->nodes[i];
	return NULL;
}

/* Rules say @NAME: what these are. */
static void put_sets(FILE *out, const struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++) {
		_cleanup_(freep) char *text = NULL;

		if (set_is_reserved(policy->sets[i]))
			continue;
		text = policy_set_print(policy->sets[i]);
		fputs("<p><code>", out);
		html_text(out, text ?: "");
		fputs("</code></p>\n", out);
	}
}

static void put_policy(FILE *out, const struct map *map, const struct sample_item *item)
{
	const struct map_node *node;

	fprintf(out, "<h3 id=\"policy-%u\">", item->ifindex);
	if (*item->container)
		html_print(out, "%s, ", item->container);
	html_text(out, item->name);
	fputs("</h3>\n", out);
	if (!item->readable) {
		fputs("<p class=\"bad\">Its counters cannot be read.</p>\n", out);
		return;
	}
	node = node_of(map, item);
	if (node && node->policy)
		put_sets(out, node->policy);
	put_head(out);
	for (size_t i = 0; i < item->row_count; i++)
		for (int d = 0; d < PCTL_DIRECTIONS; d++)
			if (item->rows[i].directions & (1u << d) &&
			    (item->rows[i].kind == COUNTER_RULE ||
			     item->rows[i].kind == COUNTER_DEFAULT ||
			     item->rows[i].measures[d].count.packets))
				put_row(out, &item->rows[i], d);
	fputs("</table></div>\n", out);
}

void report_write_policies(FILE *out, const struct report *report)
{
	if (!report->sample.count)
		return;
	fputs("<h2>Policies, and what their rules decided</h2>\n"
	      "<p class=\"soft\">In the order in which rules are tried.</p>\n",
	      out);
	for (size_t i = 0; i < report->sample.count; i++)
		put_policy(out, &report->map, &report->sample.items[i]);
}

/* --- what drops most --- */

struct drop {
	const struct sample_item *item;
	const struct sample_row *row;
	int direction;
	uint64_t packets;
};

static int compare_drops(const void *a, const void *b)
{
	const struct drop *one = a, *two = b;

	return (one->packets < two->packets) - (one->packets > two->packets);
}

static size_t find_drops(const struct report *report, struct drop **drops)
{
	size_t most = 1, count = 0;

	for (size_t i = 0; i < report->sample.count; i++)
		most += report->sample.items[i].row_count * PCTL_DIRECTIONS;
	*drops = calloc(most, sizeof(**drops));
	for (size_t i = 0; i < report->sample.count && *drops; i++) {
		const struct sample_item *item = &report->sample.items[i];

		for (size_t j = 0; j < item->row_count; j++)
			for (int d = 0; d < PCTL_DIRECTIONS; d++) {
				const struct sample_row *row = &item->rows[j];
				uint64_t packets = row->measures[d].count.packets;

				if (denies(row) && packets)
					(*drops)[count++] = (struct drop){ item, row, d, packets };
			}
	}
	if (count)
		qsort(*drops, count, sizeof(**drops), compare_drops);
	return count;
}

void report_write_drops(FILE *out, const struct report *report)
{
	_cleanup_(freep) struct drop *drops = NULL;
	size_t count = find_drops(report, &drops);

	fputs("<h2>What drops most</h2>\n", out);
	if (!count) {
		fputs("<p>Nothing was dropped.</p>\n", out);
		return;
	}
	fputs("<div class=\"scroll\"><table>\n<tr><th>container</th><th></th><th>rule</th>"
	      "<th class=\"n\">packets</th></tr>\n",
	      out);
	for (size_t i = 0; i < count && i < DROPS_MOST; i++) {
		const struct sample_item *item = drops[i].item;

		fputs("<tr><td>", out);
		html_text(out, *item->container ? item->container : item->name);
		fprintf(out, "</td><td>%s</td><td><code>",
			policy_direction_name(drops[i].direction));
		html_text(out, drops[i].row->text);
		fprintf(out, "</code></td><td class=\"n\">%llu</td></tr>\n",
			(unsigned long long)drops[i].packets);
	}
	fputs("</table></div>\n", out);
	if (count > DROPS_MOST)
		fprintf(out, "<p class=\"soft\">And %zu more, below.</p>\n", count - DROPS_MOST);
}
