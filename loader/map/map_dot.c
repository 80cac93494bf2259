// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "map_write.h"
#include "printable.h"

/* In a string of DOT: backslashes begin escapes, `&` entities (graphviz.org/doc/info/lang.html). */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (*text == '&')
			fputs("&amp;", out);
		else
			fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
	}
}

static void put_node(FILE *out, const struct map *map, size_t index, const char *indent)
{
	const struct map_node *node = &map->nodes[index];
	char lines[MAP_LINES][MAP_LINE];
	size_t count = map_node_lines(node, lines);

	fprintf(out, "%sn%zu [label=\"", indent, index);
	for (size_t i = 0; i < count; i++) {
		put_text(out, lines[i]);
		fputs(i + 1 < count ? "\\n" : "", out);
	}
	fprintf(out, "\", fillcolor=\"%s\"%s%s];\n", map_node_colour(node),
		node->kind == MAP_ATTACHED ? "" : ", shape=ellipse",
		node->stance == MAP_AUDITS ? ", style=\"filled,rounded,dashed\"" : "");
}

static void put_network(FILE *out, const struct map *map, size_t first)
{
	const char *network = map->nodes[first].network;
	char name[MAP_LINE];

	printable_copy(name, sizeof(name), network);
	fprintf(out, "\tsubgraph cluster_%zu {\n\t\tlabel=\"network ", first);
	put_text(out, name);
	fputs("\";\n\t\tstyle=\"rounded\"; labelloc=t; color=\"#7a8794\"; bgcolor=\"#f7f9fb\";\n",
	      out);
	for (size_t i = first; i < map->node_count; i++)
		if (map->nodes[i].network && !strcmp(map->nodes[i].network, network))
			put_node(out, map, i, "\t\t");
	fputs("\t}\n", out);
}

static void put_nodes(FILE *out, const struct map *map)
{
	for (size_t i = 0; i < map->node_count; i++)
		if (map_is_first_of_network(map, i))
			put_network(out, map, i);
	for (size_t i = 0; i < map->node_count; i++)
		if (!map->nodes[i].network && map_node_is_drawn(map, i))
			put_node(out, map, i, "\t");
}

static void put_line(void *data, const char *line)
{
	FILE *out = data;

	put_text(out, line);
	fputs("\\l", out);
}

static void put_edge(FILE *out, const struct map_edge *edge)
{
	fprintf(out, "\tn%zu -> n%zu [label=\"", edge->from, edge->to);
	map_edge_lines(edge, put_line, out);
	fprintf(out, "\"%s];\n",
		edge->seen ? ", style=dashed, color=\"#1f5fbf\", fontcolor=\"#1f5fbf\"" : "");
}

/* Words below the picture, with the colours in use. */
static void put_legend(FILE *out, const struct map *map)
{
	bool used[MAP_STANCES] = {};

	for (size_t i = 0; i < map->node_count; i++)
		if (map->nodes[i].policy)
			used[map->nodes[i].stance] = true;
	fputs("\tlabel=<<table border=\"0\" cellspacing=\"2\">\n\t\t<tr>", out);
	for (int i = 0; i < MAP_STANCES; i++) {
		const struct map_node node = { .kind = MAP_ATTACHED, .stance = i };

		if (used[i])
			fprintf(out, "<td border=\"1\" bgcolor=\"%s\">%s</td>",
				map_node_colour(&node), map_stance_words(i));
	}
	fprintf(out, "<td>%s</td></tr>\n",
		map->with_connections ? "solid: may, [rules of sender, receiver]; dashed: did"
				      : "[rules of sender, receiver]");
	for (size_t i = 0; map_limits[i]; i++)
		fprintf(out, "\t\t<tr><td colspan=\"%d\">%s</td></tr>\n", MAP_STANCES + 1,
			map_limits[i]);
	fputs("\t</table>>;\n", out);
}

void map_write_dot(FILE *out, const struct map *map)
{
	fputs("digraph policyctl {\n"
	      "\trankdir=LR; nodesep=0.4; ranksep=1.2; labelloc=b; charset=\"UTF-8\";\n"
	      "\tfontname=\"Helvetica\"; fontsize=11;\n"
	      "\tnode [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", "
	      "fontsize=11, color=\"#44505c\"];\n"
	      "\tedge [fontname=\"Helvetica\", fontsize=9, color=\"#44505c\"];\n",
	      out);
	put_legend(out, map);
	put_nodes(out, map);
	for (size_t i = 0; i < map->edge_count; i++)
		put_edge(out, &map->edges[i]);
	fputs("}\n", out);
}
