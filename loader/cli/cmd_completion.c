// SPDX-License-Identifier: GPL-2.0-only
/* policyctl completion: prints a bash completion script made from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "abi.h"
#include "commands.h"
#include "endpoint.h"
#include "engine_ask.h"
#include "reasons.h"
#include "target.h"
#include "util.h"

#define CONTAINERS_TIMEOUT_MS 300 /* the user has pressed a key and waits */

/* The values of options and words that have only a few. */
static const char values[] =
	"\t--policy | --pcap | --docker-socket | --config | check | -w)\n"
	"\t\tcompopt -o filenames\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	"\t\treturn ;;\n"
	"\t--hook) words=\"xdp tc auto\" ;;\n"
	"\t--mode) words=\"auto native generic\" ;;\n"
	"\t--log-format) words=\"text json\" ;;\n"
	"\t--confirm) words=\"30s 1m 5m\" ;;\n"
	"\t--direction) words=\"from to\" ;;\n"
	"\t--default) words=\"allow deny reject\" ;;\n"
	"\t--deny | --reject | --allow) words=\"tcp udp icmp icmpv6 arp any from:spoofed\" ;;\n"
	"\tverdict) words=\"drop reject audit pass\" ;;\n"
	"\tstate) words=\"opened answered established closing\" ;;\n"
	"\tfragment) words=\"first later\" ;;\n"
	"\tdev) words=$(ls /sys/class/net) ;;\n";

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
};

static void print_options(const struct command *command)
{
	const struct option_row *row;

	printf("\t%s) options=\"--help", command->name);
	for (row = command->options; row && row->name; row++)
		printf(" %s%s", option_dashes(row->name), row->name);
	printf("\"%s%s", strstr(command->synopsis, "IFACE") ? " interface=yes" : "",
	       strstr(command->synopsis, "CONTAINER") ? " container=yes" : "");
	for (size_t i = 0; i < ARRAY_SIZE(languages); i++)
		if (languages[i].command == command)
			printf(" words=\"%s\"", languages[i].words);
	printf(" ;;\n");
}

static void print_reasons(void)
{
	printf("\treason) words=\"any");
	for (int i = 0; i < PCTL_REASON_MAX; i++)
		printf(" %s", reason_name(i));
	printf(" %s\" ;;\n", reason_name(PCTL_REASON_RATE));
}

/* bash splits words at colons. The script joins them again, and offers only what follows the last
 * colon. It asks for the names of containers only where the user has begun one. */
static const char colons[] =
	"\tlocal word before piece glue= options= interface= container= words= line=()\n"
	"\tfor piece in \"${COMP_WORDS[@]:0:COMP_CWORD+1}\"; do\n"
	"\t\tif [[ $glue || $piece == : ]]; then line[-1]+=$piece; else line+=(\"$piece\"); fi\n"
	"\t\tglue=; [[ $piece == : ]] && glue=yes\n"
	"\tdone\n"
	"\tword=${line[-1]} before=${line[-2]}\n";

static const char interfaces[] =
	"\tif [ ${#line[@]} = 3 ] && [[ $interface ]]; then\n"
	"\t\twords+=\" $(ls /sys/class/net) container:\"\n"
	"\t\t[[ $word == container:* ]] && words=$(policyctl completion --containers "
	"2>/dev/null)\n"
	"\tfi\n"
	"\t[ ${#line[@]} = 3 ] && [[ $container ]] &&\n"
	"\t\twords=$(policyctl completion --containers 2>/dev/null) "
	"words=${words//container:/}\n"
	"\t[[ $word == -* ]] && words=$options\n"
	"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	"\t[[ ${COMPREPLY[0]} == container: ]] && compopt -o nospace\n"
	"\t[[ $COMP_WORDBREAKS == *:* ]] && "
	"COMPREPLY=(\"${COMPREPLY[@]#\"${word%\"${word##*:}\"}\"}\")\n";

/* Prints the running containers, which may stand for an IFACE; nothing if no engine answers soon.
 */
static int print_containers(void)
{
	struct container *containers = NULL;
	char socket[ENDPOINT_SIZE];
	size_t count = 0;

	if (!endpoint_find(NULL, socket))
		engine_ask_containers(socket, CONTAINERS_TIMEOUT_MS, &containers, &count);
	for (size_t i = 0; i < count; i++)
		if (containers[i].running && containers[i].name)
			printf("container:%s\n", containers[i].name);
	containers_free(containers, count);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	if (arguments_have(arguments, "containers", NULL))
		return print_containers();
	printf("# bash completion of policyctl; source it, or keep it as\n"
	       "# /usr/share/bash-completion/completions/policyctl\n"
	       "_policyctl()\n{\n"
	       "%s"
	       "\tif [ ${#line[@]} = 2 ]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"--help --version",
	       colons);
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
	       "\tcase ${line[1]} in\n");
	for (size_t i = 0; commands[i]; i++)
		print_options(commands[i]);
	printf("\tesac\n"
	       "%s"
	       "}\n"
	       "complete -F _policyctl policyctl\n",
	       interfaces);
	return EXIT_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.synopsis = "[--containers]",
	.summary = "print a bash completion script",
	.details = "For the current shell:  source <(policyctl completion)",
	.options =
		(const struct option_row[]){
			{ "containers", NULL,
			  "print what the script asks for: container:NAME, ..." },
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
