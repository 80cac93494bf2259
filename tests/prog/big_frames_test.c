/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Jumbo frames. XDP gets them in pieces, of which the program sees the first as its linear data;
 * the bytes counted are those of the whole frame. (BPF_PROG_TEST_RUN gives tc no frame larger than
 * a page; socket buffers whose headers are outside the linear part belong to the lab.)
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>

#include "netlink.h"
#include "support.h"

static void check_jumbo(const char *frame)
{
	expect_drop(enforce("deny from tcp dport 80\n"), PCTL_FROM, frame, RULE(0));
	expect_pass(enforce("deny from tcp dport 81\n"), PCTL_FROM, frame, PCTL_SLOT_DEFAULT);
	expect_pass(enforce("default from deny\nallow from tcp dport 80\n"), PCTL_FROM, frame,
		    RULE(0));
	expect_drop(enforce("default from deny\nallow from udp\n"), PCTL_FROM, frame,
		    PCTL_SLOT_DEFAULT);
}

static void test_jumbo(void **state)
{
	(void)state;
	check_jumbo("ip4 tcp:80 data:3500");
	check_jumbo("ip4 tcp:80 data:4096");
	check_jumbo("ip4 tcp:80 data:8960");
	check_jumbo("ip6 hop dest tcp:80 data:8924");
	check_jumbo("vlan vlan ip6 tcp:80 data:9000");
	check_jumbo("ip6:len=0 hop tcp:80 data:9000");
}

/* On a veth the program does not ask for the length of a short frame (pctl_config.linear_below).
 * For a frame in pieces it must, or it would count the bytes of the first piece alone. */
static void test_native_veth(void **state)
{
	const struct meta meta = { .mode = XDP_MODE_NATIVE, .veth = 1 };
	struct enforcer *e = enforcer_for("deny from tcp dport 80\n", &meta);
	char frame[32];

	(void)state;
	for (unsigned int data = 1980; data <= 2010; data++) {
		snprintf(frame, sizeof(frame), "ip4 tcp:80 data:%u", data);
		expect_drop(e, PCTL_FROM, frame, RULE(0));
	}
	expect_drop(e, PCTL_FROM, "ip4 tcp:80 data:3500", RULE(0));
	expect_drop(e, PCTL_FROM, "ip6 hop tcp:80 data:4096", RULE(0));
	expect_pass(e, PCTL_FROM, "ip4 tcp:81 data:8960", PCTL_SLOT_DEFAULT);
	enforcer_free(e);
}

/* BIG TCP: a GSO packet too long for the length field of its IP header has 0 there. (IPv6 does
 * so without a hop-by-hop header from Linux 7.0 on.) */
static void test_outgrown_length(void **state)
{
	(void)state;
	check_jumbo("ip4:total=0 tcp:80 data:65600");
	check_jumbo("ip6:len=0 tcp:80 data:65600");
	check_jumbo("ip6:len=0 hop tcp:80 data:65600");
	check_jumbo("vlan ip6:len=0 tcp:80 data:65600");
	/* A short packet with length 0 lies. */
	expect(enforce("deny from tcp dport 81\n"), PCTL_FROM, "ip6:len=0 tcp:80 data:65515", false,
	       RULE(0), PCTL_REASON_L4_SHORT);
	expect(enforce("deny from tcp dport 81\n"), PCTL_FROM, "ip4:total=0 tcp:80 data:65495",
	       false, RULE(0), PCTL_REASON_IP_HEADER);
}

/* How XDP judges a frame with only the first @linear bytes linear; false: the kernel does not
 * take such a frame. */
static bool judge_split(const char *policy, const char *text, size_t linear, bool *passed)
{
	struct xdp_md context = { .data_end = linear };
	const struct enforcer *e = enforce("%s", policy);
	struct frame frame;

	frame_from_text(&frame, text);
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data, .data_size_in = frame.length,
		    .repeat = 1, .ctx_in = &context, .ctx_size_in = sizeof(context));
	if (bpf_prog_test_run_opts(program_of(e, PCTL_FROM), &options)) {
		assert_int_equal(errno, EINVAL);
		return false;
	}
	*passed = is_pass(PCTL_FROM, options.retval);
	return true;
}

/* Headers that are not in the first piece are unknown. No driver in use splits a frame so, but
 * it fails closed. */
static void test_headers_in_pieces(void **state)
{
	bool passed;

	(void)state;
	for (size_t linear = 14; linear <= 120; linear++) {
		if (!judge_split("deny from tcp dport 80\n", "ip6 dest tcp:80 data:200", linear,
				 &passed))
			skip(); /* Linux before 6.18 */
		assert_false(passed);
		judge_split("default from deny\nallow from tcp dport 80\n",
			    "ip6 dest tcp:80 data:200", linear, &passed);
		assert_int_equal(passed, linear >= 14 + 40 + 8 + 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jumbo),
		cmocka_unit_test(test_native_veth),
		cmocka_unit_test(test_outgrown_length),
		cmocka_unit_test(test_headers_in_pieces),
	};

	return run_group("big frames", tests, COUNT(tests));
}
