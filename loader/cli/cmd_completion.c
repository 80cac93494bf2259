// SPDX-License-Identifier: GPL-2.0-only
/* policyctl completion: a bash completion script, made from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "abi.h"
#include "commands.h"
#include "reasons.h"
#include "util.h"

/* What stands behind an option or a word, where it is one of a few. */
static const char values[] = "\t--policy | --pcap | check | -w)\n"
			     "\t\tcompopt -o filenames\n"
			     "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
			     "\t\treturn ;;\n"
			     "\t--mode) words=\"auto native generic\" ;;\n"
			     "\t--direction) words=\"from to\" ;;\n"
			     "\t--default) words=\"allow deny\" ;;\n"
			     "\t--deny | --allow) words=\"tcp udp icmp icmpv6 arp any\" ;;\n"
			     "\tverdict) words=\"drop pass\" ;;\n"
			     "\tfragment) words=\"first later\" ;;\n"
			     "\tdev) words=$(ls /sys/class/net) ;;\n";

/* What the operands of a command are made of. */
static const struct {
	const struct command *command;
	const char *words;
} languages[] = {
	{ &command_monitor,
	  "from to tcp udp icmp icmpv6 arp any dport sport type code peer not port "
	  "host verdict rule default implicit log reason dev" },
	{ &command_explain, "from to tcp udp icmp icmpv6 arp proto dport sport peer type code ipv4 "
			    "ipv6 vlan fragment id hop dest routing left ah lsrr short ethertype" },
};

static void print_options(const struct command *command)
{
	const struct option_row *row;

	printf("\t%s) options=\"--help", command->name);
	for (row = command->options; row && row->name; row++)
		printf(" %s%s", option_dashes(row->name), row->name);
	printf("\"%s", strstr(command->synopsis, "IFACE") ? " interface=yes" : "");
	for (size_t i = 0; i < ARRAY_SIZE(languages); i++)
		if (languages[i].command == command)
			printf(" words=\"%s\"", languages[i].words);
	printf(" ;;\n");
}

static void print_reasons(void)
{
	printf("\treason) words=\"any");
	for (int i = 0; i < PCTL_UNKNOWN_MAX; i++)
		printf(" %s", reason_name(i));
	printf("\" ;;\n");
}

static int run(const struct arguments *arguments)
{
	(void)arguments;
	printf("# bash completion of policyctl; source it, or keep it as\n"
	       "# /usr/share/bash-completion/completions/policyctl\n"
	       "_policyctl()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
	       "options= interface= words=\n"
	       "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"--help --version");
	for (size_t i = 0; commands[i]; i++)
		printf(" %s", commands[i]->name);
	printf("\" -- \"$word\"))\n\t\treturn\n\tfi\n"
	       "\tcase $before in\n%s",
	       values);
	print_reasons();
	printf("\tesac\n"
	       "\tif [[ $words ]]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	       "\t\treturn\n\tfi\n"
	       "\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++)
		print_options(commands[i]);
	printf("\tesac\n"
	       "\t[ \"$COMP_CWORD\" = 2 ] && [[ $interface ]] && words+=\" $(ls /sys/class/net)\"\n"
	       "\t[[ $word == -* ]] && words=$options\n"
	       "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	       "}\n"
	       "complete -F _policyctl policyctl\n");
	return EXIT_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.synopsis = "",
	.summary = "print a bash completion script",
	.details = "For the current shell:  source <(policyctl completion)",
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
