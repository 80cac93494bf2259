/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules with `established`, step by step: what begins a connection and what confirms it, how long
 * it lives, what ends it, and what a stranger cannot do to it.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <time.h>

#include "support.h"
#include "conversation.h"

/* A packet is written as another one, but for some fields. */
#pragma GCC diagnostic ignored "-Woverride-init"

/* What a client in the container needs, and a server. */
#define CLIENT                                \
	"default deny\n"                      \
	"allow from tcp dport 443\n"          \
	"allow from udp dport 53\n"           \
	"allow from icmp type echo-request\n" \
	"allow from sctp\n"                   \
	"allow established\n"
#define SERVER                     \
	"default deny\n"           \
	"allow to tcp dport 443\n" \
	"allow to udp dport 53\n"  \
	"allow established\n"

/* Loads a policy with empty tables, until the end of the test. */
static struct enforcer *loaded;

static const struct enforcer *fresh(const char *text)
{
	struct enforcer *e = enforcer_new(text);

	e->next = loaded;
	loaded = e;
	return e;
}

static int forget(void **state)
{
	(void)state;
	while (loaded) {
		struct enforcer *next = loaded->next;

		enforcer_free(loaded);
		loaded = next;
	}
	return 0;
}

/* Does it pass? */
static bool passes(const struct enforcer *e, enum pctl_direction d, struct packet p)
{
	struct judgement judgement;
	static struct frame frame;

	packet_build(&frame, d, &p);
	assert_true(judge(e, d, &frame, &judgement));
	return judgement.passed;
}

#define from(e, ...) passes(e, PCTL_FROM, (struct packet){ __VA_ARGS__ })
#define to(e, ...) passes(e, PCTL_TO, (struct packet){ __VA_ARGS__ })

#define WEB .protocol = IPPROTO_TCP, .local_port = 40000, .remote_port = 443
#define DNS .protocol = IPPROTO_UDP, .local_port = 40001, .remote_port = 53
#define PING .protocol = IPPROTO_ICMP, .id = 7
#define NAMED .protocol = IPPROTO_TCP, .local_port = 443, .remote_port = 50000

#define OPENED .sequence = 1000
#define ANSWERED .sequence = 9000, .acknowledgement = 1001
#define CONFIRMED .sequence = 1001, .acknowledgement = 9001

/* --- the tables --- */

static struct pctl_connection_key key_of(struct packet p)
{
	struct pctl_connection_key key = {
		.local = { htonl(CONTAINER) },
		.remote = { htonl(packet_remote(&p)) },
		.local_port = htons(p.local_port),
		.remote_port = htons(p.remote_port),
		.protocol = p.protocol,
		.family = PCTL_IPV4,
	};

	if (p.protocol == IPPROTO_ICMP)
		pctl_connection_echo(&key, htons(p.id), 1);
	return key;
}

static bool find(const struct enforcer *e, enum generation_map map, struct packet p,
		 struct pctl_connection *found)
{
	struct pctl_connection_key key = key_of(p);

	return !bpf_map_lookup_elem(e->generation.maps[map], &key, found);
}

#define is_confirmed(e, ...) \
	find(e, MAP_CONNECTIONS, (struct packet){ __VA_ARGS__ }, &(struct pctl_connection){})
#define is_half_open(e, ...) \
	find(e, MAP_HALF_OPEN, (struct packet){ __VA_ARGS__ }, &(struct pctl_connection){})

/* Lets it be silent for so many seconds. */
static void age(const struct enforcer *e, struct packet p, unsigned int seconds)
{
	static const enum generation_map maps[] = { MAP_CONNECTIONS, MAP_HALF_OPEN };
	struct pctl_connection_key key = key_of(p);
	struct pctl_connection value;
	bool any = false;

	for (size_t i = 0; i < COUNT(maps); i++) {
		if (!find(e, maps[i], p, &value))
			continue;
		any = true;
		value.seen -= PCTL_TICKS((uint64_t)seconds);
		assert_int_equal(
			bpf_map_update_elem(e->generation.maps[maps[i]], &key, &value, BPF_EXIST),
			0);
	}
	assert_true(any);
}

