// SPDX-License-Identifier: GPL-2.0-only
/* policyctl map: who may reach whom, and who did, as a graph. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "container_lookup.h"
#include "error.h"
#include "map_take.h"
#include "map_write.h"
#include "output.h"
#include "util.h"

enum format {
	FORMAT_DOT,
	FORMAT_MERMAID,
	FORMAT_SVG,
	FORMAT_JSON,
	FORMATS,
};

static const struct {
	const char *name;
	const char *endings[3]; /* of files */
} formats[FORMATS] = {
	[FORMAT_DOT] = { "dot", { ".dot", ".gv" } },
	[FORMAT_MERMAID] = { "mermaid", { ".mmd", ".mermaid" } },
	[FORMAT_SVG] = { "svg", { ".svg" } },
	[FORMAT_JSON] = { "json", { ".json" } },
};

struct mapping {
	struct map map;
	struct container_lookup lookup;
	enum format format;
	const char *path; /* NULL: standard output */
};

static void mapping_clear(struct mapping *mapping)
{
	map_clear(&mapping->map);
	container_lookup_clear(&mapping->lookup);
}

/* --- arguments --- */

static bool ends_with(const char *text, const char *ending)
{
	size_t length = strlen(text), size = strlen(ending);

	return length > size && !strcmp(text + length - size, ending);
}

static enum format format_of_file(const char *path)
{
	for (int i = 0; i < FORMATS; i++)
		for (size_t j = 0; j < 3 && formats[i].endings[j]; j++)
			if (ends_with(path, formats[i].endings[j]))
				return i;
	return FORMATS;
}

static int read_arguments(const struct arguments *arguments, struct mapping *mapping)
{
	const char *name = NULL;

	if (!arguments_have(arguments, "output", &mapping->path) || !strcmp(mapping->path, "-"))
		mapping->path = NULL;
	if (mapping->path)
		mapping->format = format_of_file(mapping->path);
	if (arguments_have(arguments, "json", NULL))
		mapping->format = FORMAT_JSON;
	if (arguments_have(arguments, "format", &name))
		for (mapping->format = 0; mapping->format < FORMATS; mapping->format++)
			if (!strcmp(formats[mapping->format].name, name))
				break;
	if (mapping->format == FORMATS && name)
		return usage_failed(arguments->command,
				    "--format is dot, mermaid, svg or json, not %s", name);
	if (mapping->format == FORMATS)
		return usage_failed(arguments->command,
				    "%s does not end with .dot, .mmd, .svg or .json: say --format",
				    mapping->path);
	return EXIT_DONE;
}

/* --- telling --- */

static int write_svg(FILE *out, const struct map *map)
{
	_cleanup_(freep) char *svg = NULL;
	size_t length;
	int error = map_svg(map, &svg, &length);

	if (!error && fwrite(svg, 1, length, out) != length)
		error = -EIO;
	return error;
}

static int write_map(FILE *out, const struct mapping *mapping)
{
	_cleanup_(freep) char *text = NULL;
	json_t *json;

	switch (mapping->format) {
	case FORMAT_SVG:
		return write_svg(out, &mapping->map);
	case FORMAT_MERMAID:
		map_write_mermaid(out, &mapping->map);
		return 0;
	case FORMAT_JSON:
		json = map_json(&mapping->map);
		text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
		json_decref(json);
		fprintf(out, "%s\n", text ?: "");
		return text ? 0 : -ENOMEM;
	default:
		map_write_dot(out, &mapping->map);
		return 0;
	}
}

static int tell(const struct mapping *mapping)
{
	FILE *out = mapping->path ? fopen(mapping->path, "we") : stdout;
	int error = out ? write_map(out, mapping) : -errno;

	if (!mapping->path && mapping->format == FORMAT_JSON && !error)
		return EXIT_DONE;
	if (out && (mapping->path ? fclose(out) : fflush(out)) && !error)
		error = -errno;
	return error ? command_failed(mapping->path, error, NULL) : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(mapping_clear) struct mapping mapping = { .format = FORMAT_DOT };
	bool with_connections = arguments_have(arguments, "connections", NULL);
	const char *socket = NULL;
	int status = read_arguments(arguments, &mapping), error;

	if (status != EXIT_DONE)
		return status;
	arguments_have(arguments, "docker-socket", &socket);
	container_lookup_init(&mapping.lookup, socket);
	error = map_take(&mapping.map, &mapping.lookup, with_connections);
	if (error)
		return command_failed(NULL, error, NULL);
	if (!mapping.map.attached)
		notice("nothing is attached in this network namespace: the map is empty");
	if (mapping.map.untracked)
		notice("of %zu attachments no connections are known: no rule of their policies "
		       "says `established`",
		       mapping.map.untracked);
	return tell(&mapping);
}

const struct command command_map = {
	.name = "map",
	.synopsis = "[--connections] [--format dot|mermaid|svg|json] [-o FILE]",
	.summary = "who may reach whom, as a graph",
	.details =
		"Draws every attachment, by network, and what its policy and that of the other end "
		"let\n"
		"begin: each pair is decided by evaluating both, port by port. An edge has "
		"protocols and\n"
		"ports, and in brackets the rules that decide, of the sender and of the receiver. "
		"Colours\n"
		"show what happens by default. Addresses that rules name are nodes of their own, "
		"all\n"
		"others are `elsewhere`.\n\n"
		"--connections adds who did, from the connections that are known now (rules with\n"
		"`established`). The format is that of the ending of FILE (.dot .mmd .svg .json), "
		"else dot.\n"
		"SVG is drawn by Graphviz, where it is installed.",
	.options =
		(const struct option_row[]){
			{ "connections", NULL, "also who did, from the tables of connections" },
			{ "format", "FORMAT", "dot, mermaid, svg or json" },
			{ "output", "FILE", "where to, replacing what it held" },
			{ "o", "FILE", NULL },
			{ "docker-socket", "PATH",
			  "whose containers: else DOCKER_HOST, else /var/run/docker.sock" },
			{ "json", NULL, "the same as --format json" },
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
