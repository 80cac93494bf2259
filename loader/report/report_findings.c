// SPDX-License-Identifier: GPL-2.0-only
#include "html.h"
#include "report.h"

static const struct {
	const char *word, *class;
} levels[FINDING_LEVELS] = {
	[FINDING_OK] = { "ok", "good" },
	[FINDING_NOTE] = { "note", "" },
	[FINDING_WARNING] = { "warning", "warn" },
	[FINDING_FAULT] = { "fault", "bad" },
};

static void put_finding(FILE *out, const struct finding *finding)
{
	fprintf(out, "<tr><td class=\"%s\">%s</td><td>", levels[finding->level].class,
		levels[finding->level].word);
	html_print(out, "%s: %s", finding->subject, finding->check);
	fputs("<p>", out);
	html_text(out, finding->what);
	fputs("</p>", out);
	if (finding->why) {
		fputs("<p class=\"soft\">why: ", out);
		html_text(out, finding->why);
		fputs("</p>", out);
	}
	if (finding->todo) {
		fputs("<p class=\"soft\">do: ", out);
		html_text(out, finding->todo);
		fputs("</p>", out);
	}
	fputs("</td></tr>\n", out);
}

static void put_levels(FILE *out, const struct findings *findings, int first, int last)
{
	fputs("<div class=\"scroll\"><table>\n", out);
	for (int level = first; level >= last; level--)
		for (size_t i = 0; i < findings->count; i++)
			if ((int)findings->items[i].level == level)
				put_finding(out, &findings->items[i]);
	fputs("</table></div>\n", out);
}

void report_write_findings(FILE *out, const struct report *report)
{
	const struct findings *findings = report->findings;
	size_t fine = findings_count(findings, FINDING_OK);

	fputs("<h2>Is this host fit, and enforcement live?</h2>\n", out);
	if (findings->lost)
		fputs("<p class=\"bad\">Some findings are missing, for lack of memory.</p>\n", out);
	if (fine < findings->count)
		put_levels(out, findings, FINDING_FAULT, FINDING_NOTE);
	fprintf(out, "<details><summary>%zu checks are ok</summary>\n", fine);
	put_levels(out, findings, FINDING_OK, FINDING_OK);
	fputs("</details>\n", out);
}
