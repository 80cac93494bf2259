// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "live_text.h"
#include "observation_line.h"
#include "owner_words.h"
#include "policy.h"
#include "terminal.h"

#define RULE_WIDTH 60
#define CUT "..." /* the end of a rule that was cut */

static void print_time(const struct timespec *time)
{
	struct tm parts = {};

	localtime_r(&time->tv_sec, &parts);
	printf("%02d:%02d:%02d.%06ld ", parts.tm_hour, parts.tm_min, parts.tm_sec,
	       time->tv_nsec / 1000);
}

static void print_rule(const struct observation *o)
{
	size_t length = strlen(o->rule_text);

	if (o->rule)
		printf("rule %u: ", o->rule->id);
	if (length > RULE_WIDTH)
		printf("%.*s" CUT, RULE_WIDTH - (int)strlen(CUT), o->rule_text);
	else
		printf("%s", o->rule_text);
}

/* In capitals where the packet did not arrive. */
static void print_verdict(const struct observation *o)
{
	if (o->audit)
		terminal_print(stdout, COLOUR_YELLOW, "%s ", policy_verdict_word(o->verdict, true));
	else if (o->verdict == VERDICT_ALLOW)
		terminal_print(stdout, COLOUR_GREEN, "pass ");
	else
		terminal_print(stdout, COLOUR_RED,
			       o->verdict == VERDICT_REJECT ? "REJECT " : "DROP ");
}

void observation_packet_text(const struct observation *o, char text[PACKET_TEXT])
{
	char words[LIVE_MEMBER_WORDS];
	const char *name = live_findings_words(o->live, o->live_count, words) ? words : NULL;

	packet_text_named(o->frame, o->captured, o->length, o->direction == PCTL_TO ? name : NULL,
			  o->direction == PCTL_FROM ? name : NULL, text, PACKET_TEXT);
}

void observation_print(const struct observation *o)
{
	char text[PACKET_TEXT];

	observation_packet_text(o, text);
	print_time(&o->time);
	printf("%s", o->interface);
	if (o->owner && *owner_name(o->owner))
		printf("(%s)", owner_name(o->owner));
	printf(" %-4s ", policy_direction_name(o->direction));
	print_verdict(o);
	print_rule(o);
	if (o->reason_name)
		printf(" (%s)", o->reason_name);
	if (o->packets != 1)
		printf(" x%u", o->packets);
	printf(" | %s\n", text);
}
