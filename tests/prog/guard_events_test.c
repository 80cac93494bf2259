/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events of the guard, on a veth pair in a network namespace of the test's own. Another program is
 * attached as generic XDP, such that the kernel copies the packets. Linux 6.9 and later hand such a
 * copy to tc without its Ethernet header (kern/skb.h); events have it all the same.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener.h"
#include "netlink.h"
#include "veth_pair.h"

static int host_end, packet_socket;

static int make_pair(void **state)
{
	(void)state;
	host_end = veth_pair_make();
	packet_socket = packet_socket_open(if_nametoindex("eth0"));
	return 0;
}

static int close_pair(void **state)
{
	(void)state;
	close(packet_socket);
	return 0;
}

static void attach(const struct enforcer *passing, const struct enforcer *guarding)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = host_end, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = guarding->generation.programs[HOOK_GUARD].fd);

	assert_int_equal(bpf_xdp_attach(host_end, passing->generation.programs[HOOK_XDP].fd,
					XDP_FLAGS_SKB_MODE, NULL),
			 0);
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &filter), 0);
}

static void check_told(struct listener *listener, const char *text)
{
	const struct pctl_event *event = &listener->last;
	double end = seconds() + 5;
	struct frame frame;

	frame_from_text(&frame, text);
	assert_int_equal(send(packet_socket, frame.data, frame.length, 0), frame.length);
	while (!listener_hear(listener))
		assert_true(seconds() < end);
	assert_int_equal(event->outcome, PCTL_OUTCOME(PCTL_DROP, RULE(0)));
	assert_int_equal(event->direction, PCTL_FROM);
	assert_int_equal(event->ifindex, host_end);
	assert_int_equal(event->length, frame.length);
	assert_int_equal(event->captured, frame.length < 1000 ? frame.length : 1000);
	assert_memory_equal(event->data, frame.data, event->captured);
}

static void test_whole_frames(void **state)
{
	/* A program that takes frames in pieces: only for these the kernel copies in that way. */
	const struct meta meta = { .mode = XDP_MODE_NATIVE, .veth = 1 };
	struct enforcer *passing = enforcer_for("deny from tcp dport 81\n", &meta);
	struct enforcer *guarding =
		enforcer_for("deny from tcp dport 80\n", &(struct meta){ .veth = 1, .guarded = 1 });
	struct listener *listener =
		listener_new(guarding, &(struct reader_settings){ .snaplen = 1000 });

	(void)state;
	attach(passing, guarding);
	check_told(listener, "ip4 tcp:80");
	check_told(listener, "ip6 tcp:80 data:900");
	check_told(listener, "ip6 hop tcp:80 data:1000");
	check_told(listener, "ip4 tcp:80 data:5000");
	assert_int_equal(listener_lost(listener), 0);
	listener_free(listener);
	enforcer_free(guarding);
	enforcer_free(passing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole_frames, make_pair, close_pair),
	};

	return run_group("guard events", tests, COUNT(tests));
}
