/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Socket buffers whose headers are outside the linear part, on tc. BPF_PROG_TEST_RUN makes none, so
 * these frames go over a veth pair in a network namespace of the test's own, which ends with it. A
 * packet socket with PACKET_VNET_HDR decides how much is linear, for frames of a page and more.
 */
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support.h"
#include "veth_pair.h"

static int host_end, packet_socket;

static int make_pair(void **state)
{
	int on = 1;

	(void)state;
	host_end = veth_pair_make();
	packet_socket = packet_socket_open(host_end);
	assert_int_equal(setsockopt(packet_socket, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)),
			 0);
	return 0;
}

static int close_pair(void **state)
{
	(void)state;
	close(packet_socket);
	return 0;
}

/* Only ENOBUFS: what a drop on egress is to a local sender. */
static void send_frame(const struct frame *frame, uint16_t linear)
{
	struct virtio_net_hdr header = { .hdr_len = linear };
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ (void *)frame->data, frame->length },
	};
	ssize_t sent = writev(packet_socket, parts, COUNT(parts));

	if (sent < 0)
		assert_int_equal(errno, ENOBUFS);
}

static uint64_t rule_packets(const struct enforcer *e)
{
	struct counters counters;
	uint64_t packets;

	assert_int_equal(generation_counters(&e->generation, &counters), 0);
	packets = counters_slot(&counters, RULE(0), PCTL_TO)->packets;
	counters_free(&counters);
	return packets;
}

/* Each frame, with @linear bytes of it linear, must count in the policy's first rule. The
 * kernels of the two ends send MLD too; no rule here matches it. */
static void check_policy(const char *policy, const char *const *frames, size_t count)
{
	struct enforcer *e = enforcer_new(policy);
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = host_end, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = program_of(e, PCTL_TO));
	uint64_t expected = rule_packets(e);
	struct frame frame;

	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &filter), 0);
	for (size_t i = 0; i < count; i++) {
		frame_from_text(&frame, frames[i]);
		for (uint16_t linear = ETH_HLEN; linear <= 200; linear++) {
			send_frame(&frame, linear);
			assert_int_equal(rule_packets(e), ++expected);
		}
	}
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	assert_int_equal(bpf_tc_hook_destroy(&hook), 0);
	enforcer_free(e);
}

static const char *const frames[] = {
	"ip4 tcp:80 data:5000",
	"ip4:ihl=15 tcp:80 data:5000",
	"ip6 tcp:80 data:5000",
	"ip6 hop dest:2 routing tcp:80 data:5000",
	"ip6 ah tcp:80 data:5000",
	"ip4 ah tcp:80 data:5000",
	/* The first tag stays in the frame of a packet socket. */
	"vlan vlan ip6 dest dest tcp:80 data:5000",
};

static void test_denied(void **state)
{
	(void)state;
	check_policy("deny to tcp dport 80\n", frames, COUNT(frames));
}

/* An allow rule needs the port: a count shows that the header was read. */
static void test_allowed(void **state)
{
	(void)state;
	check_policy("allow to tcp dport 80\nallow to ah\ndeny to any\n", frames, COUNT(frames));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_denied, make_pair, close_pair),
		cmocka_unit_test_setup_teardown(test_allowed, make_pair, close_pair),
	};

	return run_group("nonlinear", tests, COUNT(tests));
}
