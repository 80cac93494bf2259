// SPDX-License-Identifier: GPL-2.0-only
/* The tables of connections from user space: reading them, judging them anew, adopting into them.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <unistd.h>

#include "support.h"

#include "adoption.h"
#include "prefix.h"
#include "prefixes.h"
#include "rejudge.h"
#include "util.h"

#define OLD 7 /* a generation that is no more */

static struct connection_maps new_maps(uint32_t entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, lazy, .map_flags = BPF_F_NO_PREALLOC);
	struct connection_maps maps = { .counters = -1 };

	maps.tables[CONNECTIONS_CONFIRMED] =
		bpf_map_create(BPF_MAP_TYPE_HASH, "connections", sizeof(struct pctl_connection_key),
			       sizeof(struct pctl_connection), entries, &lazy);
	maps.tables[CONNECTIONS_HALF_OPEN] = bpf_map_create(
		BPF_MAP_TYPE_LRU_HASH, "half_open", sizeof(struct pctl_connection_key),
		sizeof(struct pctl_connection), entries, NULL);
	assert_true(maps.tables[0] >= 0 && maps.tables[1] >= 0);
	return maps;
}

static void maps_close(struct connection_maps *maps)
{
	closep(&maps->tables[0]);
	closep(&maps->tables[1]);
}

/* 198.18.0.2:LPORT and 198.18.0.1:RPORT */
static struct connection made(uint8_t protocol, int lport, int rport, unsigned int flags)
{
	return (struct connection){
		.key = { .local = { htonl(0xc6120002) },
			 .remote = { htonl(0xc6120001) },
			 .local_port = htons(lport),
			 .remote_port = htons(rport),
			 .protocol = protocol },
		.value = { .began = connections_now(),
			   .seen = connections_now(),
			   .generation = OLD,
			   .state = PCTL_CONNECTION_CONFIRMED,
			   .flags = flags },
		.table = CONNECTIONS_CONFIRMED,
	};
}

static void put(const struct connection_maps *maps, struct connection connection)
{
	assert_int_equal(connection_add(maps, &connection), 0);
}

static size_t count(const struct connection_maps *maps)
{
	_cleanup_(connections_clear) struct connections connections = {};

	assert_int_equal(connections_read(maps, &connections), 0);
	return connections.count;
}

static bool there(const struct connection_maps *maps, struct connection connection)
{
	return !connection_refresh(maps, &connection);
}

static void all_that_live_are_read(void **state)
{
	_cleanup_(maps_close) struct connection_maps maps = new_maps(20000);
	struct connection dead = made(IPPROTO_UDP, 1, 1, 0), half = made(IPPROTO_TCP, 2, 2, 0);

	(void)state;
	for (int i = 0; i < 10000; i++)
		put(&maps, made(IPPROTO_TCP, 10000 + i, 443, 0));
	assert_int_equal(count(&maps), 10000);
	dead.value.seen -= PCTL_TIMEOUT_UDP + 2;
	put(&maps, dead);
	half.table = CONNECTIONS_HALF_OPEN;
	half.value.state = PCTL_CONNECTION_OPENED;
	put(&maps, half);
	assert_int_equal(count(&maps), 10001);
}

static void a_full_table_says_so(void **state)
{
	_cleanup_(maps_close) struct connection_maps maps = new_maps(2);
	struct connection third = made(IPPROTO_TCP, 3, 3, 0);

	(void)state;
	assert_int_equal(connections_capacity(&maps, CONNECTIONS_CONFIRMED), 2);
	put(&maps, made(IPPROTO_TCP, 1, 1, 0));
	put(&maps, made(IPPROTO_TCP, 2, 2, 0));
	assert_int_equal(connection_add(&maps, &third), -E2BIG);
	third = made(IPPROTO_TCP, 2, 2, 0);
	assert_int_equal(connection_add(&maps, &third), -EEXIST);
	assert_int_equal(connection_cut(&maps, &third), 0);
	assert_int_equal(connection_cut(&maps, &third), 0); /* it is gone */
	assert_int_equal(connection_save(&maps, &third), -ENOENT);
}

