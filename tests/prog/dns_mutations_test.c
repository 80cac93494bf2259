// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers that were mutated, through the program and through two readers: each learns the same
 * addresses, for the same time.
 *
 *   prog_dns_mutations_test [COUNT [SEED]]
 */
#include "support.h"

#include <stdio.h>
#include <time.h>

#include "dns_message.h"
#include "dns_object.h"
#include "dns_reader.h"
#include "random_input.h"

static const char *const names[] = { "api.example.com", "*.pypi.org", NULL };
static const char *const *const sets[] = { names };
static const char *const asked[] = { "api.example.com", "API.example.COM", "files.pypi.org",
				     "a.b.c.d.pypi.org" };

static struct dns_object object;
static unsigned long wanted = 20000, seed = 20261130, learnt_some, learnt_all;

/* --- answers --- */

static size_t add_record(struct random *random, struct dns_message *message, size_t at,
			 uint16_t type)
{
	static const char *const others[] = { "edge.cdn.test", "x", "api.example.com",
					      "a.b.c.test" };
	uint8_t data[16];
	uint32_t ttl = random_below(random, 4) ? 60 + random_below(random, 4000)
					       : random_below(random, 100);

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = random_below(random, 256);
	switch (random_below(random, 8)) {
	case 0:
		return dns_alias_at(message, at, ttl, others[random_below(random, COUNT(others))]);
	case 1:
		dns_answer_at(message, at, DNS_TYPE_TXT, ttl, data, random_below(random, 16));
		return at;
	case 2:
		dns_answer(message, others[random_below(random, COUNT(others))], type, ttl, data,
			   type == DNS_TYPE_A ? 4 : 16);
		return at;
	case 3:
		type = type == DNS_TYPE_A ? DNS_TYPE_AAAA : DNS_TYPE_A;
		/* fallthrough */
	default:
		dns_answer_at(message, at, type, ttl, data, type == DNS_TYPE_A ? 4 : 16);
		return at;
	}
}

static void mutate_byte(struct random *random, struct dns_message *message)
{
	size_t at = random_below(random, message->size);

	switch (random_below(random, 4)) {
	case 0:
		message->data[at] ^= 1u << random_below(random, 8);
		break;
	case 1:
		message->data[at] = random_below(random, 256);
		break;
	case 2: /* a pointer, to somewhere near */
		message->data[at] = 0xc0 | random_below(random, 2);
		if (at + 1 < message->size)
			message->data[at + 1] = random_below(random, message->size);
		break;
	default:
		message->data[at] = random_below(random, 4) ? random_below(random, 20) : 0xff;
	}
}

static void mutate(struct random *random, struct dns_message *message)
{
	size_t at = 12 + random_below(random, message->size - 12), size = message->size;

	switch (random_below(random, 8)) {
	case 0: /* it ends before */
		message->size = at;
		break;
	case 1: /* bytes are left out */
		memmove(message->data + at, message->data + at + 1, size - at - 1);
		message->size--;
		break;
	case 2: /* bytes come in */
		memmove(message->data + at + 1, message->data + at, size - at);
		message->size++;
		break;
	case 3: /* counts */
		message->data[4 + random_below(random, 8)] = random_below(random, 70);
		break;
	default:
		for (uint32_t i = random_below(random, 4) + 1; i > 0; i--)
			mutate_byte(random, message);
	}
}

static void make_answer(struct random *random, struct dns_message *message, const char *name,
			uint16_t type)
{
	size_t at;

	dns_begin(message, 1, 0x8180);
	at = dns_ask(message, name, type);
	for (uint32_t i = random_below(random, 12); i > 0; i--)
		at = add_record(random, message, at, type);
	if (one_in(random, 2))
		dns_edns(message, 1232);
	if (!one_in(random, 5))
		mutate(random, message);
	/* The id stays, or nothing would be read. */
	message->data[0] = 0;
	message->data[1] = 1;
}

/* --- what is learnt --- */

static uint32_t seconds_of(uint32_t ttl)
{
	return ttl < PCTL_NAME_TTL_MIN ? PCTL_NAME_TTL_MIN
				       : (ttl > PCTL_NAME_TTL_MAX ? PCTL_NAME_TTL_MAX : ttl);
}

