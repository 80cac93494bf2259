/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "embedded.h"
#include "parser.h"
#include "random_input.h"
#include "trial.h"

/* The sets that rules name: i0, i1, … are in braces, f0, f1, … are files, l0, l1, … are of
 * containers (live_model.h), n0, n1, … of DNS names. */
struct sets {
	char *text;
	unsigned int inlined, files, live, names;
	bool resolver; /* sets of DNS names can be peers */
	bool vlans, established; /* rules may match on VLANs */
};

#define TRIES_MAX 1000

/* --- addresses --- */

static void print_block(struct random *random, FILE *out)
{
	int family = random_below(random, PCTL_FAMILIES);
	char text[INET6_ADDRSTRLEN];
	uint8_t address[16];
	unsigned int length = random_block(random, family, address);

	inet_ntop(family == PCTL_IPV4 ? AF_INET : AF_INET6, address, text, sizeof(text));
	fprintf(out, "%s/%u", text, length);
}

static void print_blocks(struct random *random, FILE *out, uint32_t most)
{
	for (uint32_t i = 1 + random_below(random, most); i; i--) {
		print_block(random, out);
		fputs(i > 1 ? ", " : "", out);
	}
}

static void print_sets(struct random *random, FILE *out, const struct sets *sets)
{
	uint32_t most;

	for (unsigned int i = 0; i < sets->inlined; i++) {
		fprintf(out, "set i%u { ", i);
		print_blocks(random, out, 6);
		fputs(" }\n", out);
	}
	for (unsigned int i = 0; i < sets->files; i++) {
		most = one_in(random, 20) ? 2000 : one_in(random, 4) ? 200 : 8;
		fprintf(out, EMBEDDED_FILE "f%u.txt: ", i);
		print_blocks(random, out, most);
		fprintf(out, "\nset f%u file \"f%u.txt\"\n", i, i);
	}
}

static void print_members(struct random *random, FILE *out, const char *const forms[2])
{
	for (uint32_t i = 1 + random_below(random, 3); i; i--) {
		fprintf(out, forms[random_below(random, 2)], random_below(random, 4));
		fputs(i > 1 ? ", " : "", out);
	}
}

static void print_live_sets(struct random *random, FILE *out, const struct sets *sets)
{
	static const char *const members[] = { "a%u", "a%u" };
	static const char *const names[] = { "a%u.test", "*.a%u.test" };

	for (unsigned int i = 0; i < sets->live; i++) {
		fprintf(out, "set l%u container { ", i);
		print_members(random, out, members);
		fputs(one_in(random, 2) ? ", known }\n" : " }\n", out);
	}
	for (unsigned int i = 0; i < sets->names; i++) {
		fprintf(out, "set n%u dns { ", i);
		print_members(random, out, names);
		fputs(" }\n", out);
	}
	fputs(sets->resolver ? "resolver { 198.51.100.53, 2001:db8:1::53 }\n" : "", out);
}

static bool print_live_peer(struct random *random, FILE *out, const struct sets *sets)
{
	if (sets->live && one_in(random, 4))
		return fprintf(out, "@l%u", random_below(random, sets->live));
	if (sets->resolver && sets->names && one_in(random, 6))
		return fprintf(out, "@n%u", random_below(random, sets->names));
	return one_in(random, 30) && fputs("@metadata", out);
}

static void print_peer(struct random *random, FILE *out, const struct sets *sets)
{
	if (print_live_peer(random, out, sets))
		return;
	switch (random_below(random, 6)) {
	case 0:
		fprintf(out, "@i%u", random_below(random, sets->inlined));
		break;
	case 1:
		fprintf(out, "@f%u", random_below(random, sets->files));
		break;
	default:
		print_block(random, out);
	}
}

static void print_peers(struct random *random, FILE *out, const struct sets *sets)
{
	fputs(one_in(random, 4) ? " peer not " : " peer ", out);
	if (!one_in(random, 3))
		return print_peer(random, out, sets);
	fputs("{ ", out);
	for (uint32_t i = 1 + random_below(random, 4); i; i--) {
		print_peer(random, out, sets);
		fputs(i > 1 ? ", " : " }", out);
	}
}

/* --- other fields --- */

static void print_range(FILE *out, uint32_t a, uint32_t b, bool single)
{
	if (single)
		fprintf(out, "%u", a);
	else
		fprintf(out, "%u-%u", a < b ? a : b, a < b ? b : a);
}