#define aged(e, seconds, ...) age(e, (struct packet){ __VA_ARGS__ }, seconds)

static uint64_t counted(const struct enforcer *e, enum pctl_connection_counter counter)
{
	uint64_t cpus[1024] = {}, sum = 0;
	__u32 index = counter;

	assert_int_equal(
		bpf_map_lookup_elem(e->generation.maps[MAP_CONNECTION_STATS], &index, cpus), 0);
	for (size_t i = 0; i < COUNT(cpus); i++)
		sum += cpus[i];
	return sum;
}

static void handshake(const struct enforcer *e)
{
	assert_true(from(e, WEB, .flags = SYN, OPENED));
	assert_true(to(e, WEB, .flags = SYN | ACK, ANSWERED));
	assert_true(from(e, WEB, .flags = ACK, CONFIRMED));
	assert_true(is_confirmed(e, WEB));
}

/* --- what begins a connection, and what does not --- */

static void test_tcp(void **state)
{
	const struct enforcer *e = fresh(CLIENT);

	(void)state;
	assert_false(to(e, WEB, .flags = SYN | ACK, ANSWERED)); /* out of nowhere */
	assert_true(from(e, WEB, .flags = SYN, OPENED));
	assert_true(is_half_open(e, WEB));
	assert_false(to(e, WEB, .flags = SYN, OPENED)); /* a SYN is never established */
	assert_true(to(e, WEB, .flags = SYN | ACK, ANSWERED));
	assert_false(is_confirmed(e, WEB));
	assert_true(from(e, WEB, .flags = ACK, CONFIRMED));
	assert_true(is_confirmed(e, WEB));
	assert_false(is_half_open(e, WEB));
	assert_true(to(e, WEB, .flags = ACK));
	/* Another port, another host. */
	assert_false(to(e, WEB, .flags = ACK, .local_port = 40001));
	assert_false(to(e, WEB, .flags = ACK, .remote_port = 444));
	assert_false(to(e, WEB, .flags = ACK, .remote = STRANGER));
	assert_int_equal(counted(e, PCTL_CONNECTIONS_CONFIRMED), 1);
}

static void test_nothing_out_of_nowhere(void **state)
{
	static const struct packet web = { WEB };
	const struct enforcer *e = fresh(CLIENT), *server = fresh(SERVER);

	(void)state;
	assert_false(to(e, WEB, .flags = SYN));
	assert_false(to(e, WEB, .flags = ACK));
	assert_false(to(e, WEB, .flags = RST));
	assert_false(to(e, WEB, .flags = FIN | ACK));
	assert_false(to(e, DNS));
	assert_false(to(e, PING, .type = 0));
	assert_false(to(e, PING, .type = 8));
	assert_false(to(e, .protocol = IPPROTO_ICMP, .type = 3, .about = &web));
	assert_false(from(server, NAMED, .flags = SYN));
	assert_false(from(server, NAMED, .flags = ACK));
	assert_false(from(server, NAMED, .flags = RST));
	assert_false(from(server, DNS));
	assert_false(from(server, PING, .type = 0));
	assert_int_equal(counted(e, PCTL_CONNECTIONS_OPENED), 0);
	assert_int_equal(counted(server, PCTL_CONNECTIONS_OPENED), 0);
}