/* Of several records of one address the longest counts. */
static uint32_t longest(const struct dns_found *found, size_t count, const struct dns_found *like)
{
	uint32_t seconds = 0;

	for (size_t i = 0; i < count; i++)
		if (found[i].size == like->size && !memcmp(found[i].address, like->address, 16) &&
		    seconds_of(found[i].ttl) > seconds)
			seconds = seconds_of(found[i].ttl);
	return seconds;
}

static size_t distinct(const struct dns_found *found, size_t count)
{
	size_t number = 0;

	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		while (found[j].size != found[i].size ||
		       memcmp(found[j].address, found[i].address, 16))
			j++;
		number += j == i;
	}
	return number;
}

static void print_message_of(const struct dns_message *message)
{
	for (size_t i = 0; i < message->size; i++)
		fprintf(stderr, "%02x%s", message->data[i], i % 32 == 31 ? "\n" : " ");
	fprintf(stderr, "\n");
}

static bool is_expected(const struct dns_learnt *learnt, size_t count,
			const struct dns_found *found, size_t found_count, uint32_t now)
{
	if (count != distinct(found, found_count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct dns_found like = { .size = learnt[i].key.family == PCTL_IPV6 ? 16 : 4 };
		uint32_t left = learnt[i].value.until - now, seconds;

		memcpy(like.address, learnt[i].key.address, 16);
		seconds = longest(found, found_count, &like);
		if (!seconds || left > PCTL_TICKS(seconds) + 2 || left + 600 < PCTL_TICKS(seconds))
			return false;
	}
	return true;
}

static uint32_t tick_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return PCTL_TICK(now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec);
}

static void check(const struct dns_message *message, const char *name, uint16_t type)
{
	static struct dns_found own[DNS_FOUND_MAX], ldns[DNS_FOUND_MAX];
	static struct dns_learnt learnt[DNS_FOUND_MAX];
	struct dns_path path = dns_path(false);
	static uint8_t frame[DNS_FRAME_MAX], wire[256];
	struct dns_message question;
	size_t count, own_count, ldns_count;
	uint32_t now;

	dns_begin(&question, 1, 0x0100);
	dns_ask(&question, name, type);
	dns_object_run(&object, HOOK_XDP, frame,
		       dns_frame(&path, false, question.data, question.size, frame));
	dns_object_run(&object, HOOK_EGRESS, frame,
		       dns_frame(&path, true, message->data, message->size, frame));
	now = tick_now();
	count = dns_object_take(&object, learnt, COUNT(learnt));
	dns_name(wire, name);
	for (size_t i = 0; i < sizeof(wire); i++)
		wire[i] |= wire[i] >= 'A' && wire[i] <= 'Z' ? 32 : 0;
	own_count = dns_read(message->data, message->size, wire, type, own);
	ldns_count = dns_read_by_ldns(message->data, message->size, wire, type, ldns);
	learnt_some += count > 0;
	learnt_all += count;
	if (is_expected(learnt, count, own, own_count, now) &&
	    is_expected(learnt, count, ldns, ldns_count, now))
		return;
	print_message_of(message);
	fail_msg("the program learnt %zu, our reader %zu, ldns %zu", count, own_count, ldns_count);
}

static void test_mutations(void **state)
{
	struct pctl_resolver resolver = { .family = PCTL_IPV4 };
	struct random random;
	struct dns_message message;

	(void)state;
	memcpy(resolver.address, dns_path(false).remote, 4);
	dns_object_load(&object, sets, COUNT(sets), &resolver, 1);
	random_start(&random, seed);
	for (unsigned long i = 0; i < wanted; i++) {
		const char *name = asked[random_below(&random, COUNT(asked))];
		uint16_t type = one_in(&random, 2) ? DNS_TYPE_A : DNS_TYPE_AAAA;

		make_answer(&random, &message, name, type);
		check(&message, name, type);
	}
	dns_object_free(&object);
	print_message("%lu answers, %lu with something to learn, %lu addresses\n", wanted,
		      learnt_some, learnt_all);
	assert_true(learnt_some > wanted / 5);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_mutations) };

	if (argc > 1)
		wanted = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoul(argv[2], NULL, 10);
	return run_group("DNS mutations", tests, COUNT(tests));
}
