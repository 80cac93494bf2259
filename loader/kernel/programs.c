// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "left_out.h"
#include "programs.h" /* in front of the skeleton, which needs abi.h */
#include "policy.skel.h"
#include "skb_constants.h"
#include "util.h"

static const char *const names[HOOK_COUNT] = {
	[HOOK_EGRESS] = "policyctl_tc",
	[HOOK_GUARD] = "policyctl_guard",
	[HOOK_XDP] = "policyctl_xdp",
};

/* One program, loaded by an object of its own: libbpf loads those of one object in turn. */
struct loading {
	const struct policy_bpf *skeleton; /* its maps are loaded */
	const char *name;
	bool frags;
	bool skb; /* a tc program */
	pthread_t thread;
	bool has_thread;
	int fd; /* -1: none */
	int error;
};

/* Both objects come from the same file, so their maps are in the same order. */
static int borrow_maps(struct bpf_object *object, const struct bpf_object *maps)
{
	struct bpf_map *map = NULL, *lender = NULL;
	int error = 0;

	while (!error && (map = bpf_object__next_map(object, map))) {
		lender = bpf_object__next_map(maps, lender);
		if (bpf_map__autocreate(lender))
			error = bpf_map__reuse_fd(map, bpf_map__fd(lender));
		else
			error = bpf_map__set_autocreate(map, false);
	}
	return error;
}

static int load_one(struct loading *loading, struct bpf_object *object)
{
	struct bpf_program *program, *wanted = NULL;
	int error;

	bpf_object__for_each_program(program, object)
	{
		if (!strcmp(bpf_program__name(program), loading->name))
			wanted = program;
		else
			bpf_program__set_autoload(program, false);
	}
	if (!wanted)
		return -ENOENT;
	if (loading->frags)
		bpf_program__set_flags(wanted, BPF_F_XDP_HAS_FRAGS);
	error = loading->skb ? skb_constants_place(wanted) : 0;
	error = error ?: borrow_maps(object, loading->skeleton->obj);
	error = error ?: bpf_object__load(object);
	if (error)
		return error;
	loading->fd = dup(bpf_program__fd(wanted));
	return loading->fd < 0 ? -errno : 0;
}

/* Opens @bytes, a copy of the object that libbpf may read until the end. */
static int load_from(struct loading *loading, void *bytes, size_t size)
{
	int error = left_out_redirect(bytes, size, loading->skeleton->rodata, !loading->skb);
	struct bpf_object *object;

	if (error)
		return error;
	object = bpf_object__open_mem(bytes, size, NULL);
	error = object ? load_one(loading, object) : -errno;
	bpf_object__close(object);
	return error;
}

static void *run(void *data)
{
	struct loading *loading = data;
	size_t size;
	const void *bytes = policy_bpf__elf_bytes(&size);
	_cleanup_(freep) void *copy = malloc(size);

	loading->error = copy ? load_from(loading, memcpy(copy, bytes, size), size) : -ENOMEM;
	return NULL;
}

/* The last one is for this thread. */
static void run_all(struct loading *loadings, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		loadings[i].has_thread =
			!pthread_create(&loadings[i].thread, NULL, run, &loadings[i]);
	for (size_t i = count; i-- > 0;)
		if (!loadings[i].has_thread)
			run(&loadings[i]);
	for (size_t i = 0; i < count; i++)
		if (loadings[i].has_thread)
			pthread_join(loadings[i].thread, NULL);
}

int programs_load(const struct policy_bpf *skeleton, const bool wanted[HOOK_COUNT], bool frags,
		  int fds[HOOK_COUNT])
{
	struct loading loadings[HOOK_COUNT] = {};
	enum hook hooks[HOOK_COUNT];
	size_t count = 0;
	int error = 0;

	for (int i = 0; i < HOOK_COUNT; i++) {
		fds[i] = -1;
		if (!wanted[i])
			continue;
		hooks[count] = i;
		loadings[count++] = (struct loading){
			.skeleton = skeleton,
			.name = names[i],
			.frags = i == HOOK_XDP && frags,
			.skb = i != HOOK_XDP,
			.fd = -1,
		};
	}
	run_all(loadings, count);
	for (size_t i = 0; i < count; i++)
		error = error ?: loadings[i].error;
	for (size_t i = 0; i < count; i++) {
		if (error)
			closep(&loadings[i].fd);
		fds[hooks[i]] = loadings[i].fd;
	}
	return error;
}