/* What begins nothing although it passes. */
static void test_openers(void **state)
{
	const struct enforcer *e = fresh("default deny\nallow from any\nallow to established\n");

	(void)state;
	assert_true(from(e, WEB, .flags = ACK));
	assert_false(to(e, WEB, .flags = ACK));
	assert_true(from(e, WEB, .flags = SYN | FIN));
	assert_false(to(e, WEB, .flags = ACK));
	assert_true(from(e, WEB, .flags = SYN | RST));
	assert_false(to(e, WEB, .flags = ACK));
	assert_true(from(e, PING, .type = 0));
	assert_false(to(e, PING, .type = 8));
	assert_true(from(e, .protocol = IPPROTO_GRE, .local_port = 1));
	assert_false(to(e, .protocol = IPPROTO_GRE, .local_port = 1));
	assert_int_equal(counted(e, PCTL_CONNECTIONS_OPENED), 0);
}

static void test_others(void **state)
{
	static const uint8_t protocols[] = { IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP,
					     IPPROTO_DCCP };
	const struct enforcer *e = fresh("default deny\nallow from any\nallow to established\n");

	(void)state;
	for (size_t i = 0; i < COUNT(protocols); i++) {
		assert_false(to(e, DNS, .protocol = protocols[i]));
		assert_true(from(e, DNS, .protocol = protocols[i]));
		assert_true(to(e, DNS, .protocol = protocols[i]));
		assert_false(is_confirmed(e, DNS, .protocol = protocols[i]));
		assert_true(from(e, DNS, .protocol = protocols[i]));
		assert_true(is_confirmed(e, DNS, .protocol = protocols[i]));
		assert_true(to(e, DNS, .protocol = protocols[i]));
	}
}

static void test_echo(void **state)
{
	const struct enforcer *e = fresh(CLIENT);

	(void)state;
	assert_true(from(e, PING, .type = 8));
	assert_true(to(e, PING, .type = 0));
	assert_false(to(e, PING, .type = 8)); /* a request with the same id is the peer's own */
	assert_false(to(e, PING, .type = 0, .id = 8));
	assert_false(from(e, PING, .type = 0)); /* nobody asked */
	assert_true(from(e, PING, .type = 8));
	assert_true(is_confirmed(e, PING));
}

/* --- ICMP errors --- */

static void test_errors(void **state)
{
	static const struct packet web = { WEB, .flags = ACK },
				   other = { WEB, .local_port = 40009 };
	static const struct packet strange = { WEB, .remote = STRANGER },
				   ping = { PING, .type = 8 };
	const struct enforcer *e = fresh(CLIENT);
	static const uint8_t types[] = { 3, 11, 12 };

	(void)state;
	handshake(e);
	for (size_t i = 0; i < COUNT(types); i++) {
		assert_true(to(e, .protocol = IPPROTO_ICMP, .type = types[i], .about = &web));
		/* From a router on the way. */
		assert_true(to(e, .protocol = IPPROTO_ICMP, .type = types[i], .about = &web,
			       .remote = STRANGER));
		assert_true(from(e, .protocol = IPPROTO_ICMP, .type = types[i], .about = &web));
		/* Not to the one that sent what it is about. */
		assert_false(from(e, .protocol = IPPROTO_ICMP, .type = types[i], .about = &web,
				  .remote = STRANGER));
		assert_false(to(e, .protocol = IPPROTO_ICMP, .type = types[i], .about = &other));
		assert_false(to(e, .protocol = IPPROTO_ICMP, .type = types[i], .about = &strange));
	}
	assert_false(to(e, .protocol = IPPROTO_ICMP, .type = 5, .about = &web)); /* redirect */
	assert_false(to(e, .protocol = IPPROTO_ICMP, .type = 3, .about = &ping));
	assert_true(from(e, PING, .type = 8));
	assert_true(to(e, .protocol = IPPROTO_ICMP, .type = 3, .about = &ping));
	/* They refresh nothing. */
	aged(e, 31, PING);
	assert_false(to(e, .protocol = IPPROTO_ICMP, .type = 3, .about = &ping));
}

/* --- times --- */

