// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "html.h"
#include "map_write.h"
#include "report.h"
#include "terminal.h"
#include "util.h"

void report_clear(struct report *report)
{
	sample_free(&report->sample);
	map_clear(&report->map);
	free(report->picture);
	free(report->no_picture);
}

int report_draw(struct report *report)
{
	_cleanup_(freep) char *svg = NULL;
	const char *begin;
	size_t length;

	if (map_svg(&report->map, &svg, &length)) {
		report->no_picture = strdup(error_message(-EIO));
		error_clear();
		return report->no_picture ? 0 : -ENOMEM;
	}
	/* Behind the XML declaration, which is for files of their own. */
	begin = memmem(svg, length, "<svg", 4);
	if (begin)
		report->picture = strndup(begin, length - (size_t)(begin - svg));
	else
		report->no_picture = strdup("Graphviz drew nothing");
	return report->picture || report->no_picture ? 0 : -ENOMEM;
}

/* --- the first screen --- */

struct sum {
	size_t enforcing, audit, quarantine, unconfirmed, broken, unreadable;
	uint64_t dropped;
	size_t faults, warnings;
};

static struct sum sum_up(const struct report *report)
{
	struct sum sum = {
		.faults = findings_count(report->findings, FINDING_FAULT),
		.warnings = findings_count(report->findings, FINDING_WARNING),
	};

	for (size_t i = 0; i < report->sample.count; i++) {
		const struct sample_item *item = &report->sample.items[i];

		sum.enforcing += item->enforcing;
		sum.audit += item->audit;
		sum.quarantine += item->quarantine;
		sum.unconfirmed += item->unconfirmed;
		sum.broken += !item->enforcing && !item->audit;
		sum.unreadable += !item->readable;
		for (int d = 0; d < PCTL_DIRECTIONS; d++)
			sum.dropped +=
				item->dropped[d].count.packets + item->rejected[d].count.packets;
	}
	return sum;
}

static void put_part(FILE *out, size_t count, const char *one, const char *many, bool *any)
{
	if (count)
		html_print(out, "%s%zu %s", *any ? ", " : "", count, count == 1 ? one : many);
	*any = *any || count;
}

static void write_sentence(FILE *out, const struct report *report, const struct sum *sum)
{
	size_t count = report->sample.count, left_out = report->sample.failures.count;
	bool bad = sum->broken || sum->faults || sum->unreadable || left_out;
	bool any = false;

	fprintf(out, "<p class=\"sum%s\">",
		bad						  ? " bad"
		: sum->warnings || sum->audit || sum->unconfirmed ? " warn"
								  : "");
	if (!count && !left_out)
		html_print(out, "Nothing is attached in this network namespace. ");
	put_part(out, sum->broken, "attachment is not in force", "attachments are not in force",
		 &any);
	put_part(out, sum->unreadable + left_out, "attachment cannot be read",
		 "attachments cannot be read", &any);
	put_part(out, sum->faults, "fault", "faults", &any);
	put_part(out, sum->warnings, "warning", "warnings", &any);
	put_part(out, sum->audit, "attachment enforces nothing (audit)",
		 "attachments enforce nothing (audit)", &any);
	put_part(out, sum->unconfirmed, "policy waits to be confirmed",
		 "policies wait to be confirmed", &any);
	if (any)
		fputc('.', out);
	else if (count)
		html_print(out,
			   "%s in force, and policyctl doctor found neither fault nor warning.",
			   count == 1 ? "The one attachment is" : "All attachments are");
	fputs("</p>\n", out);
}

static void put_tile(FILE *out, const char *what, const char *class, uint64_t number)
{
	fprintf(out, "<div class=\"tile\"><b class=\"%s\">%llu</b>", number ? class : "",
		(unsigned long long)number);
	html_text(out, what);
	fputs("</div>\n", out);
}

