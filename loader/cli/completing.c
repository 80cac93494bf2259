// SPDX-License-Identifier: GPL-2.0-only
#include "completing.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "abi.h"
#include "attachment.h"
#include "commands.h"
#include "endpoint.h"
#include "engine_ask.h"
#include "error.h"
#include "print.h"
#include "printable.h"
#include "reasons.h"
#include "target.h"
#include "util.h"

#define CONTAINERS_TIMEOUT_MS 300 /* the user has pressed a key and waits */

/* A command line, without `policyctl`. */
struct line {
	const struct command *command; /* of its first word; NULL: none yet */
	char **words;
	int count;
	const char *word; /* the last one, which is being typed */
	const char *before; /* the one in front of it; "" for the first */
};

static void offer(const struct line *line, const char *candidate, const char *means)
{
	_cleanup_(freep) char *text = means ? strdup(means) : NULL;

	if (strncmp(candidate, line->word, strlen(line->word)))
		return;
	if (text)
		printable_one_line(text);
	printf("%s\t%s\n", candidate, text ?: "");
}

/* Each of the words, which blanks separate. */
static void offer_words(const struct line *line, const char *words)
{
	char word[64];

	for (; *words; words += strspn(words, " ")) {
		size_t length = strcspn(words, " ");

		snprintf(word, sizeof(word), "%.*s", (int)length, words);
		offer(line, word, NULL);
		words += length;
	}
}

/* --- names that are looked up --- */

static void offer_interfaces(const struct line *line)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *i = all; i && i->if_index; i++)
		offer(line, i->if_name, NULL);
	if_freenameindex(all);
}

/* @prefix: in front of each name */
static void offer_containers(const struct line *line, const char *prefix)
{
	struct container *containers = NULL;
	char socket[ENDPOINT_SIZE], name[300];
	size_t count = 0;

	if (!endpoint_find(NULL, socket))
		engine_ask_containers(socket, CONTAINERS_TIMEOUT_MS, &containers, &count);
	for (size_t i = 0; i < count; i++) {
		if (!containers[i].running || !containers[i].name)
			continue;
		snprintf(name, sizeof(name), "%s%s", prefix, containers[i].name);
		offer(line, name, NULL);
	}
	containers_free(containers, count);
	error_clear();
}

/* The rules of the interface that the command is about, by id. */
static void offer_rules(const struct line *line, const char *interface)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	unsigned int ifindex = if_nametoindex(interface);
	char id[16];

	if (!ifindex || session_open(&session, PINS_READ) ||
	    attachment_open(&session, ifindex, &attachment))
		return;
	if (generation_policy(&attachment.current, &policy))
		policy = NULL;
	attachment_close(&attachment);
	for (size_t i = 0; policy && i < policy->count; i++) {
		_cleanup_(freep) char *text = policy_rule_print(&policy->rules[i]);

		snprintf(id, sizeof(id), "%u", policy->rules[i].id);
		offer(line, id, text);
	}
}

static void offer_reasons(const struct line *line)
{
	offer(line, "any", NULL);
	for (int i = 0; i < PCTL_REASON_MAX; i++)
		offer(line, reason_name(i), NULL);
	offer(line, reason_name(PCTL_REASON_RATE), NULL);
}

/* --- values and words that have only a few --- */

static const struct {
	const char *before; /* an option, or a word of a filter */
	const char *words; /* NULL: files */
} values[] = {
	{ "--policy", NULL },
	{ "--pcap", NULL },
	{ "--docker-socket", NULL },
	{ "--config", NULL },
	{ "-w", NULL },
	{ "--write", NULL },
	{ "-o", NULL },
	{ "check", NULL },
	{ "--hook", "xdp tc auto" },
	{ "--mode", "auto native generic" },
	{ "--log-format", "text json" },
	{ "--confirm", "30s 1m 5m" },
	{ "--direction", "from to" },
	{ "--default", "allow deny reject from:deny to:deny from:allow to:allow" },
	{ "--deny", "tcp udp icmp icmpv6 arp any from:spoofed" },
	{ "--reject", "tcp udp icmp icmpv6 any" },
	{ "--allow", "tcp udp icmp icmpv6 arp any established" },
	{ "verdict", "drop reject audit pass" },
	{ "state", "opened answered established closing" },
	{ "fragment", "first later" },
};