static void test_timeouts(void **state)
{
	const struct enforcer *e = fresh(CLIENT);

	(void)state;
	assert_true(from(e, WEB, .flags = SYN, OPENED));
	aged(e, 59, WEB);
	assert_true(to(e, WEB, .flags = SYN | ACK, ANSWERED));
	aged(e, 61, WEB);
	assert_false(to(e, WEB, .flags = SYN | ACK, ANSWERED));
	handshake(e);
	aged(e, 6 * 3600 - 1, WEB);
	assert_true(to(e, WEB, .flags = ACK));
	aged(e, 6 * 3600 + 1, WEB);
	assert_false(to(e, WEB, .flags = ACK));
	assert_true(from(e, DNS));
	aged(e, 31, DNS);
	assert_false(to(e, DNS));
	assert_true(from(e, DNS));
	assert_true(to(e, DNS));
	assert_true(from(e, DNS));
	aged(e, 119, DNS);
	assert_true(to(e, DNS));
	aged(e, 121, DNS);
	assert_false(to(e, DNS));
	assert_true(from(e, PING, .type = 8));
	aged(e, 31, PING);
	assert_false(to(e, PING, .type = 0));
}

/* Only what passes refreshes. */
static void test_refresh(void **state)
{
	const struct enforcer *e =
		fresh("default deny\nallow from udp dport 53\ndeny to udp peer 198.18.1.1\n"
		      "allow to established\n");

	(void)state;
	assert_true(from(e, DNS));
	aged(e, 29, DNS);
	assert_false(to(e, DNS)); /* an answer, but denied before */
	aged(e, 2, DNS);
	assert_true(from(e, DNS)); /* begins anew */
	assert_int_equal(counted(e, PCTL_CONNECTIONS_OPENED), 2);
}

/* --- its end --- */

static void test_fins(void **state)
{
	const struct enforcer *e = fresh(CLIENT);

	(void)state;
	handshake(e);
	assert_true(from(e, WEB, .flags = FIN | ACK, CONFIRMED));
	aged(e, 11, WEB);
	assert_true(to(e, WEB, .flags = ACK)); /* half closed */
	assert_true(to(e, WEB, .flags = FIN | ACK));
	assert_true(from(e, WEB, .flags = ACK));
	aged(e, 11, WEB);
	assert_false(to(e, WEB, .flags = ACK));
}

static void test_rst(void **state)
{
	const struct enforcer *e = fresh(CLIENT);

	(void)state;
	handshake(e);
	assert_true(to(e, WEB, .flags = ACK, .sequence = 9001, .acknowledgement = 1001));
	assert_true(to(e, WEB, .flags = RST, .sequence = 9001));
	aged(e, 9, WEB);
	assert_true(to(e, WEB, .flags = RST, .sequence = 9001));
	aged(e, 11, WEB);
	assert_false(to(e, WEB, .flags = ACK));
}

/* A stranger that knows addresses and ports, but not the numbers. */
static void test_blind_rst(void **state)
{
	const struct enforcer *e = fresh(CLIENT);

	(void)state;
	handshake(e);
	assert_true(to(e, WEB, .flags = RST, .sequence = 9001 + 65536));
	assert_true(to(e, WEB, .flags = RST, .sequence = 9000));
	aged(e, 3600, WEB);
	assert_true(to(e, WEB, .flags = ACK, .sequence = 9001, .acknowledgement = 1001));
	/* And one that guessed it: the connection goes on. */
	assert_true(to(e, WEB, .flags = RST, .sequence = 9001));
	assert_true(from(e, WEB, .flags = ACK, CONFIRMED));
	aged(e, 3600, WEB);
	assert_true(to(e, WEB, .flags = ACK));
}

static void test_syn_again(void **state)
{
	const struct enforcer *e = fresh(CLIENT);

	(void)state;
	handshake(e);
	/* On a connection that lives it says nothing. */
	assert_true(from(e, WEB, .flags = SYN, OPENED));
	assert_true(is_confirmed(e, WEB));
	assert_true(from(e, WEB, .flags = FIN | ACK, CONFIRMED));
	assert_true(to(e, WEB, .flags = FIN | ACK));
	assert_true(from(e, WEB, .flags = SYN, OPENED));
	assert_false(is_confirmed(e, WEB));
	assert_true(is_half_open(e, WEB));
}