/* What the new policy lets begin stays, in the direction in which it began. */
static void only_what_may_begin_stays(void **state)
{
	const struct enforcer *enforcer = enforce("default deny\n"
						  "allow from tcp dport 443\n"
						  "allow to tcp dport 80\n"
						  "allow from udp dport 53\n");
	_cleanup_(maps_close) struct connection_maps maps = new_maps(100);
	struct connection https = made(IPPROTO_TCP, 40000, 443, 0),
			  served = made(IPPROTO_TCP, 80, 50000, PCTL_CONNECTION_BY_REMOTE),
			  ssh = made(IPPROTO_TCP, 40000, 22, 0),
			  from_443 = made(IPPROTO_TCP, 40001, 443, PCTL_CONNECTION_BY_REMOTE),
			  dns = made(IPPROTO_UDP, 5353, 53, 0), ping = made(IPPROTO_ICMP, 9, 0, 0);
	struct rejudged rejudged;

	(void)state;
	put(&maps, https);
	put(&maps, served);
	put(&maps, ssh);
	put(&maps, from_443);
	put(&maps, ping);
	dns.table = CONNECTIONS_HALF_OPEN;
	put(&maps, dns);
	assert_int_equal(connections_rejudge(&maps, &enforcer->generation, &rejudged), 0);
	assert_int_equal(rejudged.kept, 3);
	assert_int_equal(rejudged.cut, 3);
	assert_true(there(&maps, https) && there(&maps, served) && there(&maps, dns));
	assert_false(there(&maps, ssh) || there(&maps, from_443) || there(&maps, ping));
	/* With the rule that lets it, and the generation whose rule that is. */
	assert_int_equal(connection_refresh(&maps, &served), 0);
	assert_int_equal(served.value.outcome, PCTL_OUTCOME(PCTL_PASS, RULE(1)));
	assert_int_equal(served.value.generation,
			 PCTL_GENERATION_OF(enforcer->generation.meta.generation));
	/* Once more: there is nothing to do. */
	assert_int_equal(connections_rejudge(&maps, &enforcer->generation, &rejudged), 0);
	assert_int_equal(rejudged.kept + rejudged.cut, 0);
}

static void many_are_judged(void **state)
{
	const struct enforcer *enforcer = enforce("deny from tcp dport 1000-1999");
	_cleanup_(maps_close) struct connection_maps maps = new_maps(30000);
	struct rejudged rejudged;

	(void)state;
	for (int i = 0; i < 20000; i++)
		put(&maps, made(IPPROTO_TCP, 1 + i, 1000 + i % 2000, 0));
	assert_int_equal(connections_rejudge(&maps, &enforcer->generation, &rejudged), 0);
	assert_int_equal(rejudged.kept, 10000);
	assert_int_equal(rejudged.cut, 10000);
	assert_int_equal(count(&maps), 10000);
}

/* --- adoption --- */

static struct socket_seen socket_of(uint8_t protocol, int lport, int rport)
{
	return (struct socket_seen){
		.protocol = protocol,
		.local = { { 198, 18, 0, 2 }, lport },
		.remote = { { 198, 18, 0, 1 }, rport },
		.listens = !rport,
	};
}

static void what_it_may_begin_is_adopted(void **state)
{
	const struct enforcer *enforcer = enforce("default deny\n"
						  "allow from { tcp, udp } dport 443\n"
						  "allow to { tcp, udp } dport 80\n");
	_cleanup_(maps_close) struct connection_maps maps = new_maps(100);
	struct prefix address = { .high = 0xc612000200000000, .family = PCTL_IPV4, .length = 32 };
	const struct adoption_end end = { .addresses = { .items = &address, .count = 1 } };
	struct socket_seen sockets[] = {
		socket_of(IPPROTO_TCP, 80, 0),	    socket_of(IPPROTO_UDP, 80, 0),
		socket_of(IPPROTO_TCP, 40000, 443), socket_of(IPPROTO_TCP, 80, 50000),
		socket_of(IPPROTO_TCP, 40000, 22),  socket_of(IPPROTO_TCP, 81, 50000),
		socket_of(IPPROTO_UDP, 40000, 443), socket_of(IPPROTO_UDP, 80, 50000),
	};
	const struct sockets_seen seen = { .sockets = sockets, .socket_count = COUNT(sockets) };
	struct adoption adoption = {};

	(void)state;
	for (int i = 0; i < 2; i++) /* the second time there is nothing new */
		assert_int_equal(connections_adopt_seen(&seen, &end, &maps, &enforcer->generation,
							&adoption),
				 0);
	assert_int_equal(adoption.adopted, 3);
	assert_int_equal(adoption.denied, 2); /* port 22, and 81, where nobody listens */
	assert_int_equal(adoption.opened_by_peer, 1); /* UDP to port 80 */
	assert_int_equal(count(&maps), 3);
	assert_true(there(&maps, made(IPPROTO_TCP, 40000, 443, 0)));
	assert_true(there(&maps, made(IPPROTO_TCP, 80, 50000, 0)));
	assert_true(there(&maps, made(IPPROTO_UDP, 40000, 443, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_live_are_read),
		cmocka_unit_test(a_full_table_says_so),
		cmocka_unit_test(only_what_may_begin_stays),
		cmocka_unit_test(many_are_judged),
		cmocka_unit_test(what_it_may_begin_is_adopted),
	};

	return run_group("connections", tests, COUNT(tests));
}
