/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.bpf.o loaded by another loader, without constants, its maps filled entry by entry as by
 * bpftool. It enforces these maps, and fails closed by walking them.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <netinet/in.h>

#include "support.h"

#define PASS PCTL_OUTCOME(PCTL_PASS, RULE(0))
#define DROP PCTL_OUTCOME(PCTL_DROP, RULE(0))

static struct bpf_object *object;
static int programs[PCTL_DIRECTIONS], proto_rules, port_rules;

static int load(void **state)
{
	(void)state;
	object = bpf_object__open_file(POLICY_BPF_O, NULL);
	assert_non_null(object);
	assert_int_equal(bpf_object__load(object), 0);
	programs[PCTL_FROM] =
		bpf_program__fd(bpf_object__find_program_by_name(object, "policyctl_xdp"));
	programs[PCTL_TO] =
		bpf_program__fd(bpf_object__find_program_by_name(object, "policyctl_tc"));
	proto_rules = bpf_object__find_map_fd_by_name(object, "proto_rules");
	port_rules = bpf_object__find_map_fd_by_name(object, "port_rules");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	bpf_object__close(object);
	return 0;
}

static void set_protocol(enum pctl_direction d, uint8_t protocol, uint32_t outcome)
{
	struct pctl_proto_key key = { .direction = d, .protocol = protocol };

	assert_int_equal(bpf_map_update_elem(proto_rules, &key, &outcome, BPF_ANY), 0);
}

static void set_port(enum pctl_direction d, uint8_t protocol, uint16_t port, uint32_t outcome)
{
	struct pctl_port_key key = { .plane = d, .protocol = protocol, .selector = htons(port) };

	assert_int_equal(bpf_map_update_elem(port_rules, &key, &outcome, BPF_ANY), 0);
}

static bool passes(enum pctl_direction d, const char *text)
{
	struct frame frame;
	int verdict = 0;

	frame_from_text(&frame, text);
	assert_int_equal(run_program(programs[d], frame.data, frame.length, &verdict), 0);
	return is_pass(d, verdict);
}

static const char *const everything[] = {
	"ip4 tcp:80",
	"ip6 udp:53",
	"arp",
	"vlan vlan vlan ip4 tcp:80",
	"ethertype:0x88cc data:46",
	"ip4:version=6 tcp:80",
	"ip4:off=3,next=6 data:40",
	"ip6 frag:off=3,next=6 data:40",
	"ip6:next=60",
	"ip6 ah tcp:80",
};

static void test_empty_passes_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(everything); i++)
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++)
			assert_true(passes(d, everything[i]));
}

static void test_protocol(void **state)
{
	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		enum pctl_direction other = d == PCTL_FROM ? PCTL_TO : PCTL_FROM;

		set_protocol(d, IPPROTO_TCP, DROP);
		assert_false(passes(d, "ip4 tcp:80"));
		assert_false(passes(d, "vlan vlan ip6 dest tcp:80"));
		assert_true(passes(d, "ip4 udp:80"));
		assert_true(passes(d, "ip4 icmp:8"));
		assert_true(passes(d, "arp"));
		assert_true(passes(other, "ip4 tcp:80"));
		set_protocol(d, IPPROTO_TCP, PASS);
		assert_true(passes(d, "ip4 tcp:80"));
	}
}

static void test_port(void **state)
{
	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		set_port(d, IPPROTO_TCP, 80, DROP);
		set_port(d, IPPROTO_ICMP, 8 << 8, DROP);
		assert_false(passes(d, "ip4 tcp:80"));
		assert_true(passes(d, "ip4 tcp:81"));
		assert_true(passes(d, "ip4 tcp:20480")); /* 80 with its bytes swapped */
		assert_true(passes(d, "ip4 udp:80"));
		assert_false(passes(d, "ip4 icmp:8"));
		assert_true(passes(d, "ip4 icmp:0"));
		/* A port wins over its protocol. */
		set_protocol(d, IPPROTO_TCP, DROP);
		set_port(d, IPPROTO_TCP, 443, PASS);
		assert_true(passes(d, "ip4 tcp:443"));
		assert_false(passes(d, "ip4 tcp:444"));
		set_protocol(d, IPPROTO_TCP, PASS);
		set_port(d, IPPROTO_TCP, 80, PASS);
		set_port(d, IPPROTO_ICMP, 8 << 8, PASS);
	}
}

