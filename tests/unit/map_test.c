// SPDX-License-Identifier: GPL-2.0-only
/* A map as text: what is drawn, and names of others that stay text. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "map_write.h"
#include "util.h"

#define HOSTILE "\"];x[label=\"<b>&lt;\\n\x1b[31m|%%click n0 \"javascript:1\"\n\xff"

/* Two containers of one network, the second one with a hostile name, and an edge of each kind. */
static void make(struct map *map)
{
	const struct map_flow may = { IPPROTO_TCP, 1, 80, 80, { 3, 7 }, 0, 0 };
	const struct map_flow ping = { IPPROTO_ICMP, 1, 0, 0, { 3, 0 }, 0, 0 };
	const struct map_flow did = { IPPROTO_TCP, 1, 80, 80, { 0, 0 }, 12, 34 };
	static const char *const names[] = { "web", HOSTILE };

	for (size_t i = 0; i < 2; i++) {
		struct map_node *node = map_add_node(map, MAP_ATTACHED, names[i]);

		assert_non_null(node);
		strcpy(node->interface, i ? "veth1" : "veth0");
		node->network = strdup(i ? HOSTILE : "front");
		node->policy = policy_new();
		node->stance = i ? MAP_HELD : MAP_DENIES;
	}
	assert_non_null(map_add_node(map, MAP_ELSEWHERE, "elsewhere"));
	assert_int_equal(map_add_flow(map_edge(map, 0, 1, false), &may), 0);
	assert_int_equal(map_add_flow(map_edge(map, 0, 1, false), &ping), 0);
	assert_int_equal(map_add_flow(map_edge(map, 0, 1, true), &did), 0);
	assert_int_equal(map_add_flow(map_edge(map, 0, 1, true), &did), 0);
	assert_int_equal(map->edge_count, 2);
}

static char *text_of(void (*write)(FILE *, const struct map *), const struct map *map)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	write(out, map);
	fclose(out);
	return text;
}

static void test_dot(void **state)
{
	struct map map = {};
	_cleanup_(freep) char *text = NULL;

	(void)state;
	make(&map);
	text = text_of(map_write_dot, &map);
	assert_non_null(strstr(text, "\t\tlabel=\"network front\";"));
	assert_non_null(strstr(
		text,
		"\t\tn0 [label=\"web\\nveth0\\ndeny by default\", fillcolor=\"#cdebc9\"];\n"));
	assert_non_null(strstr(text,
			       "\t\tn1 [label=\"\\\"];x[label=\\\"<b>&amp;lt;\\\\n?[31m|%%click n0 "
			       "\\\"javascript:1\\\"??\\nveth1\\nheld: all is dropped\", "
			       "fillcolor=\"#ffb3b3\"];\n"));
	assert_non_null(strstr(text, "\tn0 -> n1 [label=\"tcp 80 [3, 7]\\lping [3]\\l\"];\n"));
	assert_non_null(strstr(text, "\tn0 -> n1 [label=\"tcp 80: 24 connections\\l\", "
				     "style=dashed"));
	/* nothing leads to `elsewhere` */
	assert_null(strstr(text, "n2"));
	map_clear(&map);
}

static void test_mermaid(void **state)
{
	struct map map = {};
	_cleanup_(freep) char *text = NULL;

	(void)state;
	make(&map);
	text = text_of(map_write_mermaid, &map);
	assert_memory_equal(text, "flowchart LR\n", 13);
	assert_non_null(strstr(text, "    subgraph s0[\"network front\"]\n"
				     "    n0[\"web<br/>veth0<br/>deny by default\"]\n"
				     "    style n0 fill:#cdebc9,stroke:#44505c\n    end\n"));
	assert_non_null(strstr(text,
			       "    n1[\"#34;]#59;x[label#61;#34;#60;b#62;#38;lt#59;#92;n#63;[31m"
			       "#124;#37;#37;click n0 #34;javascript:1#34;#63;#63;<br/>veth1"));
	assert_non_null(strstr(text, "    n0 -->|\"tcp 80 [3, 7]<br/>ping [3]\"| n1\n"
				     "    n0 -.->|\"tcp 80: 24 connections\"| n1\n"));
	map_clear(&map);
}

static void test_json(void **state)
{
	struct map map = {};
	_cleanup_(freep) char *text = NULL;
	json_t *json;

	(void)state;
	make(&map);
	json = map_json(&map);
	assert_non_null(json);
	text = json_dumps(json_object_get(json, "edges"), JSON_COMPACT);
	assert_string_equal(
		text, "[{\"from\":0,\"to\":1,\"kind\":\"may\",\"flows\":[{\"protocol\":\"tcp\","
		      "\"ipv4\":true,\"ipv6\":false,\"ports\":[80,80],\"sender_rule\":3,"
		      "\"receiver_rule\":7},{\"protocol\":\"icmp\",\"ipv4\":true,\"ipv6\":false,"
		      "\"sender_rule\":3,\"receiver_rule\":null}]},{\"from\":0,\"to\":1,\"kind\":"
		      "\"did\",\"flows\":[{\"protocol\":\"tcp\",\"ipv4\":true,\"ipv6\":false,"
		      "\"ports\":[80,80],\"connections\":24,\"packets\":68}]}]");
	json_decref(json);
	map_clear(&map);
}

static void test_tidy(void **state)
{
	const struct map_flow flows[] = {
		{ IPPROTO_TCP, 1, 0, 79, { 0 }, 0, 0 },
		{ IPPROTO_TCP, 1, 80, 65535, { 0 }, 0, 0 },
		{ IPPROTO_UDP, 1, 0, 65535, { 0 }, 0, 0 },
		{ IPPROTO_ICMP, 1, 0, 0, { 0 }, 0, 0 },
		{ IPPROTO_TCP, 2, 0, 65535, { 0 }, 0, 0 },
		{ IPPROTO_UDP, 2, 0, 65535, { 0 }, 0, 0 },
		{ IPPROTO_ICMPV6, 2, 0, 0, { 0 }, 0, 0 },
	};
	struct map_edge edge = { .families = 3 };
	char text[MAP_FLOW_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flows); i++)
		assert_int_equal(map_add_flow(&edge, &flows[i]), 0);
	map_edge_tidy(&edge);
	assert_int_equal(edge.count, 3);
	map_flow_text(&edge, &edge.flows[0], text);
	assert_string_equal(text, "tcp, udp and ping");
	edge.flows[1].rules[PCTL_TO] = 4;
	map_flow_text(&edge, &edge.flows[1], text);
	assert_string_equal(text, "udp, all ports [4]");
	edge.flows[1].families = 2;
	map_flow_text(&edge, &edge.flows[1], text);
	assert_string_equal(text, "udp, all ports (IPv6) [4]");
	free(edge.flows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dot),
		cmocka_unit_test(test_mermaid),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
