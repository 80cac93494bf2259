/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets in words: what they mean, read back from the frame by the reference evaluator, and what
 * is refused. */
#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "evaluate.h"
#include "packet_frame.h"

/* The fields that the evaluator sees in a frame, in short. */
static char *describe(const struct packet_words *packet, const struct packet_fields *fields)
{
	const uint8_t *peer = packet->direction == PCTL_FROM ? fields->destination : fields->source;
	char address[INET6_ADDRSTRLEN] = "-", *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs(policy_direction_name(packet->direction), out);
	for (unsigned int i = 0; i < fields->vlan_tags; i++)
		fputs(" vlan", out);
	if (fields->is_arp)
		fputs(" arp", out);
	if (fields->is_ip) {
		inet_ntop(fields->family == PCTL_IPV4 ? AF_INET : AF_INET6, peer, address,
			  sizeof(address));
		fprintf(out, " %s", address);
	}
	if (fields->has_protocol)
		fprintf(out, " proto %u", fields->protocol);
	if (fields->has_selector && fields->with_ports)
		fprintf(out, " %u>%u", fields->sport, fields->dport);
	if (fields->has_selector && fields->with_types)
		fprintf(out, " type %u.%u", fields->type, fields->code);
	if (fields->piece != PIECE_WHOLE)
		fprintf(out, " %s %u", fields->piece == PIECE_FIRST ? "first" : "later",
			fields->family == PCTL_IPV4
				? fields->datagram.id[0] << 8 | fields->datagram.id[1]
				: fields->datagram.id[2] << 8 | fields->datagram.id[3]);
	if (fields->behind_ah)
		fputs(" ah", out);
	if (fields->source_routed)
		fputs(" routed", out);
	if (fields->reason != PCTL_REASON_NONE)
		fprintf(out, " reason %u", fields->reason);
	fclose(out);
	return text;
}

static void check_meaning(const char *words, const char *expected)
{
	struct diagnostics diagnostics = { 0 };
	struct packet_words packet;
	struct packet_fields fields;
	static struct frame frame;
	_cleanup_(freep) char *seen = NULL;

	if (packet_words_parse(words, &packet, &diagnostics)) {
		_cleanup_(freep) char *said = print_diagnostics(&diagnostics);

		fail_msg("%s: %s", words, said);
	}
	diagnostics_clear(&diagnostics);
	packet_frame(&packet, NULL, &frame);
	assert_false(frame.overflow);
	packet_fields_read(frame.data, frame.length, &fields);
	seen = describe(&packet, &fields);
	if (strcmp(seen, expected))
		fail_msg("%s: %s, not %s", words, seen, expected);
}