/* Packets with unknown protocol. */
static const char *const any_protocol[] = {
	"vlan vlan vlan ip4 tcp:80",
	"ethertype:0x88cc data:46",
	"ip4:version=6 tcp:80",
	"ip6 frag:off=3,next=17 data",
	"ip6:next=60",
	"ip4:off=3,next=51 data:40",
	"ip6 dest dest dest dest dest dest dest dest dest tcp:80",
};

/* Packets with known protocol, TCP, and unknown port. */
static const char *const tcp_any_port[] = { "ip4:off=3,next=6 data:40", "ip4 tcp:80,size=3",
					    "ip6 tcp:80,size=2", "ip6 ah tcp:80,size=0" };

static void check_unknown(enum pctl_direction d, bool of_any, bool of_tcp)
{
	for (size_t i = 0; i < COUNT(any_protocol); i++)
		assert_int_equal(passes(d, any_protocol[i]), of_any);
	for (size_t i = 0; i < COUNT(tcp_any_port); i++)
		assert_int_equal(passes(d, tcp_any_port[i]), of_tcp);
}

/* An unknown field matches every deny entry of the direction, and no other. */
static void test_unknown(void **state)
{
	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		enum pctl_direction other = d == PCTL_FROM ? PCTL_TO : PCTL_FROM;

		check_unknown(d, true, true);
		set_protocol(d, 200, DROP);
		check_unknown(d, false, true);
		check_unknown(other, true, true);
		set_protocol(d, 200, PASS);
		set_port(d, IPPROTO_UDP, 53, DROP);
		check_unknown(d, false, true);
		set_port(d, IPPROTO_UDP, 53, PASS);
		set_port(d, IPPROTO_TCP, 22, DROP);
		check_unknown(d, false, false);
		assert_true(passes(d, "ip4:off=3,next=17 data:40"));
		assert_true(passes(d, "ip4 tcp:80"));
		assert_true(passes(d, "arp"));
		set_port(d, IPPROTO_TCP, 22, PASS);
	}
}

/* Denied as AH or as what the AH protects. */
static void test_authenticated(void **state)
{
	static const char *const frames[] = { "ip4 ah tcp:80", "ip6 ah tcp:80",
					      "ip6 hop ah:1 tcp:80" };

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
			assert_true(passes(d, frames[i]));
			set_port(d, IPPROTO_TCP, 80, DROP);
			assert_false(passes(d, frames[i]));
			set_port(d, IPPROTO_TCP, 80, PASS);
			set_protocol(d, IPPROTO_AH, DROP);
			assert_false(passes(d, frames[i]));
			set_protocol(d, IPPROTO_AH, PASS);
		}
	}
}

/* A value that is no outcome denies: an entry was meant. Zero is "no entry". */
static void test_other_values(void **state)
{
	static const uint32_t denying[] = { 1,		2,
					    0xff,	PCTL_OUTCOME(PCTL_SELECT, 0),
					    UINT32_MAX, PCTL_OUTCOME(PCTL_DROP, 0xffffff) };

	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		for (size_t i = 0; i < COUNT(denying); i++) {
			set_protocol(d, IPPROTO_TCP, denying[i]);
			assert_false(passes(d, "ip4 tcp:80"));
			assert_false(passes(d, "ip4:off=3,next=6 data:40"));
			assert_false(passes(d, "ethertype:0x88cc data:46"));
			assert_true(passes(d, "ip4 udp:53"));
		}
		set_protocol(d, IPPROTO_TCP, 0);
		assert_true(passes(d, "ip4 tcp:80"));
		check_unknown(d, true, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_empty_passes_all, load, unload),
		cmocka_unit_test_setup_teardown(test_protocol, load, unload),
		cmocka_unit_test_setup_teardown(test_port, load, unload),
		cmocka_unit_test_setup_teardown(test_unknown, load, unload),
		cmocka_unit_test_setup_teardown(test_authenticated, load, unload),
		cmocka_unit_test_setup_teardown(test_other_values, load, unload),
	};

	return run_group("by hand", tests, COUNT(tests));
}