/* The words that the operands of a command are made of. */
static const struct {
	const struct command *command;
	const char *words;
} languages[] = {
	{ &command_monitor,
	  "from to tcp udp icmp icmpv6 arp any ethertype dport sport type code peer not port "
	  "host verdict rule default implicit log reason dev" },
	{ &command_connections,
	  "from to tcp udp icmp icmpv6 any dport sport type code peer not port "
	  "host rule default implicit state" },
	{ &command_explain, "from to tcp udp icmp icmpv6 arp proto dport sport peer type code ipv4 "
			    "ipv6 vlan fragment id hop dest routing left ah lsrr short ethertype "
			    "spoofed established" },
	{ &command_deny, "tcp udp icmp icmpv6 arp any from:tcp from:udp to:tcp to:udp" },
	{ &command_reject, "tcp udp icmp icmpv6 any from:tcp from:udp to:tcp to:udp" },
	{ &command_allow, "tcp udp icmp icmpv6 arp any from:tcp from:udp to:tcp to:udp" },
	{ &command_completion, "bash zsh fish" },
};

/* False: the word in front says nothing of the last one. */
static bool offer_values(const struct line *line)
{
	if (!strcmp(line->before, "dev")) {
		offer_interfaces(line);
		return true;
	}
	if (!strcmp(line->before, "reason")) {
		offer_reasons(line);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (strcmp(values[i].before, line->before))
			continue;
		if (values[i].words)
			offer_words(line, values[i].words);
		else
			puts(COMPLETING_FILES);
		return true;
	}
	return false;
}

static void offer_options(const struct line *line)
{
	const struct option_row *row;
	char option[64];

	for (row = line->command->options; row && row->name; row++) {
		snprintf(option, sizeof(option), "%s%s", option_dashes(row->name), row->name);
		offer(line, option, row->help);
	}
	offer(line, "--help", NULL);
}

static void offer_operands(const struct line *line)
{
	const char *synopsis = line->command->synopsis;

	if (line->count == 2 && strstr(synopsis, "IFACE")) {
		if (!strncmp(line->word, TARGET_CONTAINER, strlen(TARGET_CONTAINER))) {
			offer_containers(line, TARGET_CONTAINER);
			return;
		}
		offer_interfaces(line);
		offer(line, TARGET_CONTAINER, "all veths of a container");
	}
	if (line->count == 2 && strstr(synopsis, "CONTAINER"))
		offer_containers(line, "");
	if (line->count > 2 && (line->command == &command_delete || !strcmp(line->before, "rule")))
		offer_rules(line, line->words[1]);
	for (size_t i = 0; i < ARRAY_SIZE(languages); i++)
		if (languages[i].command == line->command)
			offer_words(line, languages[i].words);
}

static void offer_commands(const struct line *line)
{
	for (size_t i = 0; commands[i]; i++)
		offer(line, commands[i]->name, commands[i]->summary);
	offer(line, "--help", NULL);
	offer(line, "--version", NULL);
}

void complete(char **words, int count)
{
	struct line line = {
		.words = words,
		.count = count,
		.word = words[count - 1],
		.before = count > 1 ? words[count - 2] : "",
	};

	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, words[0]))
			line.command = commands[i];
	if (count == 1) {
		offer_commands(&line);
		return;
	}
	if (!line.command || offer_values(&line))
		return;
	if (*line.word == '-')
		offer_options(&line);
	else
		offer_operands(&line);
}
