// SPDX-License-Identifier: GPL-2.0-only
#include "harness.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "driver.skel.h"
#include "traffic.h"

struct harness {
	struct driver_bpf *skeleton;
	struct driver_frame *frames;
	size_t size;
};

static struct driver_frame *map_frames(const struct driver_bpf *skeleton, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_map__fd(skeleton->maps.frames), 0);

	return at == MAP_FAILED ? NULL : at;
}

/* The kernel gives away tail calls only among programs that agree about fragments. */
static int load_driver(struct driver_bpf *skeleton, uint32_t frames)
{
	bpf_program__set_flags(skeleton->progs.drive_xdp, BPF_F_XDP_HAS_FRAGS);
	bpf_program__set_flags(skeleton->progs.pass_xdp, BPF_F_XDP_HAS_FRAGS);
	bpf_map__set_max_entries(skeleton->maps.frames, frames);
	return driver_bpf__load(skeleton);
}

struct harness *harness_new(uint32_t frames)
{
	struct harness *harness = calloc(1, sizeof(*harness));

	if (!harness)
		return NULL;
	harness->size = (size_t)frames * sizeof(struct driver_frame);
	harness->skeleton = driver_bpf__open();
	if (harness->skeleton && !load_driver(harness->skeleton, frames))
		harness->frames = map_frames(harness->skeleton, harness->size);
	if (harness->frames)
		return harness;
	fprintf(stderr, "bench: cannot load the driver: %s\n", strerror(errno));
	harness_free(harness);
	return NULL;
}

void harness_free(struct harness *harness)
{
	if (!harness)
		return;
	if (harness->frames)
		munmap(harness->frames, harness->size);
	driver_bpf__destroy(harness->skeleton);
	free(harness);
}

struct driver_frame *harness_frames(struct harness *harness)
{
	return harness->frames;
}

int harness_pass(const struct harness *harness, enum bench_hook hook)
{
	struct driver_bpf *skeleton = harness->skeleton;

	return bpf_program__fd(hook == BENCH_XDP ? skeleton->progs.pass_xdp
						 : skeleton->progs.pass_tc);
}

/* Puts the program behind the driver; returns the driver. */
static int prepare_driver(struct harness *harness, const struct work *work)
{
	struct driver_bpf *skeleton = harness->skeleton;
	bool xdp = work->hook == BENCH_XDP;
	__u32 index = 0;

	if (bpf_map_update_elem(
		    bpf_map__fd(xdp ? skeleton->maps.measured_xdp : skeleton->maps.measured_tc),
		    &index, &work->program, BPF_ANY))
		return -errno;
	skeleton->bss->driver.first = work->first;
	skeleton->bss->driver.mask = work->count - 1;
	skeleton->bss->driver.next = 0;
	return bpf_program__fd(xdp ? skeleton->progs.drive_xdp : skeleton->progs.drive_tc);
}

static int run(const struct harness *harness, int program, uint32_t frame, uint32_t repeat)
{
	uint8_t data[TRAFFIC_LENGTH] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = sizeof(data),
		    .repeat = repeat);

	memcpy(data, &harness->frames[frame], sizeof(harness->frames[frame]));
	return bpf_prog_test_run_opts(program, &options) ? -errno : (int)options.retval;
}

static double cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

double harness_measure(struct harness *harness, const struct work *work)
{
	bool driven = work->driven || work->count > 1;
	int program = driven ? prepare_driver(harness, work) : work->program;
	double start;

	if (program < 0)
		return program;
	start = cpu_time();
	if (run(harness, program, work->first, work->runs) == -EINVAL)
		return -EINVAL;
	return (cpu_time() - start) / work->runs;
}

int harness_verdict(const struct harness *harness, int program, uint32_t frame)
{
	return run(harness, program, frame, 1);
}
