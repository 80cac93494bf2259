// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "netlink_shape.h"
#include "shape_classes.h"
#include "shape_device.h"
#include "shaping.h"
#include "util.h"

#define SECOND_NS 1000000000ull
#define MILLISECOND_NS 1000000ull

/* A full queue holds a packet for so long, but it has room for some packets at any rate. The last
 * one bounds the memory that small packets take: each of them some 800 bytes. */
#define QUEUE_NS (50 * MILLISECOND_NS)
#define QUEUE_LEAST_BYTES 16000
#define QUEUE_LEAST_PACKETS 4
#define QUEUE_MOST_BYTES (4 << 20)

/* A GSO packet that takes longer than this is cut, or what comes behind it waits too long. Never
 * below what jumbo frames are long: it would drop them. */
#define WHOLE_NS (5 * MILLISECOND_NS)
#define WHOLE_LEAST_BYTES 10000
#define HEADERS 64 /* Ethernet with VLAN tags */

/* htb counts the bytes of frames. The rate is one of IP bytes, which is exact for full frames of
 * Ethernet. */
#define FRAME_BYTES 1514
#define FRAME_IP_BYTES 1500

/* How long what waits has to leave, and how often it is looked at. */
#define LEAVE_NS (100 * MILLISECOND_NS)
#define LOOK_NS (5 * MILLISECOND_NS)

static bool wants(const struct generation *generation, enum pctl_direction direction)
{
	return generation && generation->meta.shapes & 1u << direction;
}

/* --- is there room? --- */

static int check_root(const struct hooks *hooks, const struct generation *previous)
{
	const struct qdiscs *qdiscs = &hooks->qdiscs;
	uint32_t major = TC_H_MAJ(qdiscs->root_handle) >> 16;

	if (!qdiscs->root_handle || (hooks_shape_root(hooks) && wants(previous, PCTL_TO)))
		return 0;
	if (hooks_shape_root(hooks))
		return error_set(-EBUSY,
				 "the root qdisc is one of policyctl (%s %x:) whose state is not "
				 "among these pins: not replaced (tc qdisc del dev %s root removes "
				 "it)",
				 qdiscs->root, major, hooks->link.name);
	return error_set(-EBUSY,
			 "`shape` for what the container receives needs the root qdisc, and "
			 "another one is there (%s %x:): not replaced (tc qdisc show dev %s)",
			 qdiscs->root, major, hooks->link.name);
}

static int check_place_of_filter(const struct hooks *hooks)
{
	for (size_t i = 0; i < hooks->count; i++) {
		const struct filter *filter = &hooks->filters[i];

		if (filter->hook == TC_HOOK_INGRESS && filter->chain == 0 &&
		    filter->priority == SHAPE_PRIORITY && !filter_is_shape(filter))
			return error_set(-EBUSY,
					 "`shape` for what the container sends needs the last "
					 "place at ingress, and another filter is there (priority "
					 "%u, kind %s, handle 0x%x): not replaced",
					 filter->priority, filter->kind, filter->handle);
	}
	return 0;
}

int shaping_check(struct nl *nl, const struct hooks *hooks, unsigned int directions,
		  const struct generation *previous)
{
	int error = 0;

	if (directions & 1u << PCTL_TO)
		error = check_root(hooks, previous);
	if (!error && directions & 1u << PCTL_FROM)
		error = check_place_of_filter(hooks) ?: shape_device_check(nl, hooks->link.ifindex);
	return error;
}

/* --- making --- */

/* How many bytes leave in this time. */
static uint64_t bytes_in(uint64_t rate, uint64_t ns)
{
	return (unsigned __int128)rate * ns / SECOND_NS;
}

static uint64_t at_least(uint64_t value, uint64_t least)
{
	return value > least ? value : least;
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
	return value < most ? value : most;
}

static struct nl_class class_of(const struct shape_class *wanted, uint32_t mtu)
{
	uint64_t rate =
		at_least((unsigned __int128)wanted->rate * FRAME_BYTES / (8 * FRAME_IP_BYTES), 1);
	uint64_t queue = at_most(bytes_in(rate, QUEUE_NS), QUEUE_MOST_BYTES);
	uint64_t whole = at_most(bytes_in(rate, WHOLE_NS), QUEUE_MOST_BYTES);

