/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any words are either refused with one message, or are a packet. Its frame then fits, and the
 * reference evaluator reads the fields that the words gave.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "diagnostics.h"
#include "evaluate.h"
#include "packet_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void require_same(const struct packet_words *packet)
{
	static struct frame frame;
	struct packet_fields fields;

	packet_frame(packet, NULL, &frame);
	require(!frame.overflow);
	packet_fields_read(frame.data, frame.length, &fields);
	require(!packet->arp || fields.is_arp || fields.reason == PCTL_REASON_VLAN_DEPTH);
	if (fields.is_ip)
		require(fields.family == packet->family);
	if (fields.has_protocol && packet->protocol != PACKET_NOT_GIVEN)
		require(fields.protocol == packet->protocol);
	if (fields.has_selector && fields.with_ports && packet->dport != PACKET_NOT_GIVEN)
		require(fields.dport == packet->dport);
	if (fields.has_selector && fields.with_types && packet->type != PACKET_NOT_GIVEN)
		require(fields.type == packet->type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	struct diagnostics diagnostics = { 0 };
	struct packet_words packet;
	int error;

	require(text);
	error = packet_words_parse(text, &packet, &diagnostics);
	require(error == 0 || error == -EINVAL);
	require(diagnostics.errors == (error ? 1 : 0));
	for (size_t i = 0; i < diagnostics.count; i++) {
		_cleanup_(freep) char *message = diagnostic_print(&diagnostics.items[i]);

		require(message);
	}
	diagnostics_clear(&diagnostics);
	if (!error)
		require_same(&packet);
	return 0;
}