static void print_ports(struct random *random, FILE *out, const char *field)
{
	fprintf(out, " %s %s{ ", field, one_in(random, 4) ? "not " : "");
	for (uint32_t i = 1 + random_below(random, 3); i; i--) {
		print_range(out, PICK(random, random_ports), PICK(random, random_ports),
			    random_below(random, 3));
		fputs(i > 1 ? ", " : " }", out);
	}
}

static void print_types(struct random *random, FILE *out)
{
	fputs(" type ", out);
	print_range(out, PICK(random, random_types), PICK(random, random_types),
		    random_below(random, 3));
	if (one_in(random, 2))
		return;
	fputs(" code ", out);
	print_range(out, PICK(random, random_codes), PICK(random, random_codes),
		    random_below(random, 3));
}

static void print_vlans(struct random *random, FILE *out)
{
	fprintf(out, " vlan %s{ ", one_in(random, 4) ? "not " : "");
	for (uint32_t i = 1 + random_below(random, 2); i; i--) {
		print_range(out, PICK(random, random_vlans), PICK(random, random_vlans),
			    random_below(random, 3));
		fputs(i > 1 ? ", " : " }", out);
	}
}

static void print_selected(struct random *random, FILE *out)
{
	static const char *const with_ports[] = { "tcp",  "udp",  "udplite",
						  "sctp", "dccp", "{ tcp, udp }" };
	uint32_t which = random_below(random, 5);

	if (which == 0) {
		fputs(one_in(random, 2) ? "icmp" : "icmpv6", out);
		return print_types(random, out);
	}
	fputs(PICK(random, with_ports), out);
	if (which != 1)
		print_ports(random, out, "dport");
	if (which <= 2)
		print_ports(random, out, "sport");
}

/* --- verdicts --- */

static enum verdict random_denial(struct random *random)
{
	return one_in(random, 3) ? VERDICT_REJECT : VERDICT_DENY;
}

static enum verdict random_verdict(struct random *random)
{
	return one_in(random, 2) ? VERDICT_ALLOW : random_denial(random);
}

static const char *random_audit(struct random *random)
{
	return one_in(random, 4) ? " audit" : "";
}

/* More than any test sends, since the evaluator does not measure. */
static const char *random_rate(struct random *random)
{
	static const char *const rates[] = { " rate 1000gbit", " rate 1000000000pps each",
					     " rate 900gbit burst 900s else reject" };

	return one_in(random, 4) ? PICK(random, rates) : "";
}

static void print_default(struct random *random, FILE *out, enum pctl_direction direction)
{
	enum verdict verdict = random_verdict(random);

	fprintf(out, "default %s %s%s\n", policy_direction_name(direction),
		policy_verdict_name(verdict),
		verdict_denies(verdict) ? random_audit(random) : random_rate(random));
}

/* Which names may be asked for. */
static void print_question(struct random *random, FILE *out, const struct sets *sets)
{
	static const char *const protocols[] = { "udp", "udp", "tcp", "{ tcp, udp }" };
	enum verdict verdict = random_verdict(random);

	fprintf(out, "%s from %s dport 53", policy_verdict_name(verdict), PICK(random, protocols));
	if (one_in(random, 2))
		print_peers(random, out, sets);
	if (sets->vlans && one_in(random, 6))
		print_vlans(random, out);
	fprintf(out, " dns %s{ @n%u, @n%u }", one_in(random, 3) ? "not " : "",
		random_below(random, sets->names), random_below(random, sets->names));
	if (sets->established && one_in(random, 6))
		fputs(" established", out);
	fputs(verdict_denies(verdict) ? random_audit(random) : random_rate(random), out);
	fputs(one_in(random, 6) ? " log\n" : "\n", out);
}

static void print_rule(struct random *random, FILE *out, const struct sets *sets)
{
	static const char *const whole[] = {
		"any",	"any",		"any",	     "tcp",	   "udp",
		"icmp", "icmpv6",	"ah",	     "gre",	   "esp",
		"sctp", "{ tcp, udp }", "proto 255", "ipv6-nonxt", "{ icmp, tcp, udp, icmpv6 }"
	};
	static const char *const ethertypes[] = { "ethertype 0x88cc",
						  "ethertype { 0x88cc, 0x8847 }",
						  "ethertype 0x9100", "ethertype 0xdd86" };
	static const char *const directions[] = { "", "from ", "to " };

	enum verdict verdict = random_verdict(random);

	if (sets->names && one_in(random, 4))
		return print_question(random, out, sets);
	if (one_in(random, 12)) {
		fprintf(out, "%s from spoofed%s%s\n", policy_verdict_name(random_denial(random)),
			random_audit(random), one_in(random, 6) ? " log" : "");
		return;
	}
	fprintf(out, "%s %s", policy_verdict_name(verdict), PICK(random, directions));
	if (one_in(random, 20)) {
		fputs("arp", out);
	} else if (one_in(random, 12)) {
		fputs(PICK(random, ethertypes), out);
	} else {
		if (one_in(random, 2))
			fputs(PICK(random, whole), out);
		else
			print_selected(random, out);
		if (one_in(random, 2))
			print_peers(random, out, sets);
	}
	if (sets->vlans && one_in(random, 3))
		print_vlans(random, out);
	if (sets->established && one_in(random, 3))
		fputs(" established", out);
	fputs(verdict_denies(verdict) ? random_audit(random) : random_rate(random), out);
	fputs(one_in(random, 6) ? " log\n" : "\n", out);
}

