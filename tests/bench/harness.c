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
	/* The kernel allows tail calls only among XDP programs that all take frames in pieces, or
	 * none of which does: a driver for each. */
	struct driver_bpf *drivers[2];
	struct driver_frame *frames;
	size_t size;
};

static struct driver_bpf *load_driver(bool frags, uint32_t frames, int frames_fd)
{
	struct driver_bpf *skeleton = driver_bpf__open();
	int error = skeleton ? 0 : -errno;

	if (!error && frags) {
		bpf_program__set_flags(skeleton->progs.drive_xdp, BPF_F_XDP_HAS_FRAGS);
		bpf_program__set_flags(skeleton->progs.pass_xdp, BPF_F_XDP_HAS_FRAGS);
	}
	error = error ?: bpf_map__set_max_entries(skeleton->maps.frames, frames);
	if (!error && frames_fd >= 0)
		error = bpf_map__reuse_fd(skeleton->maps.frames, frames_fd);
	error = error ?: driver_bpf__load(skeleton);
	if (!error)
		return skeleton;
	fprintf(stderr, "bench: cannot load the driver: %s\n", strerror(-error));
	driver_bpf__destroy(skeleton);
	return NULL;
}

static struct driver_frame *map_frames(const struct driver_bpf *skeleton, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_map__fd(skeleton->maps.frames), 0);

	return at == MAP_FAILED ? NULL : at;
}

struct harness *harness_new(uint32_t frames)
{
	struct harness *harness = calloc(1, sizeof(*harness));

	if (!harness)
		return NULL;
	harness->size = (size_t)frames * sizeof(struct driver_frame);
	harness->drivers[0] = load_driver(false, frames, -1);
	if (harness->drivers[0])
		harness->drivers[1] =
			load_driver(true, frames, bpf_map__fd(harness->drivers[0]->maps.frames));
	if (harness->drivers[1])
		harness->frames = map_frames(harness->drivers[0], harness->size);
	if (harness->frames)
		return harness;
	harness_free(harness);
	return NULL;
}

void harness_free(struct harness *harness)
{
	if (!harness)
		return;
	if (harness->frames)
		munmap(harness->frames, harness->size);
	driver_bpf__destroy(harness->drivers[0]);
	driver_bpf__destroy(harness->drivers[1]);
	free(harness);
}

struct driver_frame *harness_frames(struct harness *harness)
{
	return harness->frames;
}

static struct driver_bpf *driver_for(const struct harness *harness, const struct work *work)
{
	return harness->drivers[work->hook == BENCH_XDP && work->frags];
}

int harness_pass(const struct harness *harness, const struct work *work)
{
	const struct driver_bpf *driver = driver_for(harness, work);

	return bpf_program__fd(work->hook == BENCH_XDP ? driver->progs.pass_xdp
						       : driver->progs.pass_tc);
}

bool harness_frags(const struct harness *harness, int program)
{
	__u32 index = 0;

	return !bpf_map_update_elem(bpf_map__fd(harness->drivers[1]->maps.measured_xdp), &index,
				    &program, BPF_ANY);
}

/* Puts the program behind the driver; returns the driver's descriptor. */
static int prepare_driver(const struct harness *harness, const struct work *work)
{
	struct driver_bpf *driver = driver_for(harness, work);
	bool xdp = work->hook == BENCH_XDP;
	__u32 index = 0;

	if (bpf_map_update_elem(
		    bpf_map__fd(xdp ? driver->maps.measured_xdp : driver->maps.measured_tc), &index,
		    &work->program, BPF_ANY))
		return -errno;
	driver->bss->driver.first = work->first;
	driver->bss->driver.mask = work->count - 1;
	driver->bss->driver.next = 0;
	return bpf_program__fd(xdp ? driver->progs.drive_xdp : driver->progs.drive_tc);
}

static int run(const struct harness *harness, int program, uint32_t frame, uint32_t repeat)
{
	uint8_t data[TRAFFIC_LENGTH];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = sizeof(data),
		    .repeat = repeat);

	memcpy(data, &harness->frames[frame], sizeof(struct driver_frame));
	traffic_rest(data + sizeof(struct driver_frame));
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
