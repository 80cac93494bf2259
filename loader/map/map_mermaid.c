// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "map_write.h"
#include "printable.h"

/* In quotes; whatever may mean something there is an entity code (mermaid.js.org, "Entity codes to
 * escape characters"), so that neither Mermaid nor HTML reads it. */
static void put_text(FILE *out, const char *text)
{
	size_t length = strlen(text), size;
	uint32_t character;

	for (; *text; text += size, length -= size) {
		size = printable_decode(text, length, &character);
		if (!size) {
			size = 1;
			fputc('?', out);
		} else if (character < 128 &&
			   (isalnum((int)character) || strchr(" .:_-/,@[]()", (int)character))) {
			fputc((int)character, out);
		} else {
			fprintf(out, "#%u;", character);
		}
	}
}

static void put_node(FILE *out, const struct map *map, size_t index)
{
	const struct map_node *node = &map->nodes[index];
	char lines[MAP_LINES][MAP_LINE];
	size_t count = map_node_lines(node, lines);

	fprintf(out, "    n%zu%s\"", index, node->kind == MAP_ATTACHED ? "[" : "([");
	for (size_t i = 0; i < count; i++) {
		fputs(i ? "<br/>" : "", out);
		put_text(out, lines[i]);
	}
	fprintf(out, "\"%s\n", node->kind == MAP_ATTACHED ? "]" : "])");
	fprintf(out, "    style n%zu fill:%s,stroke:#44505c%s\n", index, map_node_colour(node),
		node->stance == MAP_AUDITS ? ",stroke-dasharray:5" : "");
}

static void put_network(FILE *out, const struct map *map, size_t first)
{
	char name[MAP_LINE];

	printable_copy(name, sizeof(name), map->nodes[first].network);
	fprintf(out, "    subgraph s%zu[\"network ", first);
	put_text(out, name);
	fputs("\"]\n", out);
	for (size_t i = first; i < map->node_count; i++)
		if (map->nodes[i].network &&
		    !strcmp(map->nodes[i].network, map->nodes[first].network))
			put_node(out, map, i);
	fputs("    end\n", out);
}

struct line_writer {
	FILE *out;
	const char *between;
};

static void put_line(void *data, const char *line)
{
	struct line_writer *writer = data;

	fputs(writer->between, writer->out);
	put_text(writer->out, line);
	writer->between = "<br/>";
}

static void put_edge(FILE *out, const struct map_edge *edge)
{
	struct line_writer writer = { out, "" };

	fprintf(out, "    n%zu %s|\"", edge->from, edge->seen ? "-.->" : "-->");
	map_edge_lines(edge, put_line, &writer);
	fprintf(out, "\"| n%zu\n", edge->to);
}

void map_write_mermaid(FILE *out, const struct map *map)
{
	fputs("flowchart LR\n", out);
	for (size_t i = 0; map_limits[i]; i++)
		fprintf(out, "    %%%% %s\n", map_limits[i]);
	for (size_t i = 0; i < map->node_count; i++) {
		if (map_is_first_of_network(map, i))
			put_network(out, map, i);
		else if (!map->nodes[i].network && map_node_is_drawn(map, i))
			put_node(out, map, i);
	}
	for (size_t i = 0; i < map->edge_count; i++)
		put_edge(out, &map->edges[i]);
}
