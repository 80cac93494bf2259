/* SPDX-License-Identifier: GPL-2.0-only */
#include "listener.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <time.h>

#include "error.h"

struct listener *listener_at(const struct event_maps *maps, const char *shared,
			     const struct reader_settings *settings)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	int error;

	assert_non_null(listener);
	error = reader_open(maps, shared, settings, &listener->reader);
	if (error)
		fail_msg("reader_open: %s", error_message(error));
	return listener;
}

struct listener *listener_new(const struct enforcer *enforcer,
			      const struct reader_settings *settings)
{
	return listener_at(&enforcer->generation.events, NULL, settings);
}

void listener_free(struct listener *listener)
{
	reader_close(listener->reader);
	free(listener);
}

unsigned int listener_hear(struct listener *listener)
{
	const struct pctl_event *event;
	unsigned int heard = 0;

	while ((event = reader_next(listener->reader))) {
		heard++;
		listener->events++;
		listener->packets += event->packets;
		memcpy(listener->bytes, event, sizeof(*event) + event->captured);
	}
	return heard;
}

uint64_t listener_lost(const struct listener *listener)
{
	struct reader_lost lost;

	assert_int_equal(reader_lost(listener->reader, &lost), 0);
	return lost.dropped + lost.passed;
}

static int pass_xdp(int fd, const struct passage *passage, const uint8_t *frame, size_t length)
{
	size_t meta = passage->mark ? sizeof(passage->mark) : 0;
	uint8_t *data = malloc(meta + length);
	struct xdp_md context = { .data = meta, .data_end = meta + length };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = meta + length,
		    .ctx_in = meta ? &context : NULL, .ctx_size_in = meta ? sizeof(context) : 0,
		    .repeat = passage->repeat ?: 1);
	int error;

	assert_non_null(data);
	memcpy(data, &passage->mark, meta);
	memcpy(data + meta, frame, length);
	error = bpf_prog_test_run_opts(fd, &options);
	free(data);
	return error ?: (int)options.retval;
}

static int pass_tc(int fd, const struct passage *passage, const uint8_t *frame, size_t length)
{
	struct __sk_buff context = { .gso_segs = passage->gso_segs,
				     .cb = { passage->mark, passage->mark >> 32 } };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length,
		    .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .repeat = passage->repeat ?: 1);
	int error = bpf_prog_test_run_opts(fd, &options);

	return error ?: (int)options.retval;
}

int pass_bytes(const struct enforcer *enforcer, const struct passage *passage, const uint8_t *frame,
	       size_t length)
{
	int fd = enforcer->generation.programs[passage->hook].fd;

	return passage->hook == HOOK_XDP ? pass_xdp(fd, passage, frame, length)
					 : pass_tc(fd, passage, frame, length);
}

static int pass(const struct enforcer *enforcer, const struct passage *passage, const char *text)
{
	struct frame frame;
	int verdict;

	frame_from_text(&frame, text);
	verdict = pass_bytes(enforcer, passage, frame.data, frame.length);
	assert_int_not_equal(verdict, -EINVAL);
	return verdict;
}

int pass_frame(const struct enforcer *enforcer, enum hook hook, const char *frame)
{
	return pass(enforcer, &(struct passage){ .hook = hook }, frame);
}

void flood(const struct enforcer *enforcer, enum hook hook, const char *frame, unsigned int times)
{
	pass(enforcer, &(struct passage){ .hook = hook, .repeat = times }, frame);
}

double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}
