// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "error.h"
#include "probe.h"
#include "util.h"

/* The kernel has room for a frame in a page, and of XDP and newer kernels in 17 more (net/bpf/
 * test_run.c): it refuses a larger one with EINVAL or ENOMEM. */
static int run(int fd, struct bpf_test_run_opts *options)
{
	int error = bpf_prog_test_run_opts(fd, options);

	if (error == -EINVAL || (error == -ENOMEM && options->data_size_in > PCTL_SNAPLEN_MAX))
		return error_set(-EOPNOTSUPP,
				 "the kernel gives programs no frame that is cut short like this, "
				 "or as large (BPF_PROG_TEST_RUN)");
	return error ? error_set(error, "BPF_PROG_TEST_RUN: %s", strerror(-error)) : 0;
}

/* The mark is metadata, in front of the frame. */
static int probe_xdp(int fd, const uint64_t marks[2], const void *frame, size_t length,
		     uint32_t *answer)
{
	size_t size = marks[1] ? 2 * sizeof(*marks) : sizeof(*marks);
	_cleanup_(freep) uint8_t *data = malloc(size + length);
	struct xdp_md context = { .data = size, .data_end = size + length };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = size + length,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1);
	int error;

	if (!data)
		return -ENOMEM;
	memcpy(data, marks, size);
	memcpy(data + size, frame, length);
	error = run(fd, &options);
	*answer = options.retval;
	return error;
}

static int probe_tc(int fd, const uint64_t marks[2], const void *frame, size_t length,
		    uint32_t *answer)
{
	struct __sk_buff context = { .cb = { marks[0], marks[0] >> 32, marks[1] } };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1);
	int error = run(fd, &options);

	*answer = options.retval;
	return error;
}

int probe_program(const struct generation *generation, enum hook hook, const void *frame,
		  size_t length, struct probe_answer *answer)
{
	return probe_program_as(generation, hook, PCTL_PROBE_AS_IT_IS, frame, length, answer);
}

int probe_program_as(const struct generation *generation, enum hook hook,
		     enum pctl_probe_established as, const void *frame, size_t length,
		     struct probe_answer *answer)
{
	int fd = generation->programs[hook].fd;
	const uint64_t marks[2] = { generation->meta.generation, as };
	enum pctl_action action;
	enum verdict verdict;
	uint32_t given = 0;
	bool audit;
	int error;

	if (fd < 0)
		return error_set(-ENOENT, "there is no such program");
	if (length < ETH_HLEN)
		return error_set(-EOPNOTSUPP,
				 "the kernel gives no frame to a program that is shorter than an "
				 "Ethernet header (BPF_PROG_TEST_RUN)");
	error = hook == HOOK_XDP ? probe_xdp(fd, marks, frame, length, &given)
				 : probe_tc(fd, marks, frame, length, &given);
	if (error)
		return error;
	action = PCTL_ANSWER_ACTION(given);
	if (!policy_read_action(action, &verdict, &audit) && action != PCTL_LEAVE)
		return error_set(-EPROTO, "the program returned 0x%x, which is no answer", given);
	*answer = (struct probe_answer){ .left = action == PCTL_LEAVE };
	if (answer->left)
		return 0;
	*answer = (struct probe_answer){
		.verdict = verdict,
		.audit = audit,
		.log = PCTL_ANSWER_LOG(given),
		.reason = PCTL_ANSWER_REASON(given),
		.slot = PCTL_ANSWER_SLOT(given),
		.outcome = PCTL_OUTCOME(action, PCTL_ANSWER_SLOT(given)) |
			   (PCTL_ANSWER_LOG(given) ? PCTL_LOG : 0),
	};
	if (answer->reason == PCTL_ANSWER_NO_REASON)
		answer->reason = PCTL_REASON_NONE;
	return 0;
}