static void write_head(FILE *out, const struct report *report)
{
	const struct sum sum = sum_up(report);
	char time[32];

	readable_time((uint64_t)report->sample.time, time);
	fputs("<h1>", out);
	html_text(out, report->host.nodename);
	fputs("</h1>\n<p class=\"soft\">", out);
	html_print(out, "What policyctl enforces here, %s local time. policyctl %s, %s %s, %s.",
		   time, report->version, report->host.sysname, report->host.release,
		   report->host.machine);
	fputs("</p>\n", out);
	write_sentence(out, report, &sum);
	fputs("<div class=\"tiles\">\n", out);
	put_tile(out, "attachments", "", report->sample.count);
	put_tile(out, "in force", "good", sum.enforcing);
	put_tile(out, "not in force", "bad", sum.broken);
	put_tile(out, "audit", "warn", sum.audit);
	put_tile(out, "quarantine", "warn", sum.quarantine);
	put_tile(out, "faults", "bad", sum.faults);
	put_tile(out, "warnings", "warn", sum.warnings);
	put_tile(out, "packets dropped", "", sum.dropped);
	fputs("</div>\n", out);
}

/* --- attachments --- */

static uint64_t both(const struct measure measures[PCTL_DIRECTIONS])
{
	return measures[PCTL_FROM].count.packets + measures[PCTL_TO].count.packets;
}

static void put_number(FILE *out, uint64_t number)
{
	fprintf(out, "<td class=\"n\">%llu</td>", (unsigned long long)number);
}

static void put_attachment(FILE *out, const struct sample_item *item)
{
	char time[32];

	readable_time(item->changed_at, time);
	fprintf(out, "<tr><td><a href=\"#policy-%u\">", item->ifindex);
	html_text(out, *item->container ? item->container : item->name);
	fputs("</a></td><td>", out);
	html_text(out, item->name);
	fprintf(out, "</td><td class=\"%s\">",
		!item->enforcing && !item->audit  ? "bad"
		: item->audit || item->quarantine ? "warn"
						  : "good");
	html_text(out, item->quarantine ? "quarantine" : item->state);
	if (item->unconfirmed)
		html_text(out, ", waits to be confirmed");
	fprintf(out, "</td><td class=\"n\">%u</td>", item->rule_count);
	put_number(out, both(item->passed));
	put_number(out, both(item->dropped) + both(item->rejected));
	if (item->connections.tracked)
		fprintf(out, "<td class=\"n\">%llu of %u</td>",
			(unsigned long long)item->connections.entries[CONNECTIONS_CONFIRMED],
			item->connections.capacity[CONNECTIONS_CONFIRMED]);
	else
		fputs("<td class=\"n\">–</td>", out);
	fprintf(out, "<td>%s</td></tr>\n", time);
}

static void write_attachments(FILE *out, const struct report *report)
{
	if (!report->sample.count)
		return;
	fputs("<h2>Attachments</h2>\n<div class=\"scroll\"><table>\n<tr><th>container</th>"
	      "<th>interface</th><th>state</th><th class=\"n\">rules</th><th "
	      "class=\"n\">passed</th>"
	      "<th class=\"n\">dropped</th><th class=\"n\">connections</th><th>policy since</th>"
	      "</tr>\n",
	      out);
	for (size_t i = 0; i < report->sample.count; i++)
		put_attachment(out, &report->sample.items[i]);
	fputs("</table></div>\n", out);
	for (size_t i = 0; i < report->sample.failures.count; i++) {
		fputs("<p class=\"bad\">", out);
		html_text(out, failure_words(&report->sample.failures.items[i]));
		fputs("</p>\n", out);
	}
}

/* --- the page --- */

void report_write(FILE *out, const struct report *report)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      out);
	html_print(out, "policyctl: %s", report->host.nodename);
	fprintf(out, "</title>\n<style>\n%s</style></head>\n<body>\n", report_style);
	write_head(out, report);
	write_attachments(out, report);
	report_write_map(out, report);
	report_write_drops(out, report);
	report_write_findings(out, report);
	report_write_policies(out, report);
	fputs("<p class=\"soft\">Counters run since each attachment was made. This page knows only "
	      "of "
	      "policyctl: other firewalls of this host may drop what it passes.</p>\n"
	      "<div class=\"sign\"><span>name</span><span>date, signature</span></div>\n"
	      "</body></html>\n",
	      out);
}
