// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "error.h"
#include "tap.h"
#include "util.h"

#define BATCH 64
#define BATCHES 64 /* of one reading: then the tables are due again */
#define BUFFER (64 << 20)

void tap_close(struct tap *tap)
{
	closep(&tap->fd);
	free(tap->frames);
	tap->frames = NULL;
}

/* Bound before it hears anything: a socket of all protocols hears every interface until then. */
int tap_open(uint32_t ifindex, struct tap *tap)
{
	const struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = ifindex,
	};
	_cleanup_(closep) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int buffer = BUFFER;

	if (fd < 0)
		return error_set(-errno, "cannot open a packet socket: %m");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return error_set(-errno, "cannot listen on the interface: %m");
	tap->frames = calloc(BATCH, TAP_FRAME);
	if (!tap->frames)
		return -ENOMEM;
	tap->fd = TAKE_FD(fd);
	return 0;
}

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	struct sockaddr_ll from[BATCH];
};

static void batch_prepare(const struct tap *tap, struct batch *batch)
{
	for (size_t i = 0; i < BATCH; i++) {
		batch->vectors[i] = (struct iovec){ tap->frames + i * TAP_FRAME, TAP_FRAME };
		batch->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->from[i],
			.msg_namelen = sizeof(batch->from[i]),
			.msg_iov = &batch->vectors[i],
			.msg_iovlen = 1,
		};
	}
}

static void tell(const struct batch *batch, int count, tap_seen *seen, void *data)
{
	for (int i = 0; i < count; i++) {
		size_t length = batch->messages[i].msg_len;
		/* What leaves through the host's end is what the container receives. */
		enum pctl_direction direction =
			batch->from[i].sll_pkttype == PACKET_OUTGOING ? PCTL_TO : PCTL_FROM;

		seen(data, direction, batch->vectors[i].iov_base,
		     length < TAP_FRAME ? length : TAP_FRAME, length);
	}
}

/* The kernel begins anew with each question. */
static void count_lost(struct tap *tap)
{
	struct tpacket_stats stats = {};
	socklen_t size = sizeof(stats);

	if (!getsockopt(tap->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		tap->lost += stats.tp_drops;
}

int tap_read(struct tap *tap, tap_seen *seen, void *data)
{
	struct batch batch = {};
	int count = BATCH;

	for (int i = 0; i < BATCHES && count == BATCH; i++) {
		batch_prepare(tap, &batch);
		count = recvmmsg(tap->fd, batch.messages, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
		if (count < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		tell(&batch, count, seen, data);
	}
	count_lost(tap);
	return 0;
}
