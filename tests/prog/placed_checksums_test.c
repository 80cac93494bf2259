/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets whose checksum the kernel is still to write, at any place: random policies and frames
 * through the tc programs of both directions, and through the reference evaluator. Slot and reason
 * that count must be the same. BPF_PROG_TEST_RUN makes no such packets, so they go over a veth pair
 * in a network namespace of the test's own, which ends with it.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "evaluate.h"
#include "random_input.h"
#include "support.h"
#include "veth_pair.h"

#define SEED 20261130 /* without PROG_SEED */
#define POLICIES 20
#define FRAMES 300 /* for each policy and direction */

static int host_end, sockets[PCTL_DIRECTIONS];
static unsigned int judged, placed, unknown;

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Without IPv6 the two ends send nothing themselves, which would be counted. */
static int make_pair(void **state)
{
	const int on = 1;

	(void)state;
	host_end = veth_pair_make();
	write_file("/proc/sys/net/ipv6/conf/" HOST_END "/disable_ipv6", "1");
	write_file("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "1");
	sockets[PCTL_TO] = packet_socket_open(host_end);
	sockets[PCTL_FROM] = packet_socket_open(if_nametoindex("eth0"));
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		assert_int_equal(
			setsockopt(sockets[i], SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), 0);
	return 0;
}

static int close_pair(void **state)
{
	(void)state;
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		close(sockets[i]);
	return 0;
}

/* --- one frame --- */

/* A checksum to be written; offset is from start on. */
struct checksum {
	bool wanted;
	uint16_t start, offset;
};

/* False: the kernel sends no such frame, or no such checksum. */
static bool send_frame(enum pctl_direction direction, const struct frame *frame,
		       const struct checksum *checksum)
{
	struct virtio_net_hdr header = {};
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ (void *)frame->data, frame->length },
	};

	if (checksum->wanted) {
		header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header.csum_start = checksum->start;
		header.csum_offset = checksum->offset;
	}
	if (writev(sockets[direction], parts, COUNT(parts)) >= 0)
		return true;
	if (errno == ENOBUFS) /* what a drop on egress is to a local sender */
		return true;
	assert_true(errno == EINVAL || errno == EMSGSIZE);
	return false;
}

static void read_counters(const struct enforcer *e, struct counters *counters)
{
	assert_int_equal(generation_counters(&e->generation, counters), 0);
}

/* The only one of items[] of this direction that has grown, by one; -1: none has. */
static int find_counted(const struct pctl_counter *before, const struct pctl_counter *after,
			uint32_t count, enum pctl_direction direction)
{
	int found = -1;

	for (uint32_t i = direction; i < count * PCTL_DIRECTIONS; i += PCTL_DIRECTIONS) {
		if (after[i].packets == before[i].packets)
			continue;
		assert_int_equal(found, -1);
		assert_int_equal(after[i].packets, before[i].packets + 1);
		found = i / PCTL_DIRECTIONS;
	}
	return found;
}

/* What the container sends is received a moment later. */
static int wait_until_counted(const struct enforcer *e, const struct counters *before,
			      struct counters *after, enum pctl_direction direction)
{
	const struct timespec pause = { .tv_nsec = 100000 };
	int slot = -1;

	for (int tries = 0; tries < 20000 && slot < 0; tries++) {
		if (tries)
			nanosleep(&pause, NULL);
		read_counters(e, after);
		slot = find_counted(before->items, after->items, after->slots, direction);
		if (slot < 0)
			counters_free(after);
	}
	return slot;
}

static void compare(const struct enforcer *e, enum pctl_direction direction,
		    const struct frame *frame, const struct checksum *checksum,
		    const struct packet_fields *fields)
{
	struct counters before, after;
	struct evaluation expected;
	int slot, reason;

	assert_int_equal(policy_evaluate(e->policy, direction, fields, NULL, NULL, &expected), 0);
	read_counters(e, &before);
	if (!send_frame(direction, frame, checksum)) {
		counters_free(&before);
		return;
	}
	slot = wait_until_counted(e, &before, &after, direction);
	assert_int_not_equal(slot, -1);
	reason = find_counted(before.items + before.slots * PCTL_DIRECTIONS,
			      after.items + after.slots * PCTL_DIRECTIONS, PCTL_REASON_MAX,
			      direction);
	if ((uint32_t)slot != expected.slot ||
	    reason != (expected.reason == PCTL_REASON_NONE ? KNOWN : expected.reason)) {
		for (size_t i = 0; i < frame->length; i++)
			print_error("%02x%s", frame->data[i], i + 1 == frame->length ? "\n" : "");
		fail_msg("%s: slot %d, reason %d; expected slot %u, reason %u; checksum %d at %u + "
			 "%u; %s",
			 direction == PCTL_FROM ? "from" : "to", slot, reason, expected.slot,
			 expected.reason, checksum->wanted, checksum->start, checksum->offset,
			 e->text);
	}
	judged++;
	placed += checksum->wanted;
	unknown += reason == PCTL_REASON_CHECKSUM;
	counters_free(&before);
	counters_free(&after);
}