static void words_mean_packets(void **state)
{
	static const char *const cases[][2] = {
		{ "from tcp 198.51.100.7:443", "from 198.51.100.7 proto 6 40000>443" },
		{ "from tcp 198.51.100.7:https", "from 198.51.100.7 proto 6 40000>443" },
		{ "  from\ttcp   443 ", "from 198.18.0.1 proto 6 40000>443" },
		{ "to tcp 80", "to 198.18.0.1 proto 6 40000>80" },
		{ "to tcp/80", "to 198.18.0.1 proto 6 40000>80" },
		{ "to:tcp/80", "to 198.18.0.1 proto 6 40000>80" },
		{ "to tcp http", "to 198.18.0.1 proto 6 40000>80" },
		{ "to tcp dport 22 peer 198.51.100.7", "to 198.51.100.7 proto 6 40000>22" },
		{ "to peer 198.51.100.7 tcp 22 sport 1", "to 198.51.100.7 proto 6 1>22" },
		{ "to tcp 198.51.100.7:443", "to 198.51.100.7 proto 6 443>40000" },
		{ "to tcp 198.51.100.7:443 dport 5", "to 198.51.100.7 proto 6 443>5" },
		{ "to tcp 198.51.100.7 443", "to 198.51.100.7 proto 6 40000>443" },
		{ "from udp [2001:db8::7]:53 sport 40001", "from 2001:db8::7 proto 17 40001>53" },
		{ "from udp 2001:db8::7 53", "from 2001:db8::7 proto 17 40000>53" },
		{ "from udp [2001:db8::7] 53", "from 2001:db8::7 proto 17 40000>53" },
		{ "from udp ::1 53", "from ::1 proto 17 40000>53" },
		{ "to icmp type echo-request", "to 198.18.0.1 proto 1 type 8.0" },
		{ "to icmp echo-request 198.51.100.1", "to 198.51.100.1 proto 1 type 8.0" },
		{ "to icmp type 3 code fragmentation-needed", "to 198.18.0.1 proto 1 type 3.4" },
		{ "from icmpv6 type 135", "from 2001:db8::1 proto 58 type 135.0" },
		{ "from arp", "from arp" },
		{ "from vlan 10 vlan arp", "from vlan vlan arp" },
		{ "to vlan 1 vlan 2 vlan 3 tcp 80", "to vlan vlan reason 1" },
		{ "to proto 47 198.51.100.1", "to 198.51.100.1 proto 47" },
		{ "to 47", "to 198.18.0.1 proto 47" },
		{ "from ipv6 tcp 80", "from 2001:db8::1 proto 6 40000>80" },
		{ "from proto ipv6", "from 198.18.0.1 proto 41" },
		{ "from sctp 80", "from 198.18.0.1 proto 132 40000>80" },
		{ "from fragment first udp 53", "from 198.18.0.1 proto 17 40000>53 first 1" },
		{ "from fragment later id 7 udp", "from 198.18.0.1 proto 17 later 7 reason 6" },
		{ "from fragment first udp 53 2001:db8::7",
		  "from 2001:db8::7 proto 17 40000>53 first 1" },
		{ "to fragment later udp 2001:db8::7", "to 2001:db8::7 later 1 reason 6" },
		{ "to hop dest tcp 80", "to 2001:db8::1 proto 6 40000>80" },
		{ "from routing tcp 80", "from 2001:db8::1 proto 6 40000>80" },
		{ "from routing left 2 tcp 80", "from 2001:db8::1 proto 6 40000>80 routed" },
		{ "from dest dest dest dest dest dest dest dest dest tcp 80",
		  "from 2001:db8::1 routed reason 4" },
		{ "from ah tcp 80", "from 198.18.0.1 proto 6 40000>80 ah" },
		{ "from ah ipv6 tcp 80", "from 2001:db8::1 proto 6 40000>80 ah" },
		{ "from ah", "from 198.18.0.1 proto 59 ah" },
		{ "from lsrr tcp 80", "from 198.18.0.1 proto 6 40000>80 routed" },
		{ "to short tcp", "to 198.18.0.1 proto 6 reason 7" },
		{ "to icmp short", "to 198.18.0.1 proto 1 reason 7" },
		{ "to short", "to reason 3" },
		{ "to ipv6 short", "to reason 3" },
		{ "to hop short", "to 2001:db8::1 routed reason 5" },
		{ "to ethertype 0x88cc", "to reason 2" },
		{ "to vlan ethertype 34958", "to vlan reason 2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_meaning(cases[i][0], cases[i][1]);
}

/* The words of an error, or of a warning. */
static void check_message(const char *words, int status, const char *place, const char *message)
{
	struct diagnostics diagnostics = { 0 };
	struct packet_words packet;
	_cleanup_(freep) char *said = NULL;

	if (packet_words_parse(words, &packet, &diagnostics) != status)
		fail_msg("%s is %s", words, status ? "accepted" : "refused");
	assert_int_equal(diagnostics.count, 1);
	said = print_diagnostics(&diagnostics);
	assert_contains(said, place);
	assert_contains(said, message);
}

static void mistakes_are_pointed_at(void **state)
{
	static const char *const cases[][3] = {
		{ "", "PACKET:1:1:", "`from` or `to` is missing" },
		{ "tcp 80", "PACKET:1:1:", "`from` or `to` is missing" },
		{ "fromtcp 80", "PACKET:1:1:", "`from` or `to` is missing" },
		{ "from", "PACKET:1:1:", "the protocol is missing" },
		{ "from tcp", "PACKET:1:1:", "the destination port is missing" },
		{ "from ipv6", "PACKET:1:1:", "41 is `proto ipv6`" },
		{ "from fragment later", "PACKET:1:1:", "the protocol is missing" },
		{ "from fragment first short", "PACKET:1:1:", "the protocol is missing" },
		{ "from icmp", "PACKET:1:1:", "the type is missing" },
		{ "from tpc 80", "PACKET:1:6:", "did you mean 'tcp'" },
		{ "from tcp 80 443", "PACKET:1:13:", "unknown word '443'" },
		{ "from tcp 80 udp", "PACKET:1:13:", "unknown word 'udp'" },
		{ "from tcp 80 shrt", "PACKET:1:13:", "did you mean 'short'" },
		{ "from tcp 70000", "PACKET:1:10:", "larger than 65535" },
		{ "from tcp dport 80-90", "PACKET:1:16:", "a packet has one port" },
		{ "from tcp dport", "PACKET:1:10:", "there is nothing behind `dport`" },
		{ "from tcp sport 1 sport 2 80", "PACKET:1:18:", "given twice" },
		{ "from dport 80 tcp", "PACKET:1:12:", "write a protocol before its ports" },
		{ "from gre dport 80", "PACKET:1:16:", "have ports" },
		{ "from any", "PACKET:1:6:", "a packet has one protocol" },
		{ "from proto 44", "PACKET:1:12:", "extension header" },
		{ "from proto ah", "PACKET:1:12:", "an AH is written `ah`" },
		{ "from icmp type echo-requst", "PACKET:1:16:", "did you mean 'echo-request'" },
		{ "from icmp code 1", "PACKET:1:11:", "only within a type" },
		{ "from tcp type 8", "PACKET:1:15:", "before a type" },
		{ "from tcp 198.51.100.0/24 80", "PACKET:1:10:", "not a block" },
		{ "from tcp 198.51.100.300 80", "PACKET:1:10:", "is not an address" },
		{ "from tcp 198.51.100.7: ", "PACKET:1:23:", "stands `:PORT`" },
		{ "from tcp [2001:db8::7]53", "PACKET:1:23:", "stands `:PORT`" },
		{ "from tcp 192.0.2.1:80 192.0.2.2", "PACKET:1:23:", "one other end" },
		{ "from icmp 2001:db8::1 type 8", "PACKET:1:11:", "makes it an IPv6 packet" },
		{ "from hop tcp 80 192.0.2.1", "PACKET:1:17:", "makes it an IPv4 packet" },
		{ "from lsrr ipv6 tcp 80", "PACKET:1:11:", "makes it an IPv6 packet" },
		{ "from vlan 5000 tcp 80", "PACKET:1:11:", "from 0 to 4095" },
		{ "from fragment tcp 80", "PACKET:1:15:", "`first` or `later`" },
		{ "from id 7 tcp 80", "PACKET:1:1:", "is of a fragment" },
		{ "from fragment later short tcp", "PACKET:1:1:", "that `short` could cut" },
		{ "from gre short", "PACKET:1:1:", "could cut off" },
		{ "from arp 192.0.2.1", "PACKET:1:1:", "what is not IP" },
		{ "from ethertype 0x0800", "PACKET:1:6:", "written `ipv4`" },
		{ "from ethertype x", "PACKET:1:16:", "from 0 to 65535" },
		{ "from ethertype 0x88cc tcp 80", "PACKET:1:1:", "what is not IP" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_message(cases[i][0], -EINVAL, cases[i][1], cases[i][2]);
	check_message("to tcp 198.51.100.7:443", 0,
		      "PACKET:1:21: warning:", "`dport 443 peer ADDRESS`");
}

static void too_many_are_refused(void **state)
{
	char text[256] = "from";

	(void)state;
	for (int i = 0; i <= PACKET_VLANS_MAX; i++)
		strcat(text, " vlan");
	check_message(text, -EINVAL, "PACKET:1:46:", "more than 8 VLAN tags");
	strcpy(text, "from");
	for (int i = 0; i <= PACKET_HEADERS_MAX; i++)
		strcat(text, " ah");
	check_message(text, -EINVAL, "PACKET:1:54:", "more than 16 extension headers");
}

/* The frames that a capture may hold are built without overflow, or say so. */
static void frames_say_when_they_are_full(void **state)
{
	static struct frame frame;

	(void)state;
	frame_ethernet(&frame);
	frame_append(&frame, 1, FRAME_MAX - 14);
	assert_false(frame.overflow);
	assert_int_equal(frame.length, FRAME_MAX);
	frame_vlan(&frame, 0x8100, 1);
	assert_true(frame.overflow);
	frame_arp(&frame);
	frame_extension(&frame, 0, 0, FIELD_DEFAULT);
	frame_routing(&frame, 0, 0, 0, FIELD_DEFAULT);
	frame_fragment(&frame, 0, 0, false, FIELD_DEFAULT);
	frame_ports(&frame, 6, 1, 2, 20);
	frame_seal(&frame);
	assert_int_equal(frame.length, FRAME_MAX);
	frame_ethernet(&frame);
	assert_false(frame.overflow);
	frame_cut(&frame, 15);
	assert_true(frame.overflow);
	assert_int_equal(frame.length, 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_mean_packets),
		cmocka_unit_test(mistakes_are_pointed_at),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(frames_say_when_they_are_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
