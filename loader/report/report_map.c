// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "html.h"
#include "map_write.h"
#include "report.h"

static void put_line(void *data, const char *line)
{
	FILE *out = data;

	html_text(out, line);
	fputs("<br>", out);
}

static void put_edge(FILE *out, const struct map *map, const struct map_edge *edge)
{
	fputs("<tr><td>", out);
	html_text(out, map->nodes[edge->from].name);
	fputs("</td><td>", out);
	html_text(out, map->nodes[edge->to].name);
	fprintf(out, "</td><td>%s</td><td>", edge->seen ? "did" : "may");
	map_edge_lines(edge, put_line, out);
	fputs("</td></tr>\n", out);
}

/* The same as the picture, for whom a picture tells nothing, and where there is none. */
static void put_edges(FILE *out, const struct map *map)
{
	fputs("<div class=\"scroll\"><table>\n<tr><th>who</th><th>reaches</th><th></th>"
	      "<th>by</th></tr>\n",
	      out);
	for (size_t i = 0; i < map->edge_count; i++)
		put_edge(out, map, &map->edges[i]);
	fputs("</table></div>\n", out);
}

void report_write_map(FILE *out, const struct report *report)
{
	const struct map *map = &report->map;

	if (!map->attached)
		return;
	fputs("<h2>Who may reach whom, and who did</h2>\n", out);
	if (report->picture)
		fprintf(out,
			"<div class=\"picture\">%s</div>\n<details><summary>as a table</summary>\n",
			report->picture);
	else {
		fputs("<p class=\"soft\">No picture: ", out);
		html_text(out, report->no_picture ?: "it was not drawn");
		fputs("</p>\n", out);
	}
	put_edges(out, map);
	if (report->picture)
		fputs("</details>\n", out);
	fputs("<details><summary>what this does not know</summary><ul>\n", out);
	for (size_t i = 0; map_limits[i]; i++) {
		fputs("<li>", out);
		html_text(out, map_limits[i]);
		fputs("</li>\n", out);
	}
	fputs("</ul></details>\n", out);
}