/* --- many --- */

/* Where the transport header is, or near, or anywhere. */
static void random_checksum(struct random *random, const struct packet_fields *fields,
			    struct checksum *checksum)
{
	static const uint16_t offsets[] = { 0, 2, 4, 6, 8, 10, 14, 16, 18, 22 };

	*checksum = (struct checksum){ .wanted = !one_in(random, 6),
				       .start = fields->at ?: ETH_HLEN,
				       .offset = PICK(random, offsets) };
	if (one_in(random, 3))
		checksum->start = ETH_HLEN + random_below(random, 80);
	if (one_in(random, 3))
		checksum->offset = random_below(random, 60);
}

/* The kernel takes the first tag out of what is received, and drops what is cut short there. */
static bool is_tagged(const struct frame *frame)
{
	uint16_t type = frame->data[12] << 8 | frame->data[13];

	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

static void throw(struct random * random, const struct enforcer *e, enum pctl_direction direction)
{
	struct packet_fields fields;
	struct checksum checksum;
	struct frame frame;

	random_frame(random, &frame);
	if (frame.length < ETH_HLEN || (direction == PCTL_FROM && is_tagged(&frame)))
		return;
	packet_fields_read(frame.data, frame.length, &fields);
	if (fields.piece != PIECE_WHOLE) /* prog.fragment_tracking has these */
		return;
	random_checksum(random, &fields, &checksum);
	if (checksum.wanted)
		packet_fields_note_checksum(&fields, checksum.start + checksum.offset);
	compare(e, direction, &frame, &checksum, &fields);
}

/* Sets of DNS names are known to be empty: no resolver answers here. */
static void know_names(struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++)
		if (policy->sets[i]->live == PCTL_LIVE_DNS)
			policy->sets[i]->loaded = true;
}

/* No rule that asks for the container's own addresses, for there is none, or for connections: the
 * stacks at both ends take part in them, too. */
static struct enforcer *random_enforcer(struct random *random)
{
	struct enforcer *e;
	char *text;

	do
		text = random_policy(random, 1 + random_below(random, 8));
	while ((strstr(text, "spoofed") || strstr(text, "established")) && (free(text), true));
	e = enforcer_new(text);
	free(text);
	know_names(e->policy);
	return e;
}

static void attach(const struct enforcer *e, bool on)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = host_end, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, to, .prog_fd = e->generation.programs[HOOK_EGRESS].fd);
	LIBBPF_OPTS(bpf_tc_opts, from, .prog_fd = e->generation.programs[HOOK_GUARD].fd);

	if (!on) {
		hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		assert_int_equal(bpf_tc_hook_destroy(&hook), 0);
		return;
	}
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &to), 0);
	hook.attach_point = BPF_TC_INGRESS;
	assert_int_equal(bpf_tc_attach(&hook, &from), 0);
}

static void test_as_evaluated(void **state)
{
	const char *seed = getenv("PROG_SEED");
	const uint64_t start = seed ? strtoull(seed, NULL, 0) : SEED;
	struct random random;

	(void)state;
	random_start(&random, start);
	print_message("PROG_SEED=%llu repeats this run\n", (unsigned long long)start);
	for (int i = 0; i < POLICIES; i++) {
		struct enforcer *e = random_enforcer(&random);

		attach(e, true);
		for (int frame = 0; frame < FRAMES; frame++)
			for (int d = 0; d < PCTL_DIRECTIONS; d++)
				throw(&random, e, d);
		attach(e, false);
		enforcer_free(e);
	}
	print_message("%u packets, %u with a checksum to write, %u of them unknown for it\n",
		      judged, placed, unknown);
	/* Enough of each kind. */
	assert_true(judged > POLICIES * FRAMES / 2);
	assert_true(unknown > judged / 10 && placed - unknown > judged / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_as_evaluated, make_pair, close_pair),
	};

	return run_group("placed_checksums", tests, COUNT(tests));
}