	queue = at_least(queue, QUEUE_LEAST_BYTES);
	return (struct nl_class){
		.classid = PCTL_SHAPE_HANDLE | wanted->minor,
		.rate = rate,
		.burst_ns = wanted->burst_ns,
		.queue = at_least(queue, QUEUE_LEAST_PACKETS * (mtu + HEADERS)),
		.largest = at_least(at_least(whole, WHOLE_LEAST_BYTES), mtu + HEADERS),
	};
}

static int put_classes(struct nl *nl, uint32_t ifindex, uint32_t mtu, enum pctl_direction direction,
		       const struct generation *target)
{
	_cleanup_(freep) struct shape_class *classes = NULL;
	size_t count = 0;
	int error = generation_shape_classes(target, &classes, &count);

	for (size_t i = 0; i < count && !error; i++) {
		const struct nl_class class = class_of(&classes[i], mtu);

		if (classes[i].directions & 1u << direction)
			error = nl_class_put(nl, ifindex, &class);
	}
	return shape_lacking(error, "tbf", "CONFIG_NET_SCH_TBF", "cannot make a class of htb");
}

static int put_htb(struct nl *nl, uint32_t ifindex)
{
	struct qdiscs qdiscs;
	int error = nl_qdiscs(nl, ifindex, &qdiscs);

	if (!error && !(qdiscs.root_handle == PCTL_SHAPE_HANDLE && !strcmp(qdiscs.root, "htb")))
		error = nl_htb_add(nl, ifindex, PCTL_SHAPE_HANDLE);
	return shape_lacking(error, "htb", "CONFIG_NET_SCH_HTB", "cannot add the qdisc htb");
}

/*
 * Passes on to its action, mirred, the packets that have a class of ours:
 *
 *   r0 = 0; if (skb->priority >> 16 == PCTL_SHAPE_HANDLE >> 16) r0 = -1; return r0;
 */
static int load_chooser(int *fd)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_LDX | BPF_MEM | BPF_W,
		  .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_1,
		  .off = offsetof(struct __sk_buff, priority) },
		{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = BPF_REG_2, .imm = 16 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K,
		  .dst_reg = BPF_REG_2,
		  .off = 1,
		  .imm = PCTL_SHAPE_HANDLE >> 16 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	*fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, SHAPE_NAME, "GPL", code, ARRAY_SIZE(code),
			    NULL);
	return *fd < 0 ? error_set(*fd, "cannot load a program: %s", strerror(-*fd)) : 0;
}

static struct filter_position filter_position(uint32_t ifindex)
{
	return (struct filter_position){
		.ifindex = ifindex,
		.hook = TC_HOOK_INGRESS,
		.priority = SHAPE_PRIORITY,
		.handle = FILTER_HANDLE,
	};
}

static int put_filter(struct nl *nl, const struct hooks *hooks, uint32_t device)
{
	const struct filter_position position = filter_position(hooks->link.ifindex);
	const struct filter *there = hooks_shape_filter(hooks);
	_cleanup_(closep) int fd = -1;
	int error;

	if (there && there->redirect == device)
		return 0;
	error = load_chooser(&fd);
	if (error)
		return error;
	error = nl_filter_put_redirect(nl, &position, fd, SHAPE_NAME, device, there != NULL);
	return shape_lacking(error, "mirred", "CONFIG_NET_ACT_MIRRED",
			     "cannot put the filter that sends packets to the ifb");
}

static int prepare_from(struct nl *nl, struct hooks *hooks, const struct generation *target)
{
	uint32_t mtu = hooks->link.mtu;
	struct link device;
	int error = shape_device_need(nl, hooks->link.ifindex, &device);

	error = error ?: put_htb(nl, device.ifindex);
	error = error ?: put_classes(nl, device.ifindex, mtu, PCTL_FROM, target);
	error = error ?: hooks_need_clsact(nl, hooks);
	return error ?: put_filter(nl, hooks, device.ifindex);
}

static int prepare_to(struct nl *nl, const struct hooks *hooks, const struct generation *target)
{
	const struct link *link = &hooks->link;
	int error = put_htb(nl, link->ifindex);

	return error ?: put_classes(nl, link->ifindex, link->mtu, PCTL_TO, target);
}

int shaping_prepare(struct nl *nl, struct hooks *hooks, const struct generation *target)
{
	int error = 0;

	if (wants(target, PCTL_TO))
		error = prepare_to(nl, hooks, target);
	if (!error && wants(target, PCTL_FROM))
		error = prepare_from(nl, hooks, target);
	return error;
}

/* --- taking away --- */

