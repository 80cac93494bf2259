// SPDX-License-Identifier: GPL-2.0-only
/* Answers of DNS that pass while something learns: what is believed, and that nothing in them is
 * read that is not there. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "support.h"

#include "addresses.h"
#include "name_answers.h"

#define NAME(text) text "\0"
#define API "\3api\7example\4test" /* without the root */
#define CDN "\3cdn\4test"
#define QUESTION(name, type) NAME(name) "\0" type "\0\1"
#define RECORD(name, type, size, data) name "\0" type "\0\1\0\0\0\170\0" size data
#define A "\1"
#define CNAME "\5"
#define AAAA "\34"
#define SELF "\300\14" /* the name of the question */
#define ONE QUESTION(API, A)

struct message {
	uint8_t bytes[600];
	size_t size;
};

/* A message with this header behind the id, and this body. */
static struct message message(const char *header, const char *body, size_t size)
{
	struct message message = { .size = 12 + size };

	memcpy(message.bytes, "\x12\x34", 2);
	memcpy(message.bytes + 2, header, 10);
	memcpy(message.bytes + 12, body, size);
	return message;
}

#define MESSAGE(header, body) message(header, body, sizeof(body) - 1)
#define ASKS(body) MESSAGE("\1\0\0\1\0\0\0\0\0\0", body)
#define SAYS(count, body) MESSAGE("\x81\x80\0\1\0" count "\0\0\0\0", body)

static const struct prefix resolver = {
	.family = PCTL_IPV4,
	.high = 0xc612003500000000, /* 198.18.0.53 */
	.length = 32,
};

/* Gives it a datagram, in memory of its own size. */
static void give(struct answers *answers, enum pctl_direction direction, uint16_t port,
		 const struct message *m, struct learnt_names *names)
{
	static const uint8_t head[34] = { [12] = 8, [14] = 0x45, [22] = 64, [23] = IPPROTO_UDP };
	size_t size = sizeof(head) + 8 + m->size;
	uint8_t *frame = malloc(size);
	struct packet_layers layers;
	bool from = direction == PCTL_FROM;

	assert_non_null(frame);
	memcpy(frame, head, sizeof(head));
	frame[16] = (size - 14) >> 8;
	frame[17] = (uint8_t)(size - 14);
	memset(frame + 34, 0, 8);
	frame[34 + (from ? 0 : 2)] = port >> 8;
	frame[35 + (from ? 0 : 2)] = (uint8_t)port;
	frame[35 + (from ? 2 : 0)] = 53;
	memcpy(frame + 42, m->bytes, m->size);
	packet_layers_read(frame, size, size, &layers);
	assert_true(layers.has_ports);
	answers_take(answers, &layers, direction, &resolver, 1000, names);
	free(frame);
}

/* What is learnt from an answer to a question: "ADDRESS NAME UNTIL;…". */
static void check(const struct message *question, uint16_t port, const struct message *answer,
		  const char *expected)
{
	struct answers *answers = calloc(1, sizeof(*answers));
	struct learnt_names names = {};
	char text[500] = "", address[ADDRESS_TEXT];

	assert_non_null(answers);
	give(answers, PCTL_FROM, 4000, question, &names);
	give(answers, PCTL_TO, port, answer, &names);
	give(answers, PCTL_TO, port, answer, &names); /* a question has one answer */
	for (size_t i = 0; i < names.count; i++) {
		address_print(&names.items[i].address, address);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s %d;", address,
			 names.items[i].name, (int)names.items[i].until);
	}
	assert_string_equal(text, expected);
	learnt_names_clear(&names);
	free(answers);
}

#define NINE "\306\22\0\11"
#define GOOD SAYS("\1", ONE RECORD(SELF, A, "\4", NINE))

static void test_rows(void **state)
{
	const struct message asks = ASKS(ONE);
	const struct {
		struct message question, answer;
		uint16_t port;
		const char *expected;
	} rows[] = {
		{ asks, GOOD, 4000, "198.18.0.9 api.example.test 1120;" },
		/* the case of letters, which resolvers keep or not */
		{ ASKS(QUESTION("\3API\7Example\4test", A)), GOOD, 4000,
		  "198.18.0.9 api.example.test 1120;" },
		/* a chain; what is outside of it does not count */
		{ asks,
		  SAYS("\3", ONE RECORD(SELF, CNAME, "\12", NAME(CDN))
				     RECORD(SELF, A, "\4", "\306\22\0\10")
					     RECORD(NAME(CDN), A, "\4", NINE)),
		  4000, "198.18.0.9 api.example.test 1120;" },
		/* to another port, question, type */
		{ asks, GOOD, 4001, "" },
		{ ASKS(QUESTION(CDN, A)), GOOD, 4000, "" },
		{ ASKS(QUESTION(API, AAAA)), GOOD, 4000, "" },
		/* an error, a record that is cut short, a loop, no answer at all */
		{ asks, MESSAGE("\x81\x83\0\1\0\1\0\0\0\0", ONE RECORD(SELF, A, "\4", NINE)), 4000,
		  "" },
		{ asks, SAYS("\1", ONE RECORD(SELF, A, "\4", "\306\22\0")), 4000, "" },
		{ asks, SAYS("\1", ONE RECORD("\300\42", A, "\4", NINE)), 4000, "" },
		{ asks, ASKS(ONE RECORD(SELF, A, "\4", NINE)), 4000, "" },
		/* names that no policy can have */
		{ ASKS(QUESTION("\5a\n b;\4test", A)),
		  SAYS("\1", QUESTION("\5a\n b;\4test", A) RECORD(SELF, A, "\4", NINE)), 4000, "" },
		{ ASKS(QUESTION("\1*\4test", A)),
		  SAYS("\1", QUESTION("\1*\4test", A) RECORD(SELF, A, "\4", NINE)), 4000, "" },
		{ ASKS(QUESTION("", A)), SAYS("\1", QUESTION("", A) RECORD(SELF, A, "\4", NINE)),
		  4000, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i].question, rows[i].port, &rows[i].answer, rows[i].expected);
}

/* Any bytes: nothing is read behind them, and names stay names. */
static void test_any_bytes(void **state)
{
	struct random random = { .state = 7 };
	struct answers *answers = calloc(1, sizeof(*answers));
	const struct message asks = ASKS(ONE), says = GOOD;
	struct learnt_names names = {};

	(void)state;
	assert_non_null(answers);
	for (int i = 0; i < 200000; i++) {
		struct message message = i % 2 ? asks : says;

		for (uint32_t n = random_below(&random, 4); n; n--)
			message.bytes[random_below(&random, message.size)] =
				(uint8_t)random_below(&random, 256);
		if (!random_below(&random, 4))
			message.size = random_below(&random, message.size + 1);
		give(answers, i % 2 ? PCTL_FROM : PCTL_TO, 4000, &message, &names);
	}
	assert_in_range(names.count, 1, LEARNT_NAMES_MAX);
	for (size_t i = 0; i < names.count; i++)
		assert_int_equal(
			strspn(names.items[i].name, "abcdefghijklmnopqrstuvwxyz0123456789-_."),
			strlen(names.items[i].name));
	learnt_names_clear(&names);
	free(answers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
