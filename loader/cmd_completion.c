// SPDX-License-Identifier: GPL-2.0-only
/* policyctl completion: a bash completion script, made from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static void print_options(const struct command *command)
{
	const struct option_row *row;

	printf("\t%s) options=\"--help", command->name);
	for (row = command->options; row && row->name; row++)
		printf(" %s%s", option_dashes(row->name), row->name);
	printf("\"%s ;;\n", strstr(command->synopsis, "IFACE") ? " interface=yes" : "");
}

static int run(const struct arguments *arguments)
{
	(void)arguments;
	printf("# bash completion of policyctl; source it, or keep it as\n"
	       "# /usr/share/bash-completion/completions/policyctl\n"
	       "_policyctl()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
	       "options= interface=\n"
	       "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"--help --version");
	for (size_t i = 0; commands[i]; i++)
		printf(" %s", commands[i]->name);
	printf("\" -- \"$word\"))\n\t\treturn\n\tfi\n"
	       "\tcase $before in\n"
	       "\t--policy | --pcap | check | -w)\n"
	       "\t\tcompopt -o filenames\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	       "\t\treturn ;;\n"
	       "\t--mode) COMPREPLY=($(compgen -W \"auto native generic\" -- \"$word\")); return "
	       ";;\n"
	       "\t--direction) COMPREPLY=($(compgen -W \"from to\" -- \"$word\")); return ;;\n"
	       "\t--default) COMPREPLY=($(compgen -W \"allow deny\" -- \"$word\")); return ;;\n"
	       "\t--deny | --allow) COMPREPLY=($(compgen -W \"tcp udp icmp icmpv6 arp any\" -- "
	       "\"$word\")); "
	       "return ;;\n"
	       "\tesac\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++)
		print_options(commands[i]);
	printf("\tesac\n"
	       "\tif [[ $word == -* ]]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
	       "\telif [ \"$COMP_CWORD\" = 2 ] && [[ $interface ]]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"$(ls /sys/class/net)\" -- \"$word\"))\n"
	       "\tfi\n}\n"
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