static bool is_wanted(const struct shape_class *classes, size_t count,
		      enum pctl_direction direction, uint32_t classid)
{
	for (size_t i = 0; i < count; i++)
		if (classes[i].directions & 1u << direction &&
		    (PCTL_SHAPE_HANDLE | classes[i].minor) == classid)
			return true;
	return false;
}

/* What is not wanted of the classes of a direction. */
struct unwanted {
	const struct shape_class *classes; /* that are wanted */
	size_t count;
	enum pctl_direction direction;
};

static int is_waiting(struct nl *nl, uint32_t device, const struct unwanted *unwanted)
{
	_cleanup_(freep) struct nl_class_state *states = NULL;
	size_t count = 0;
	int error = nl_classes(nl, device, PCTL_SHAPE_HANDLE, &states, &count);

	for (size_t i = 0; i < count && !error; i++)
		if (states[i].waiting && !is_wanted(unwanted->classes, unwanted->count,
						    unwanted->direction, states[i].classid))
			return 1;
	return error;
}

static void wait_for_leaving(struct nl *nl, uint32_t device, const struct unwanted *unwanted)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };

	for (uint64_t waited = 0; waited < LEAVE_NS && is_waiting(nl, device, unwanted) > 0;
	     waited += LOOK_NS)
		nanosleep(&look, NULL);
	error_clear();
}

static int delete_classes(struct nl *nl, uint32_t device, const struct unwanted *unwanted)
{
	_cleanup_(freep) struct nl_class_state *states = NULL;
	size_t count = 0;
	int error = nl_classes(nl, device, PCTL_SHAPE_HANDLE, &states, &count);

	for (size_t i = 0; i < count && !error; i++)
		if (!is_wanted(unwanted->classes, unwanted->count, unwanted->direction,
			       states[i].classid))
			error = nl_class_delete(nl, device, states[i].classid);
	return error ? error_prefix(error, "cannot remove a class of htb") : 0;
}

static int remove_htb(struct nl *nl, uint32_t ifindex)
{
	struct qdiscs qdiscs;
	int error = nl_qdiscs(nl, ifindex, &qdiscs);

	if (!error && qdiscs.root_handle == PCTL_SHAPE_HANDLE && !strcmp(qdiscs.root, "htb"))
		error = nl_root_delete(nl, ifindex, PCTL_SHAPE_HANDLE);
	return error ? error_prefix(error, "cannot remove the qdisc htb") : 0;
}

/* The classes of one direction that `target` does not want; without one, all that made them. */
static int tidy_direction(struct nl *nl, uint32_t ifindex, enum pctl_direction direction,
			  const struct unwanted *unwanted, bool all)
{
	struct link device = { .ifindex = ifindex };
	int error = direction == PCTL_FROM ? shape_device_get(nl, ifindex, &device) : 0;

	if (error)
		return error == -ENODEV ? 0 : error;
	wait_for_leaving(nl, device.ifindex, unwanted);
	if (!all)
		return delete_classes(nl, device.ifindex, unwanted);
	if (direction == PCTL_TO)
		return remove_htb(nl, ifindex);
	return shape_device_remove(nl, ifindex);
}

static int remove_filter(struct nl *nl, uint32_t ifindex)
{
	const struct filter_position position = filter_position(ifindex);
	int error = nl_filter_delete(nl, &position);

	return error && error != -ENOENT ? error_prefix(error, "cannot remove a tc filter") : 0;
}

int shaping_unhook(struct nl *nl, const struct hooks *hooks)
{
	return hooks_shape_filter(hooks) ? remove_filter(nl, hooks->link.ifindex) : 0;
}

int shaping_tidy(struct nl *nl, const struct hooks *hooks, const struct generation *target,
		 const struct generation *previous)
{
	_cleanup_(freep) struct shape_class *classes = NULL;
	size_t count = 0;
	int error = generation_shape_classes(target, &classes, &count);

	if (!error && !wants(target, PCTL_FROM))
		error = shaping_unhook(nl, hooks);
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS && !error; i++) {
		const struct unwanted unwanted = { classes, count, i };

		if (wants(target, i) || wants(previous, i))
			error = tidy_direction(nl, hooks->link.ifindex, i, &unwanted,
					       !wants(target, i));
	}
	return error;
}

int shaping_remove(struct nl *nl, uint32_t ifindex, const struct generation *generation)
{
	int error = 0;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS && !error; i++)
		if (wants(generation, i))
			error = tidy_direction(nl, ifindex, i, &(struct unwanted){ .direction = i },
					       true);
	return error;
}
