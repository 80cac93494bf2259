/* SPDX-License-Identifier: GPL-2.0-only */
#include "parser.h"
#include "random_rules.h"

#define PICK(random, list) (list)[random_below(random, COUNT(list))]

const struct file random_feeds[] = {
	{ "one.txt", "192.0.2.0/24\n198.51.100.7\n2001:db8::/33\n" },
	{ "two.txt", "10.0.0.0/8\n::1\n" },
	{ NULL, NULL },
};

static const char *const set_names[] = { "office", "a", "Feed-1", "x_y" };

static void print_sets(struct random *random, FILE *out)
{
	fprintf(out, "set %s { 10.%u.0.0/16, 10.%u.0.0/16, 2001:db8::%x }\n", set_names[0],
		random_below(random, 4), random_below(random, 4), random_below(random, 4));
	fprintf(out, "set %s {\n\t10.0.0.0/8,\n\n\t::1 # two lines\n}\n", set_names[1]);
	fprintf(out, "set %s file \"%s\"\n", set_names[2], random_feeds[0].path);
	fprintf(out, "set %s file \"/%s\"\n", set_names[3], random_feeds[1].path);
}

/* @family: enum pctl_family, PCTL_FAMILIES: any */
static void print_peer(struct random *random, FILE *out, unsigned int family)
{
	if (family == PCTL_FAMILIES)
		family = random_below(random, 2);
	if (!random_below(random, 3))
		fprintf(out, "@%s", PICK(random, set_names));
	else if (family == PCTL_IPV4 && random_below(random, 2))
		fprintf(out, "10.%u.%u.0/24", random_below(random, 3), random_below(random, 8));
	else if (family == PCTL_IPV4)
		fprintf(out, "192.0.2.%u", random_below(random, 256));
	else if (random_below(random, 2))
		fprintf(out, "2001:db8:0:%x::/64", random_below(random, 8));
	else
		fprintf(out, "2001:DB8::0:%x", random_below(random, 65536));
}

static void print_peers(struct random *random, FILE *out, unsigned int family)
{
	unsigned int count = 1 + random_below(random, 5);

	fprintf(out, " peer %s", random_below(random, 2) ? "not " : "");
	if (random_below(random, 2)) {
		print_peer(random, out, family);
		return;
	}
	fputs("{", out);
	for (unsigned int i = 0; i < count; i++) {
		fputs(i ? ", " : " ", out);
		print_peer(random, out, family);
	}
	fputs(" }", out);
}

/* Never all of them: `not` of that is refused. */
static void print_numbers(struct random *random, FILE *out, unsigned int max)
{
	unsigned int count = 1 + random_below(random, 4);

	fputs(" {", out);
	for (unsigned int i = 0; i < count; i++) {
		unsigned int low = random_below(random, max), high = low + random_below(random, 9);

		fputs(i ? "," : "", out);
		if (random_below(random, 2))
			fprintf(out, "%u", low);
		else
			fprintf(out, "%u-%u", low, high < max ? high : max);
	}
	fputs("}", out);
}

static void print_ports(struct random *random, FILE *out, const char *name)
{
	fprintf(out, " %s%s", name, random_below(random, 3) ? "" : " not");
	print_numbers(random, out, 65535);
}

/* The fields in any order: it does not matter. */
static void print_transport(struct random *random, FILE *out)
{
	static const char *const protocols[] = { "tcp",	 "udp", "{ tcp, udp }",
						 "sctp", "17",	"{ dccp, udplite, tcp }" };
	bool peers_first = random_below(random, 2), peers = random_below(random, 2);

	fputs(PICK(random, protocols), out);
	if (peers && peers_first)
		print_peers(random, out, PCTL_FAMILIES);
	if (random_below(random, 2))
		print_ports(random, out, "dport");
	if (random_below(random, 2))
		print_ports(random, out, "sport");
	if (peers && !peers_first)
		print_peers(random, out, PCTL_FAMILIES);
}

static void print_icmp(struct random *random, FILE *out)
{
	unsigned int family = random_below(random, 2);

	fputs(family == PCTL_IPV4 ? "icmp" : "icmpv6", out);
	if (random_below(random, 2)) {
		fputs(" type", out);
		print_numbers(random, out, 255);
		if (random_below(random, 2)) {
			fputs(" code", out);
			print_numbers(random, out, random_below(random, 2) ? 255 : 5);
		}
	}
	if (random_below(random, 2))
		print_peers(random, out, family);
}

static const char *denial(struct random *random)
{
	return policy_verdict_name(VERDICT_DENY +
				   random_below(random, VERDICT_REJECT - VERDICT_DENY + 1));
}

static void print_default(struct random *random, FILE *out, const char *direction)
{
	static const char *const audits[] = { "", "", " audit" };
	bool denies = random_below(random, 2);

	fprintf(out, "default %s %s%s\n", direction, denies ? denial(random) : "allow",
		denies ? PICK(random, audits) : "");
}

static void print_rule(struct random *random, FILE *out)
{
	static const char *const others[] = { "arp", "ethertype 0x88cc",
					      "ethertype { 0x88cc, 0x8847 }", "ethertype 0x8847" };
	static const char *const directions[] = { "", "from ", "to " };
	static const char *const whole[] = { "any", "gre", "{ 7, 47, tcp }", "ah", "proto 200" };

	bool denies = random_below(random, 2);

	fprintf(out, "%s %s", denies ? denial(random) : "allow", PICK(random, directions));
	switch (random_below(random, 5)) {
	case 0:
		fputs(PICK(random, others), out);
		break;
	case 1:
		print_icmp(random, out);
		break;
	case 2:
		fputs(PICK(random, whole), out);
		if (random_below(random, 2))
			print_peers(random, out, PCTL_FAMILIES);
		break;
	default:
		print_transport(random, out);
	}
	fputs(denies && !random_below(random, 4) ? " audit" : "", out);
	fputs(random_below(random, 4) ? "\n" : " log\n", out);
}

char *random_rules(struct random *random, unsigned int rules)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print_sets(random, out);
	print_default(random, out, "from");
	print_default(random, out, "to");
	for (unsigned int i = 0; i < rules; i++)
		print_rule(random, out);
	fclose(out);
	return text;
}
