/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets as lines. tests/cli/monitor-text.sh holds them against tcpdump. */
#include <stdio.h>

#include "support.h"

#include "frame_text.h"
#include "packet_text.h"

/* A frame of its own size, so that a sanitizer sees each byte that is read behind it. */
static size_t write_text(const uint8_t *bytes, size_t captured, size_t length, char *text,
			 size_t size)
{
	uint8_t *copy = malloc(captured ? captured : 1);
	size_t written;

	assert_non_null(copy);
	memcpy(copy, bytes, captured);
	written = packet_text(copy, captured, length, text, size);
	free(copy);
	return written;
}

static const struct row {
	const char *frame, *text;
} rows[] = {
	{ "ip4 tcp:80", "IP 198.18.0.1.40000 > 198.18.0.2.80: tcp 20 [bad hdr length 0]" },
	{ "ip4 udp:53,size=8", "IP 198.18.0.1.40000 > 198.18.0.2.53: UDP, length 0" },
	{ "ip6 udp:53,size=8", "IP6 2001:db8::1.40000 > 2001:db8::2.53: UDP, length 0" },
	{ "ip4 udplite:9", "IP 198.18.0.1.40000 > 198.18.0.2.9: UDPLITE, length 12" },
	{ "ip4 sctp:9", "IP 198.18.0.1.40000 > 198.18.0.2.9: SCTP, length 20" },
	{ "ip6 dccp:9", "IP6 2001:db8::1.40000 > 2001:db8::2.9: DCCP, length 20" },
	{ "ip4 icmp:8", "IP 198.18.0.1 > 198.18.0.2: ICMP echo request, id 0, seq 0, length 8" },
	{ "ip4 icmp:200,code=3", "IP 198.18.0.1 > 198.18.0.2: ICMP type-#200, code 3, length 8" },
	{ "ip6 icmpv6:135,size=24",
	  "IP6 2001:db8::1 > 2001:db8::2: ICMP6, neighbor solicitation, who has ::, length 24" },
	{ "ip6 icmpv6:200", "IP6 2001:db8::1 > 2001:db8::2: ICMP6, type-#200, code 0, length 8" },
	{ "arp", "ARP, Request who-has 0.0.0.0 tell 0.0.0.0, length 28" },
	{ "vlan:0x8100,tci=7 ip4 udp:53,size=8",
	  "vlan 7, p 0, IP 198.18.0.1.40000 > 198.18.0.2.53: UDP, length 0" },
	{ "vlan:0x88a8,tci=0xf005 vlan:0x8100,tci=7 arp",
	  "vlan 5, p 7, DEI, vlan 7, p 0, ARP, Request who-has 0.0.0.0 tell 0.0.0.0, length 28" },
	{ "ip4 proto:47,size=4", "IP 198.18.0.1 > 198.18.0.2: gre (ip-proto-47), length 4" },
	{ "ip4 proto:253,size=4", "IP 198.18.0.1 > 198.18.0.2: ip-proto-253, length 4" },
	{ "ip6 none", "IP6 2001:db8::1 > 2001:db8::2: no next header, length 0" },
	{ "ip4 proto:4,size=40", "IP 198.18.0.1 > 198.18.0.2: IP with version 10, length 40" },
	{ "ip4:id=9,off=185,more udp:53", "IP 198.18.0.1 > 198.18.0.2: frag (id 9, offset 1480, "
					  "more) udp (ip-proto-17), length 20" },
	{ "ip6 hop frag:id=7,off=10 data:9",
	  "IP6 2001:db8::1 > 2001:db8::2: HBH frag (id 0x00000007, offset 80, length 9)" },
	{ "ip6 hop dest routing:2,left=1 ah udp:53,size=8",
	  "IP6 2001:db8::1.40000 > 2001:db8::2.53: HBH DSTOPT RT (type 0, segments left 1) "
	  "AH(spi=0x00000000) UDP, length 0" },
	{ "ethertype:0x88cc data:46", "ethertype 0x88cc (LLDP), length 60" },
	{ "ethertype:0x8847 data:46", "ethertype 0x8847 (MPLS), length 60" },
	{ "ethertype:0x1234", "ethertype 0x1234, length 14" },
	{ "ethertype:38 data:38", "802.3, length 38: LLC, dsap 0xa5 ssap 0xa5 ctrl 0xa5" },
	{ "ip4:version=5 udp:53", "IP with version 5, length 40" },
	{ "ip4:ihl=3 udp:53", "IP bad-hlen 12, length 40" },
	{ "ip4:total=19 udp:53", "IP bad-len 19, length 40" },
	{ "ip4:total=49 udp:53",
	  "IP truncated-ip - 9 bytes missing! 198.18.0.1.40000 > 198.18.0.2.53: UDP, length 21" },
	{ "ip4 tcp:80,size=4", "IP 198.18.0.1.40000 > 198.18.0.2.80: [|tcp], length 4" },
	{ "ip4 tcp:80,size=3", "IP 198.18.0.1 > 198.18.0.2: [|tcp], length 3" },
	{ "ip4 icmp:8,size=3",
	  "IP 198.18.0.1 > 198.18.0.2: ICMP type-#8, code 0 [|icmp], length 3" },
	{ "ip4 cut:30", "IP [|ip], length 16" },
	{ "vlan cut:16", "[|ether], length 16" },
	{ "cut:3", "[|ether], length 3" },
};