/* --- together --- */

struct text {
	char *bytes;
	size_t length;
};

static FILE *text_open(struct text *text)
{
	FILE *out;

	*text = (struct text){};
	out = open_memstream(&text->bytes, &text->length);
	if (!out)
		abort();
	return out;
}

/* Whether the language accepts a rule; it refuses one that can never match, as a random rule
 * may. */
static bool is_good(const char *sets, const char *rule)
{
	struct diagnostics diagnostics = {};
	struct policy *policy = NULL;
	struct text text;
	FILE *out = text_open(&text);
	int error;

	fprintf(out, "%s%s", sets, rule);
	fclose(out);
	error = embedded_parse(text.bytes, &policy, &diagnostics);
	policy_free(policy);
	diagnostics_clear(&diagnostics);
	free(text.bytes);
	return !error;
}

static void print_good_rule(struct random *random, FILE *out, const struct sets *sets)
{
	struct text rule;
	FILE *one;
	bool good = false;

	for (int tries = 0; !good; tries++) {
		if (tries == TRIES_MAX)
			abort(); /* the sets have an error */
		one = text_open(&rule);
		print_rule(random, one, sets);
		fclose(one);
		good = is_good(sets->text, rule.bytes);
		if (good)
			fputs(rule.bytes, out);
		free(rule.bytes);
	}
}

static void random_sets(struct random *random, struct sets *sets)
{
	struct text text;
	FILE *out = text_open(&text);

	sets->inlined = 1 + random_below(random, 4);
	sets->files = one_in(random, 20) ? PCTL_SETS_MAX : 1 + random_below(random, 4);
	sets->live = one_in(random, 2) ? random_below(random, 4) : 0;
	sets->names = one_in(random, 2) ? 1 + random_below(random, 3) : 0;
	sets->resolver = one_in(random, 2);
	print_sets(random, out, sets);
	print_live_sets(random, out, sets);
	fclose(out);
	sets->text = text.bytes;
}

/* Of what most policies say about connections: one rule for all of them, in front of the other
 * rules, behind them, or somewhere between. */
static void print_one_for_all(struct random *random, FILE *out)
{
	static const char *const sides[] = { "", "from ", "to " };

	fprintf(out, "allow %sestablished%s\n", PICK(random, sides),
		one_in(random, 6) ? " log" : "");
}

static void print_rules(struct random *random, FILE *out, struct sets *sets, unsigned int rules)
{
	unsigned int all = rules + 1; /* which rule is that */

	if (sets->established && one_in(random, 2)) {
		sets->established = false;
		all = one_in(random, 3)	  ? random_below(random, rules + 1)
		      : one_in(random, 2) ? rules
					  : 0;
	}
	for (unsigned int i = 0; i <= rules; i++) {
		if (i == all)
			print_one_for_all(random, out);
		if (i < rules)
			print_good_rule(random, out, sets);
	}
}

char *random_policy(struct random *random, unsigned int rules)
{
	struct text text;
	struct sets sets;
	FILE *out;

	random_sets(random, &sets);
	sets.vlans = one_in(random, 3);
	sets.established = one_in(random, 2);
	out = text_open(&text);
	fputs(one_in(random, 6) ? TRIAL_AUDIT : "", out);
	print_default(random, out, PCTL_FROM);
	print_default(random, out, PCTL_TO);
	fputs(sets.text, out);
	if (one_in(random, 3)) {
		fputs("own { 198.51.100.53, 2001:db8:1::53, ", out);
		print_blocks(random, out, 3);
		fputs(" }\n", out);
	}
	print_rules(random, out, &sets, rules);
	fclose(out);
	free(sets.text);
	return text.bytes;
}
