// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which packets get from one end of a veth pair to the other.
 *
 *   cli_probe send NETNS DEVICE NETNS DEVICE COUNT CLASS...
 *	Sends COUNT frames of each class from the first device and prints for each class
 *	"CLASS ARRIVED". An ARP request, which no policy of the tests denies, is sent last, by the
 *	same CPU: what has not arrived before it never will, so nothing is waited for in vain.
 *	Status 3: the ARP request was lost.
 *
 *   cli_probe flood NETNS DEVICE NETNS DEVICE DENIED ALLOWED
 *	Sends frames of the classes DENIED and ALLOWED in turns, in both directions, as fast as they
 *	go, until its standard input ends. Prints "ready" when it begins and at the end for each
 *	direction "DIRECTION sent N denied-arrived N allowed-lost N".
 *
 *   cli_probe program xdp|xdp-frags|tc|queue|peer:IFINDEX|tag:TPID:ID PATH
 *	Loads a program and pins it: xdp and tc pass everything, as somebody else's would, xdp-frags
 *	too, which takes frames in pieces; queue sets the queue of a packet to 1; peer gives it to
 *	the other end of the veth IFINDEX; tag puts a VLAN tag into its metadata.
 *
 * CLASS is FAMILY:PROTOCOL[/SELECTOR][@PEER]: 4:tcp/80, 6:udp/53, 4:icmp/8, 6:icmpv6/128, 4:47,
 * 4:sctp/80. PEER takes the place of the address outside the container, whose device is eth0.
 */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe_frame.h"

#define ROUND 32 /* frames of one port in a round of the flood; far below netdev_max_backlog */

/* --- send --- */

static const struct {
	const char *name;
	int number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },	      { "udp", IPPROTO_UDP },	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 }, { "sctp", IPPROTO_SCTP }, { "udplite", IPPROTO_UDPLITE },
	{ "dccp", IPPROTO_DCCP },
};

static void not_a_class(const char *text)
{
	fprintf(stderr, "cli_probe: not a class: %s\n", text);
	exit(2);
}

static void parse_peer(struct class *class)
{
	const char *at = strchr(class->text, '@');
	void *address = class->family == 4 ? (void *)&class->peer4 : &class->peer6;

	class->has_peer = at;
	if (at && inet_pton(class->family == 4 ? AF_INET : AF_INET6, at + 1, address) != 1)
		not_a_class(class->text);
}

static struct class parse_class(const char *text)
{
	struct class class = { .text = text, .selector = -1 };
	char name[16] = "";

	if (sscanf(text, "%d:%15[^/@]/%d", &class.family, name, &class.selector) < 2)
		not_a_class(text);
	parse_peer(&class);
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

/* --- flood --- */

struct flood {
	const char *name;
	struct end *from, *to;
	struct class classes[2]; /* denied, allowed */
	unsigned long sent, denied_arrived, allowed_lost;
};

static volatile bool over;

static void set_sequence(struct frame *frame, uint32_t sequence)
{
	memcpy(frame->bytes + frame->length - sizeof(sequence), &sequence, sizeof(sequence));
}

/* Receives frames until all allowed ones of the round have arrived, or none comes any more. */
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

/* Checksums are not updated for each sequence number: the programs do not look at them, and the
 * stack drops the frames in any case. */
static void one_round(struct flood *flood, struct frame frames[2], uint32_t sequence)
{
	for (int i = 0; i < ROUND; i++)
		for (int class = 0; class < 2; class ++) {
			set_sequence(&frames[class], sequence);
			send_frame(flood->from, &frames[class]);
		}
	flood->sent += ROUND;
	take_round(flood, sequence);
}

static void *run_flood(void *data)
{
	struct flood *flood = data;
	struct frame frames[2];

	for (int i = 0; i < 2; i++)
		frames[i] = build(&flood->classes[i], i, flood->from, flood->to);
	for (uint32_t sequence = 1; !over; sequence++)
		one_round(flood, frames, sequence);
	return NULL;
}

static int flood_both(struct end ends[4], struct class denied, struct class allowed)
{
	struct flood floods[2] = {
		{ .name = "from",
		  .from = &ends[0],
		  .to = &ends[1],
		  .classes = { denied, allowed } },
		{ .name = "to", .from = &ends[2], .to = &ends[3], .classes = { denied, allowed } },
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

/* --- program --- */

/* Loads a program and pins it. */
static int pin_program(enum bpf_prog_type type, const struct bpf_insn *instructions, size_t count,
		       uint32_t flags, const char *path)
{
	union bpf_attr load = {
		.prog_type = type,
		.prog_flags = flags,
		.insns = (uintptr_t)instructions,
		.insn_cnt = count,
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

#define MOVE(register, value)                                                               \
	{                                                                                   \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (register), .imm = (value), \
	}
#define EXIT                                \
	{                                   \
		.code = BPF_JMP | BPF_EXIT, \
	}

static int pin_tag(unsigned int tpid, unsigned int id, const char *path)
{
	const struct bpf_insn tag[] = {
		MOVE(2, htons(tpid)),
		MOVE(3, id),
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_vlan_push },
		MOVE(0, -1 /* TC_ACT_UNSPEC */),
		EXIT,
	};

	return pin_program(BPF_PROG_TYPE_SCHED_CLS, tag, 5, 0, path);
}

static int run_program(const char *kind, const char *path)
{
	unsigned int tpid, id;
	unsigned int peer = 0;
	const struct bpf_insn xdp[] = { MOVE(0, XDP_PASS), EXIT };
	const struct bpf_insn tc[] = { MOVE(0, -1 /* TC_ACT_UNSPEC */), EXIT };
	/* 0 in a qdisc: no class by this filter. */
	const struct bpf_insn queue[] = {
		MOVE(2, 1),
		{ .code = BPF_STX | BPF_MEM | BPF_W,
		  .dst_reg = 1,
		  .src_reg = 2,
		  .off = offsetof(struct __sk_buff, queue_mapping) },
		MOVE(0, 0),
		EXIT,
	};

	if (!strcmp(kind, "xdp"))
		return pin_program(BPF_PROG_TYPE_XDP, xdp, 2, 0, path);
	if (!strcmp(kind, "xdp-frags"))
		return pin_program(BPF_PROG_TYPE_XDP, xdp, 2, BPF_F_XDP_HAS_FRAGS, path);
	if (!strcmp(kind, "tc"))
		return pin_program(BPF_PROG_TYPE_SCHED_CLS, tc, 2, 0, path);
	if (!strcmp(kind, "queue"))
		return pin_program(BPF_PROG_TYPE_SCHED_CLS, queue, 4, 0, path);
	if (sscanf(kind, "tag:%x:%u", &tpid, &id) == 2)
		return pin_tag(tpid, id, path);
	if (sscanf(kind, "peer:%u", &peer) == 1) {
		const struct bpf_insn redirect[] = {
			MOVE(1, peer),
			MOVE(2, 0),
			{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_peer },
			EXIT,
		};

		return pin_program(BPF_PROG_TYPE_SCHED_CLS, redirect, 4, 0, path);
	}
	fprintf(stderr, "cli_probe: not a program: %s\n", kind);
	return 2;
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
		return run_program(argv[2], argv[3]);
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
	return flood_both(ends, parse_class(argv[6]), parse_class(argv[7]));
}
