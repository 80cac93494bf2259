// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

#include "packet_line.h"

void packet_line_add(struct packet_line *line, const char *format, ...)
{
	size_t room = line->size - line->used;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line->text + line->used, room, format, arguments);
	va_end(arguments);
	if (length > 0)
		line->used += (size_t)length < room ? (size_t)length : room - 1;
}

void packet_line_address(struct packet_line *line, int family, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(family, address, text, sizeof(text)))
		packet_line_add(line, "%s", text);
}

void packet_line_ipv4(struct packet_line *line, const struct packet_layers *layers, size_t at)
{
	if (layers_hold(layers, at, 4))
		packet_line_address(line, AF_INET, layers->frame + at);
	else
		packet_line_add(line, "?");
}

void packet_line_ipv6(struct packet_line *line, const struct packet_layers *layers, size_t at)
{
	if (layers_hold(layers, at, 16))
		packet_line_address(line, AF_INET6, layers->frame + at);
	else
		packet_line_add(line, "?");
}
