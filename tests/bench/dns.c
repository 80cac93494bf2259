// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_dns: what a DNS answer costs on its way to the container, above a datagram of the same
 * size from another port.
 *
 *   bench_dns [-n ROUNDS] [-j FILE]
 *
 * An answer counts once, so each run is one of its own, with system calls before and behind it:
 * caches are as cold as they are for the first packet after a pause. -j appends JSON lines to FILE.
 */
#include "support.h"

#include <bpf/bpf.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "dns_message.h"
#include "dns_object.h"

#define ID 7
#define NAME "api.example.com"
#define ROUNDS_MAX 100000

struct answer {
	const char *what;
	int addresses;
	bool asked; /* the container has asked for it */
	bool known; /* its addresses are members already */
};

static const struct answer answers[] = {
	{ "not ours", 4, false, false },       { "known addresses", 4, true, true },
	{ "known addresses", 32, true, true }, { "new addresses", 4, true, false },
	{ "new addresses", 32, true, false },
};

static const char *const names[] = { NAME, "*.pypi.org", NULL };
static const char *const *const sets[] = { names };

static struct dns_object object;
static struct pctl_question_key key;
static struct pctl_question question;
static uint8_t frame[DNS_FRAME_MAX];
static unsigned int rounds = 301;
static FILE *json;

/* Asks once, and remembers what the programs note about it. */
static void ask(void)
{
	struct dns_path path = dns_path(false);
	struct dns_message message;

	dns_begin(&message, ID, 0x0100);
	dns_ask(&message, NAME, DNS_TYPE_A);
	dns_object_run(&object, HOOK_XDP, frame,
		       dns_frame(&path, false, message.data, message.size, frame));
	assert_int_equal(bpf_map_get_next_key(object.questions, NULL, &key), 0);
	assert_int_equal(bpf_map_lookup_elem(object.questions, &key, &question), 0);
	assert_int_equal(bpf_map_delete_elem(object.questions, &key), 0);
}

static size_t write_answer(int addresses, uint16_t port)
{
	struct dns_path path = dns_path(false);
	struct dns_message message;
	size_t at;

	path.remote_port = port;
	dns_begin(&message, ID, 0x8180);
	at = dns_ask(&message, NAME, DNS_TYPE_A);
	for (int i = 0; i < addresses; i++)
		dns_answer_at(&message, at, DNS_TYPE_A, 300, (uint8_t[4]){ 198, 18, 0, i + 1 }, 4);
	return dns_frame(&path, true, message.data, message.size, frame);
}

/* One run, in ns as the kernel measures it. */
static uint32_t run_once(size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = size);

	assert_int_equal(bpf_prog_test_run_opts(object.fds[HOOK_EGRESS], &run), 0);
	return run.duration;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint32_t median(const struct answer *answer, uint16_t port)
{
	static uint32_t times[ROUNDS_MAX];
	size_t size = write_answer(answer->addresses, port), learnt;

	for (unsigned int i = 0; i < rounds; i++) {
		if (answer->asked)
			assert_int_equal(
				bpf_map_update_elem(object.questions, &key, &question, BPF_ANY), 0);
		times[i] = run_once(size);
		if (answer->known && i + 1 < rounds)
			continue;
		learnt = dns_object_take(&object, NULL, 0);
		assert_int_equal(learnt, answer->asked && port == 53 ? answer->addresses : 0);
	}
	bpf_map_delete_elem(object.questions, &key);
	qsort(times, rounds, sizeof(times[0]), compare);
	return times[rounds / 2];
}

static void test_answers(void **state)
{
	struct pctl_resolver resolver = { .family = PCTL_IPV4 };

	(void)state;
	memcpy(resolver.address, dns_path(false).remote, 4);
	dns_object_load(&object, sets, COUNT(sets), &resolver, 1);
	ask();
	printf("%-16s %9s %13s\n", "answer", "addresses", "ns more");
	for (size_t i = 0; i < COUNT(answers); i++) {
		const struct answer *answer = &answers[i];
		uint32_t other = median(answer, 5353), cost = median(answer, 53);

		printf("%-16s %9d %13d\n", answer->what, answer->addresses, (int)(cost - other));
		if (json)
			fprintf(json,
				"{\"kind\": \"dns\", \"answer\": \"%s\", \"addresses\": %d, "
				"\"ns\": %d}\n",
				answer->what, answer->addresses, (int)(cost - other));
	}
	dns_object_free(&object);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers) };
	int option;

	while ((option = getopt(argc, argv, "n:j:")) > 0) {
		if (option == 'n')
			rounds = strtoul(optarg, NULL, 10);
		else if (option != 'j' || !(json = fopen(optarg, "a")))
			return 2;
	}
	if (!rounds || rounds > ROUNDS_MAX)
		return 2;
	return run_group("the cost of DNS answers", tests, COUNT(tests)) || (json && fclose(json));
}
