// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which packets get from one end of a veth pair to the other.
 *
 *   cli_probe send NETNS DEVICE NETNS DEVICE COUNT CLASS...
 *	Sends COUNT frames of each class from the first device and prints for each class
 *	"CLASS ARRIVED". An ARP request, which no policy of the tests denies, is sent last, by the same
 *	CPU: what has not arrived before it never will, so nothing is waited for in vain.
 *	Status 3: the ARP request was lost.
 *
 *   cli_probe flood NETNS DEVICE NETNS DEVICE DENIED ALLOWED
 *	Sends TCP SYNs in both directions as fast as they go, to the ports DENIED and ALLOWED in turns, until
 *	its standard input ends. Prints "ready" after the first round and at the end for each direction
 *	"DIRECTION sent N denied-arrived N allowed-lost N".
 *
 *   cli_probe program xdp|tc PATH
 *	Loads a program that passes everything, as somebody else's would be, and pins it.
 *
 * CLASS is FAMILY:PROTOCOL[/SELECTOR]: 4:tcp/80, 6:udp/53, 4:icmp/8, 6:icmpv6/128, 4:47, 4:sctp/80.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAGIC "CLIPROBE"
#define MARKER UINT32_MAX
#define ROUND 32 /* frames of one port in a round of the flood; far below netdev_max_backlog */

/* One end of the veth, with a packet socket in its namespace. */
struct end {
	int fd;
	int ifindex;
	uint8_t mac[ETH_ALEN];
	struct in_addr ip4;
	struct in6_addr ip6;
};

/* What stands at the end of each frame. */
struct trailer {
	char magic[8];
	uint32_t class;
	uint32_t sequence;
} __attribute__((packed));

struct class {
	const char *text;
	int family;
	int protocol;
	int selector; /* destination port or ICMP type; -1: none */
};

struct frame {
	uint8_t bytes[256];
	size_t length;
};