static void test_rows(void **state)
{
	static struct frame frame;
	char text[PACKET_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		frame_from_text(&frame, rows[i].frame);
		write_text(frame.data, frame.length, frame.length, text, sizeof(text));
		if (strcmp(text, rows[i].text))
			print_error("%s\n", rows[i].frame);
		assert_string_equal(text, rows[i].text);
	}
}

/* Bytes that were not captured are not read; lengths are those of the frame. */
static void test_captured_in_part(void **state)
{
	static struct frame frame;
	char text[PACKET_TEXT];

	(void)state;
	frame_from_text(&frame, "ip4 udp:53,size=8 data:1000");
	write_text(frame.data, 42, frame.length, text, sizeof(text));
	assert_string_equal(text, "IP 198.18.0.1.40000 > 198.18.0.2.53: UDP, length 1000");
	write_text(frame.data, 36, frame.length, text, sizeof(text));
	assert_string_equal(text, "IP 198.18.0.1 > 198.18.0.2: UDP, [|udp], length 1008");
	write_text(frame.data, 0, frame.length, text, sizeof(text));
	assert_string_equal(text, "[|ether], length 1042");
}

static void require_good(const char *text, size_t length, size_t size)
{
	assert_true(length < size);
	assert_int_equal(strlen(text), length);
	for (size_t i = 0; i < length; i++)
		assert_true(text[i] >= ' ' && text[i] <= '~');
}

/* Spoils a good frame: changes bytes, and cuts it. */
static void spoil(struct random *random, struct frame *frame)
{
	uint32_t times = random_below(random, 6);

	while (times--)
		frame->data[12 + random_below(random, (uint32_t)frame->length - 12)] =
			(uint8_t)random_below(random, 256);
}

static const char *const seeds[] = {
	"ip4 tcp:80,size=60",
	"ip6 tcp:80,size=60",
	"ip4:opt=8307040a0b0c0d udp:53 data:50",
	"ip6 hop dest:2 routing:2,left=1 frag:id=7,more ah udp:53 data:50",
	"ip4:off=3,more proto:50",
	"ip4 icmp:3,size=60",
	"ip4 icmp:5,size=60",
	"ip6 icmpv6:1,size=80",
	"ip6 icmpv6:137,size=60",
	"ip6 icmpv6:143,size=60",
	"ip4 proto:4,size=60",
	"ip6 proto:41,size=60",
	"vlan vlan vlan vlan vlan vlan vlan vlan vlan vlan arp",
	"vlan arp",
	"ethertype:0x88cc data:60",
	"ethertype:60 data:60",
};

static void test_any_bytes(void **state)
{
	static struct frame frame;
	struct random random = { .state = 4 };
	char text[PACKET_TEXT + 1];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		size_t size = i % 3 ? PACKET_TEXT : 1 + random_below(&random, 80);
		size_t captured, length;

		frame_from_text(&frame, seeds[random_below(&random, COUNT(seeds))]);
		spoil(&random, &frame);
		captured = random_below(&random, (uint32_t)frame.length + 1);
		length = frame.length + random_below(&random, 3) * 70000;
		text[size] = 'x';
		length =
			write_text(frame.data, i % 2 ? captured : frame.length, length, text, size);
		require_good(text, length, size);
		assert_int_equal(text[size], 'x');
	}
}

/* A name stands behind the peer's address, and not in packets inside of this one. */
static void test_names(void **state)
{
	static const struct {
		const char *frame, *source, *destination, *text;
	} named[] = {
		{ "ip4 udp:53,size=8", NULL, "a.example.com",
		  "IP 198.18.0.1.40000 > 198.18.0.2.53 (a.example.com): UDP, length 0" },
		{ "ip6 udp:53,size=8", "@host", NULL,
		  "IP6 2001:db8::1.40000 (@host) > 2001:db8::2.53: UDP, length 0" },
		{ "ip4 icmp:8", "x", "y",
		  "IP 198.18.0.1 (x) > 198.18.0.2 (y): ICMP echo request, id 0, seq 0, length 8" },
		{ "ip4 proto:4,size=40", NULL, "y",
		  "IP 198.18.0.1 > 198.18.0.2 (y): IP with version 10, length 40" },
		{ "arp", "x", "y", "ARP, Request who-has 0.0.0.0 tell 0.0.0.0, length 28" },
	};
	static struct frame frame;
	char text[PACKET_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(named); i++) {
		frame_from_text(&frame, named[i].frame);
		packet_text_named(frame.data, frame.length, frame.length, named[i].source,
				  named[i].destination, text, sizeof(text));
		assert_string_equal(text, named[i].text);
	}
	/* No longer than there is room for. */
	frame_from_text(&frame, named[0].frame);
	assert_int_equal(packet_text_named(frame.data, frame.length, frame.length, NULL,
					   named[0].destination, text, 40),
			 39);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_captured_in_part),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
