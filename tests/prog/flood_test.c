/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flood of connections that begin, from inside and outside, beside idle ones that both sides have
 * confirmed: these stay.
 *
 * Environment: PROG_FLOOD, how many begin (200000)
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>

#include "support.h"
#include "conversation.h"

#define IDLE 1000
#define FLOOD 200000

#define POLICY                       \
	"default deny\n"             \
	"allow from tcp dport 443\n" \
	"allow to tcp dport 80\n"    \
	"allow established\n"

static bool passes(const struct enforcer *e, enum pctl_direction d, const struct packet *p)
{
	static struct frame frame;
	int verdict;

	packet_build(&frame, d, p);
	assert_int_equal(run_program(program_of(e, d), frame.data, frame.length, &verdict), 0);
	return is_pass(d, verdict);
}

/* The connection number @i: even ones are opened by the container. */
static struct packet connection(uint32_t i, uint8_t flags)
{
	return (struct packet){
		.protocol = IPPROTO_TCP,
		.remote = 0xc6130000 + i,
		.local_port = i % 2 ? 80 : 40000,
		.remote_port = i % 2 ? 40000 : 443,
		.flags = flags,
	};
}

static void open_idle(const struct enforcer *e, uint32_t i)
{
	enum pctl_direction opener = i % 2 ? PCTL_TO : PCTL_FROM, other = !opener;
	struct packet p = connection(i, SYN);

	p.sequence = 1000;
	assert_true(passes(e, opener, &p));
	p.flags = SYN | ACK;
	p.sequence = 9000;
	p.acknowledgement = 1001;
	assert_true(passes(e, other, &p));
	p.flags = ACK;
	p.sequence = 1001;
	p.acknowledgement = 9001;
	assert_true(passes(e, opener, &p));
}

/* Its SYN once or twice; some are answered; and an ACK of a number that its sender guesses. */
static void flood(const struct enforcer *e, uint32_t i)
{
	enum pctl_direction opener = i % 2 ? PCTL_TO : PCTL_FROM, other = !opener;
	struct packet p = connection(IDLE + i, SYN);

	p.sequence = i;
	assert_true(passes(e, opener, &p));
	if (i / 2 % 2)
		assert_true(passes(e, opener, &p));
	if (i / 4 % 2) {
		p.flags = SYN | ACK;
		p.sequence = i * 2654435761u;
		passes(e, other, &p);
	}
	p.flags = ACK;
	p.acknowledgement = i * 40503u;
	passes(e, opener, &p);
}

static void test_idle_ones_stay(void **state)
{
	const char *wanted = getenv("PROG_FLOOD");
	uint32_t count = wanted ? strtoul(wanted, NULL, 0) : FLOOD, stayed = 0;
	struct enforcer *e = enforcer_new(POLICY);
	struct packet p;

	(void)state;
	for (uint32_t i = 0; i < IDLE; i++)
		open_idle(e, i);
	for (uint32_t i = 0; i < count; i++)
		flood(e, i);
	for (uint32_t i = 0; i < IDLE; i++) {
		p = connection(i, ACK);
		stayed += passes(e, i % 2 ? PCTL_FROM : PCTL_TO, &p);
	}
	print_message("%u of %u idle connections stayed, beside %u that began\n", stayed, IDLE,
		      count);
	assert_int_equal(stayed, IDLE);
	enforcer_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_idle_ones_stay) };

	return run_group("flood", tests, COUNT(tests));
}