static void die(const char *what)
{
	fprintf(stderr, "cli_probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the two ends ------------------------------------------------------------------------------ */

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

static struct end open_end(const char *netns, const char *device)
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
	read_addresses(&end, device);
	setsockopt(end.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(end.fd, SOL_PACKET, 23 /* PACKET_IGNORE_OUTGOING */, &one, sizeof(one));
	address.sll_ifindex = end.ifindex;
	if (bind(end.fd, (struct sockaddr *)&address, sizeof(address)))
		die("bind");
	return end;
}

/* --- building frames --------------------------------------------------------------------------- */

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

/* Fills the checksum at `place` over the `length` bytes from `start` on and over a pseudo header. */
static void checksum(struct frame *frame, size_t start, size_t length, size_t place, uint32_t pseudo)
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

static void put_ip4(struct frame *frame, const struct class *class, const struct end *from,
		    const struct end *to)
{
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = class->protocol,
			    .saddr = from->ip4.s_addr, .daddr = to->ip4.s_addr };

	put(frame, &ip, sizeof(ip));
}

static void put_ip6(struct frame *frame, const struct class *class, const struct end *from,
		    const struct end *to)
{
	struct ip6_hdr ip = { .ip6_src = from->ip6, .ip6_dst = to->ip6 };

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
	return sum(frame->bytes + addresses, class->family == 4 ? 8 : 32) + class->protocol + length;
}

static struct frame build(const struct class *class, uint32_t number, const struct end *from,
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

static struct frame build_marker(const struct end *from, const struct end *to)
{
	/* who-has 198.18.255.255 tell 0.0.0.0: nobody answers */
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

/* A sender on the host's end whose frame tc drops hears of it as ENOBUFS. */
static void send_frame(const struct end *from, const struct frame *frame)
{
	if (send(from->fd, frame->bytes, frame->length, 0) < 0 && errno != ENOBUFS)
		die("send");
}

/* The trailer of the next frame of ours. False: nothing came for that long. */
static bool receive(const struct end *to, int milliseconds, struct trailer *trailer)
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

/* --- send -------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },	    { "udp", IPPROTO_UDP },   { "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 }, { "sctp", IPPROTO_SCTP }, { "udplite", IPPROTO_UDPLITE },
	{ "dccp", IPPROTO_DCCP },
};

static struct class parse_class(const char *text)
{
	struct class class = { .text = text, .selector = -1 };
	char name[16] = "";

	if (sscanf(text, "%d:%15[^/]/%d", &class.family, name, &class.selector) < 2) {
		fprintf(stderr, "cli_probe: not a class: %s\n", text);
		exit(2);
	}
	class.protocol = atoi(name);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcmp(name, protocols[i].name))
			class.protocol = protocols[i].number;
	return class;
}

static int run_send(struct end *from, struct end *to, int count, char **texts, int number)
{
	int *arrived = calloc(number, sizeof(*arrived));
	struct frame marker = build_marker(from, to);
	struct trailer trailer;
	bool marked = false;

	if (!arrived)
		die("calloc");
	for (int i = 0; i < number; i++) {
		struct class class = parse_class(texts[i]);
		struct frame frame = build(&class, i, from, to);

		for (int n = 0; n < count; n++)
			send_frame(from, &frame);
	}
	send_frame(from, &marker);
	while (!marked && receive(to, 5000, &trailer)) {
		if (trailer.class < (uint32_t)number)
			arrived[trailer.class]++;
		marked = trailer.class == MARKER;
	}
	for (int i = 0; i < number; i++)
		printf("%s %d\n", texts[i], arrived[i]);
	free(arrived);
	return marked ? 0 : 3;
}

/* --- flood ------------------------------------------------------------------------------------- */

struct flood {
	const char *name;
	struct end *from, *to;
	int denied, allowed; /* ports */
	unsigned long sent, denied_arrived, allowed_lost;
};

static volatile bool over;

static void set_sequence(struct frame *frame, uint32_t sequence)
{
	memcpy(frame->bytes + frame->length - sizeof(sequence), &sequence, sizeof(sequence));
}

/* Takes what arrives until all allowed frames of the round did, or none comes any more. */
static void take_round(struct flood *flood, uint32_t sequence)
{
	struct trailer trailer;
	int missing = ROUND;

	while (missing && receive(flood->to, 2000, &trailer)) {
		if (trailer.class == 0)
			flood->denied_arrived++;
		else if (trailer.class == 1 && trailer.sequence == sequence)
			missing--;
	}
	flood->allowed_lost += missing;
}

/* Checksums are not made anew for each sequence number: the stack drops what it gets, the programs do
 * not look at them. */
static void one_round(struct flood *flood, struct frame frames[2], uint32_t sequence)
{
	for (int i = 0; i < ROUND; i++)
		for (int class = 0; class < 2; class++) {
			set_sequence(&frames[class], sequence);
			send_frame(flood->from, &frames[class]);
		}
	flood->sent += ROUND;
	take_round(flood, sequence);
}

static void *run_flood(void *data)
{
	struct flood *flood = data;
	struct class classes[2] = { { "", 4, IPPROTO_TCP, flood->denied },
				    { "", 4, IPPROTO_TCP, flood->allowed } };
	struct frame frames[2];

	for (int i = 0; i < 2; i++)
		frames[i] = build(&classes[i], i, flood->from, flood->to);
	for (uint32_t sequence = 1; !over; sequence++)
		one_round(flood, frames, sequence);
	return NULL;
}

static int flood_both(struct end ends[4], int denied, int allowed)
{
	struct flood floods[2] = {
		{ .name = "from", .from = &ends[0], .to = &ends[1], .denied = denied, .allowed = allowed },
		{ .name = "to", .from = &ends[2], .to = &ends[3], .denied = denied, .allowed = allowed },
	};
	pthread_t threads[2];
	char byte;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, run_flood, &floods[i]))
			die("pthread_create");
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	over = true;
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		printf("%s sent %lu denied-arrived %lu allowed-lost %lu\n", floods[i].name,
		       floods[i].sent, floods[i].denied_arrived, floods[i].allowed_lost);
	}
	return 0;
}

/* --- program ----------------------------------------------------------------------------------- */

static int pin_program(const char *type, const char *path)
{
	bool xdp = !strcmp(type, "xdp");
	struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = xdp ? XDP_PASS : -1 /* TC_ACT_UNSPEC */ },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = xdp ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SCHED_CLS,
		.insns = (uintptr_t)instructions,
		.insn_cnt = 2,
		.license = (uintptr_t) "GPL",
		.prog_name = "somebody",
	};
	union bpf_attr pin = { .pathname = (uintptr_t)path };

	pin.bpf_fd = syscall(__NR_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	if ((int)pin.bpf_fd < 0)
		die("BPF_PROG_LOAD");
	if (syscall(__NR_bpf, BPF_OBJ_PIN, &pin, sizeof(pin)))
		die(path);
	return 0;
}

static void stay_on_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

int main(int argc, char **argv)
{
	struct end ends[4];

	if (argc == 4 && !strcmp(argv[1], "program"))
		return pin_program(argv[2], argv[3]);
	if (argc < 8) {
		fputs("Usage: cli_probe send|flood NETNS DEVICE NETNS DEVICE …\n", stderr);
		return 2;
	}
	ends[0] = open_end(argv[2], argv[3]);
	ends[1] = open_end(argv[4], argv[5]);
	if (!strcmp(argv[1], "send")) {
		stay_on_this_cpu();
		return run_send(&ends[0], &ends[1], atoi(argv[6]), argv + 7, argc - 7);
	}
	/* A socket of its own for each direction and role. */
	ends[2] = open_end(argv[4], argv[5]);
	ends[3] = open_end(argv[2], argv[3]);
	return flood_both(ends, atoi(argv[6]), atoi(argv[7]));
}