/* --- floods --- */

/* A SYN with another's address, and what its sender cannot see answered at random. */
static void test_blind_flood(void **state)
{
	const struct enforcer *e = fresh(SERVER);

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		uint32_t remote = STRANGER + 1 + i;

		assert_true(to(e, NAMED, .remote = remote, .flags = SYN, OPENED));
		assert_true(to(e, NAMED, .remote = remote, .flags = SYN, OPENED));
		assert_true(from(e, NAMED, .remote = remote, .flags = SYN | ACK,
				 .sequence = 2000000000 + 99991 * i, .acknowledgement = 1001));
		to(e, NAMED, .remote = remote, .flags = ACK, .acknowledgement = 77777 * i);
	}
	assert_true(counted(e, PCTL_CONNECTIONS_CONFIRMED) < 5);
}

/* Longer than a sweep follows another. */
static void sleep_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
}

/* Of a protocol without a handshake. */
static void confirm_other(const struct enforcer *e, struct packet p)
{
	assert_true(passes(e, PCTL_FROM, p));
	assert_true(passes(e, PCTL_TO, p));
	assert_true(passes(e, PCTL_FROM, p));
}

static void test_full(void **state)
{
	const struct enforcer *e = fresh(CLIENT);
	struct packet last = { DNS, .remote = 0xc6120000 };
	struct pctl_connection found;

	(void)state;
	handshake(e);
	for (uint32_t i = 0; i < PCTL_CONNECTIONS_DEFAULT + 100; i++) {
		last.remote = 0xc6130000 + i;
		confirm_other(e, last);
	}
	assert_int_equal(counted(e, PCTL_CONNECTIONS_REFUSED), 101);
	assert_true(is_confirmed(e, WEB));
	/* It works all the same, as long as nobody else takes its place. */
	assert_true(passes(e, PCTL_TO, last));
	/* What has expired makes room. */
	aged(e, 121, DNS, .remote = 0xc6130000);
	sleep_briefly();
	assert_true(passes(e, PCTL_FROM, last));
	assert_int_equal(counted(e, PCTL_CONNECTIONS_SWEPT), 1);
	assert_true(find(e, MAP_CONNECTIONS, last, &found));
	/* So does what is closing, after a second. */
	assert_true(from(e, WEB, .flags = FIN | ACK, CONFIRMED));
	assert_true(to(e, WEB, .flags = FIN | ACK));
	last.remote++;
	confirm_other(e, last);
	assert_false(find(e, MAP_CONNECTIONS, last, &found));
	aged(e, 2, WEB);
	sleep_briefly();
	assert_true(passes(e, PCTL_FROM, last));
	assert_true(find(e, MAP_CONNECTIONS, last, &found));
	assert_int_equal(counted(e, PCTL_CONNECTIONS_SWEPT), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_tcp, forget),
		cmocka_unit_test_teardown(test_nothing_out_of_nowhere, forget),
		cmocka_unit_test_teardown(test_openers, forget),
		cmocka_unit_test_teardown(test_others, forget),
		cmocka_unit_test_teardown(test_echo, forget),
		cmocka_unit_test_teardown(test_errors, forget),
		cmocka_unit_test_teardown(test_timeouts, forget),
		cmocka_unit_test_teardown(test_refresh, forget),
		cmocka_unit_test_teardown(test_fins, forget),
		cmocka_unit_test_teardown(test_rst, forget),
		cmocka_unit_test_teardown(test_blind_rst, forget),
		cmocka_unit_test_teardown(test_syn_again, forget),
		cmocka_unit_test_teardown(test_blind_flood, forget),
		cmocka_unit_test_teardown(test_full, forget),
	};

	return run_group("established", tests, COUNT(tests));
}
