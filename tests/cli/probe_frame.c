// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "probe_frame.h"

void die(const char *what)
{
	fprintf(stderr, "cli_probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the two ends --- */

static void read_addresses(struct end *end, const char *device)
{
	struct ifaddrs *list, *item;

	if (getifaddrs(&list))
		die("getifaddrs");
	inet_aton("198.18.255.1", &end->ip4);
	inet_pton(AF_INET6, "2001:db8:ffff::1", &end->ip6);
	for (item = list; item; item = item->ifa_next) {
		if (!item->ifa_addr || strcmp(item->ifa_name, device) != 0)
			continue;
		if (item->ifa_addr->sa_family == AF_INET)
			end->ip4 = ((struct sockaddr_in *)item->ifa_addr)->sin_addr;
		if (item->ifa_addr->sa_family == AF_INET6 &&
		    !IN6_IS_ADDR_LINKLOCAL(&((struct sockaddr_in6 *)item->ifa_addr)->sin6_addr))
			end->ip6 = ((struct sockaddr_in6 *)item->ifa_addr)->sin6_addr;
	}
	freeifaddrs(list);
}

struct end open_end(const char *netns, const char *device)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct end end = {};
	struct ifreq request = {};
	int size = 16 << 20, one = 1;
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(netns);
	close(fd);
	end.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (end.fd < 0)
		die("packet socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (ioctl(end.fd, SIOCGIFHWADDR, &request))
		die(device);
	memcpy(end.mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	end.ifindex = if_nametoindex(device);
	end.in_container = !strcmp(device, "eth0");
	read_addresses(&end, device);
	setsockopt(end.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(end.fd, SOL_PACKET, 23 /* PACKET_IGNORE_OUTGOING */, &one, sizeof(one));
	address.sll_ifindex = end.ifindex;
	if (bind(end.fd, (struct sockaddr *)&address, sizeof(address)))
		die("bind");
	return end;
}

/* --- building frames --- */

static void put(struct frame *frame, const void *bytes, size_t length)
{
	memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += length;
}

static uint32_t sum(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint32_t total = 0;

	for (size_t i = 0; i < length; i++)
		total += i % 2 ? at[i] : at[i] << 8;
	return total;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons(~total & 0xffff);
}

/* Fills the checksum at `place` over the `length` bytes from `start` on and over a pseudo header.
 */
static void checksum(struct frame *frame, size_t start, size_t length, size_t place,
		     uint32_t pseudo)
{
	uint16_t value = fold(pseudo + sum(frame->bytes + start, length));

	memcpy(frame->bytes + place, &value, sizeof(value));
}

/* Header of the transport protocol; returns where in it the checksum is, -1: it has none. */
static int put_transport(struct frame *frame, const struct class *class)
{
	uint16_t ports[2] = { htons(40000), htons(class->selector) };
	uint16_t udp[2] = { htons(8 + sizeof(struct trailer)) };
	const uint8_t tcp[16] = { [8] = 5 << 4, [9] = 0x02 /* SYN */, [10] = 0x20 };
	const uint8_t icmp[8] = { class->selector };

	switch (class->protocol) {
	case IPPROTO_TCP:
		put(frame, ports, 4);
		put(frame, tcp, 16);
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		put(frame, ports, 4);
		put(frame, udp, 4);
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		put(frame, icmp, 8);
		return 2;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		put(frame, ports, 4);
		put(frame, icmp, 8);
		return -1;
	default:
		return -1;
	}
}

static struct in_addr address4(const struct class *class, const struct end *end)
{
	return class->has_peer && !end->in_container ? class->peer4 : end->ip4;
}

static struct in6_addr address6(const struct class *class, const struct end *end)
{
	return class->has_peer && !end->in_container ? class->peer6 : end->ip6;
}

static void put_ip4(struct frame *frame, const struct class *class, const struct end *from,
		    const struct end *to)
{
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = class->protocol };

	ip.saddr = address4(class, from).s_addr;
	ip.daddr = address4(class, to).s_addr;

	put(frame, &ip, sizeof(ip));
}

static void put_ip6(struct frame *frame, const struct class *class, const struct end *from,
		    const struct end *to)
{
	struct ip6_hdr ip = { .ip6_src = address6(class, from), .ip6_dst = address6(class, to) };

	ip.ip6_vfc = 6 << 4;
	ip.ip6_hlim = 255;
	ip.ip6_nxt = class->protocol;
	put(frame, &ip, sizeof(ip));
}

static void finish_ip4(struct frame *frame)
{
	uint16_t length = htons(frame->length - ETH_HLEN);

	memcpy(frame->bytes + ETH_HLEN + 2, &length, 2);
	checksum(frame, ETH_HLEN, sizeof(struct iphdr), ETH_HLEN + 10, 0);
}

static void finish_ip6(struct frame *frame)
{
	uint16_t length = htons(frame->length - ETH_HLEN - sizeof(struct ip6_hdr));

	memcpy(frame->bytes + ETH_HLEN + 4, &length, 2);
}

/* Sum of the pseudo header: addresses, protocol and length. ICMP has none. */
static uint32_t pseudo_header(const struct frame *frame, const struct class *class, size_t length)
{
	size_t addresses = ETH_HLEN + (class->family == 4 ? 12 : 8);

	if (class->protocol == IPPROTO_ICMP)
		return 0;
	return sum(frame->bytes + addresses, class->family == 4 ? 8 : 32) + class->protocol +
	       length;
}

struct frame build(const struct class *class, uint32_t number, const struct end *from,
		   const struct end *to)
{
	uint16_t type = htons(class->family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	struct trailer trailer = { MAGIC, number, 0 };
	struct frame frame = {};
	size_t start, length;
	int place;

	put(&frame, to->mac, ETH_ALEN);
	put(&frame, from->mac, ETH_ALEN);
	put(&frame, &type, 2);
	(class->family == 4 ? put_ip4 : put_ip6)(&frame, class, from, to);
	start = frame.length;
	place = put_transport(&frame, class);
	put(&frame, &trailer, sizeof(trailer));
	length = frame.length - start;
	(class->family == 4 ? finish_ip4 : finish_ip6)(&frame);
	if (place >= 0)
		checksum(&frame, start, length, start + place,
			 pseudo_header(&frame, class, length));
	return frame;
}

struct frame build_marker(const struct end *from, const struct end *to)
{
	/* who-has 198.18.255.255 tell 0.0.0.0: there is no answer */
	static const uint8_t arp[28] = { 0, 1, 8, 0, 6, 4, 0, 1, [24] = 198, 18, 255, 255 };
	struct trailer trailer = { MAGIC, MARKER, 0 };
	uint16_t type = htons(ETHERTYPE_ARP);
	struct frame frame = {};

	put(&frame, to->mac, ETH_ALEN);
	put(&frame, from->mac, ETH_ALEN);
	put(&frame, &type, 2);
	put(&frame, arp, sizeof(arp));
	put(&frame, &trailer, sizeof(trailer));
	return frame;
}

/* A drop by tc is reported to a sender on the host's end as ENOBUFS. */
void send_frame(const struct end *from, const struct frame *frame)
{
	if (send(from->fd, frame->bytes, frame->length, 0) < 0 && errno != ENOBUFS)
		die("send");
}

/* The trailer of the next frame of ours. False: nothing came for that long. */
bool receive(const struct end *to, int milliseconds, struct trailer *trailer)
{
	uint8_t bytes[2048];

	for (;;) {
		struct pollfd wait = { .fd = to->fd, .events = POLLIN };
		ssize_t length = recv(to->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (length < 0 && poll(&wait, 1, milliseconds) <= 0)
			return false;
		if (length < (ssize_t)sizeof(*trailer))
			continue;
		memcpy(trailer, bytes + length - sizeof(*trailer), sizeof(*trailer));
		if (!memcmp(trailer->magic, MAGIC, sizeof(trailer->magic)))
			return true;
	}
}
