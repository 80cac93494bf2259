// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "error.h"
#include "hooks.h"
#include "util.h"

#define FILTER_NAME "policyctl"

/* include/uapi/linux/bpf.h, Linux 6.6; Debian 12's headers do not have them yet. */
static const int tcx_attach_types[] = {
	[TC_HOOK_INGRESS] = 46,
	[TC_HOOK_EGRESS] = 47,
};

void hooks_free(struct hooks *hooks)
{
	free(hooks->filters);
	hooks->filters = NULL;
	hooks->count = 0;
}

static int read_filters(struct nl *nl, struct hooks *hooks)
{
	_cleanup_(freep) struct filter *ingress = NULL, *egress = NULL;
	size_t ingress_count = 0, egress_count = 0;
	int error;

	if (!hooks->qdiscs.clsact[0])
		return 0;
	error = nl_filters(nl, hooks->link.ifindex, TC_HOOK_INGRESS, &ingress, &ingress_count);
	/* On an ingress qdisc "egress" names the same place again. */
	if (!error && !strcmp(hooks->qdiscs.clsact, "clsact"))
		error = nl_filters(nl, hooks->link.ifindex, TC_HOOK_EGRESS, &egress, &egress_count);
	if (error)
		return error;
	hooks->filters = calloc(ingress_count + egress_count + 1, sizeof(*hooks->filters));
	if (!hooks->filters)
		return -ENOMEM;
	if (ingress_count)
		memcpy(hooks->filters, ingress, ingress_count * sizeof(*ingress));
	if (egress_count)
		memcpy(hooks->filters + ingress_count, egress, egress_count * sizeof(*egress));
	hooks->count = ingress_count + egress_count;
	return 0;
}

/* Kernels without TCX answer -EINVAL: no program is there then. */
static void read_tcx(struct hooks *hooks, enum tc_hook hook)
{
	LIBBPF_OPTS(bpf_prog_query_opts, query, .prog_ids = hooks->tcx[hook],
		    .prog_cnt = ARRAY_SIZE(hooks->tcx[hook]));
	int error = bpf_prog_query_opts(hooks->link.ifindex, tcx_attach_types[hook], &query);
	size_t room = ARRAY_SIZE(hooks->tcx[hook]);

	if (!error || error == -ENOSPC) /* more than there is room for: those are told */
		hooks->tcx_count[hook] = query.prog_cnt < room ? query.prog_cnt : room;
}

int hooks_read(struct nl *nl, uint32_t ifindex, struct hooks *hooks)
{
	struct hooks new = {};
	int error;

	error = nl_link_get(nl, NULL, ifindex, &new.link);
	error = error ?: nl_qdiscs(nl, ifindex, &new.qdiscs);
	error = error ?: read_filters(nl, &new);
	if (error) {
		hooks_free(&new);
		return error;
	}
	read_tcx(&new, TC_HOOK_INGRESS);
	read_tcx(&new, TC_HOOK_EGRESS);
	*hooks = new;
	return 0;
}

const struct filter *hooks_filter_at_ours(const struct hooks *hooks, enum tc_hook hook)
{
	for (size_t i = 0; i < hooks->count; i++) {
		const struct filter *filter = &hooks->filters[i];

		if (filter->hook == hook && filter->chain == 0 &&
		    filter->priority == FILTER_PRIORITY && filter->handle == FILTER_HANDLE)
			return filter;
	}
	return NULL;
}

bool filter_is_gate(const struct filter *filter)
{
	return filter->bpf && filter->chain == 0 && filter->priority == GATE_PRIORITY &&
	       !strcmp(filter->name, GATE_NAME);
}

static size_t count_gates(const struct hooks *hooks)
{
	size_t gates = 0;

	for (size_t i = 0; i < hooks->count; i++)
		gates += filter_is_gate(&hooks->filters[i]);
	return gates;
}

bool hooks_held(const struct hooks *hooks)
{
	return count_gates(hooks) > 0;
}

bool hooks_held_only(const struct hooks *hooks)
{
	return hooks->count > 0 && count_gates(hooks) == hooks->count;
}

bool filter_is_shape(const struct filter *filter)
{
	return filter->bpf && filter->hook == TC_HOOK_INGRESS && filter->chain == 0 &&
	       filter->priority == SHAPE_PRIORITY && filter->handle == FILTER_HANDLE &&
	       !strcmp(filter->name, SHAPE_NAME);
}

const struct filter *hooks_shape_filter(const struct hooks *hooks)
{
	for (size_t i = 0; i < hooks->count; i++)
		if (filter_is_shape(&hooks->filters[i]))
			return &hooks->filters[i];
	return NULL;
}

bool hooks_shape_root(const struct hooks *hooks)
{
	return hooks->qdiscs.root_handle == PCTL_SHAPE_HANDLE && !strcmp(hooks->qdiscs.root, "htb");
}

void program_name(uint32_t id, char name[16 + 1])
{
	_cleanup_(closep) int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	name[0] = '\0';
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length))
		snprintf(name, 16 + 1, "%s", info.name);
}

static enum tc_hook tc_hook_of(enum hook hook)
{
	return hook == HOOK_GUARD ? TC_HOOK_INGRESS : TC_HOOK_EGRESS;
}

/* Where the filter of a hook goes. */
static struct filter_position position_of(uint32_t ifindex, enum hook hook)
{
	return (struct filter_position){
		.ifindex = ifindex,
		.hook = tc_hook_of(hook),
		.priority = FILTER_PRIORITY,
		.handle = FILTER_HANDLE,
	};
}

/* The id of the BPF program at our position of a hook, 0: none. */
static uint32_t running(const struct hooks *hooks, enum hook hook)
{
	const struct filter *filter;

	if (hook == HOOK_XDP)
		return hooks->link.xdp_id;
	if (strcmp(hooks->qdiscs.clsact, "clsact") != 0)
		return 0;
	filter = hooks_filter_at_ours(hooks, tc_hook_of(hook));
	return filter && filter->bpf ? filter->program_id : 0;
}

bool hooks_runs(const struct hooks *hooks, const struct generation *generation, enum hook hook)
{
	uint32_t id = running(hooks, hook);

	return id && id == generation->programs[hook].id;
}

bool hooks_runs_any(const struct hooks *hooks, const struct generation *generation)
{
	for (int i = 0; i < HOOK_COUNT; i++)
		if (hooks_runs(hooks, generation, i))
			return true;
	return false;
}

static bool preceded_on(const struct hooks *hooks, enum tc_hook hook)
{
	const struct filter *our_position = hooks_filter_at_ours(hooks, hook);

	if (hooks->tcx_count[hook])
		return true;
	for (const struct filter *filter = hooks->filters; our_position && filter < our_position;
	     filter++)
		if (filter->hook == hook && filter->chain == 0)
			return true;
	return false;
}

bool hooks_preceded(const struct hooks *hooks, const struct generation *generation)
{
	return preceded_on(hooks, TC_HOOK_EGRESS) ||
	       (!generation_wants(generation, HOOK_XDP) && preceded_on(hooks, TC_HOOK_INGRESS));
}

/* The filter's redirect is 0 once its device is gone. */
static bool shapes(const struct hooks *hooks, uint32_t directions)
{
	const struct filter *filter = hooks_shape_filter(hooks);

	if (directions & 1u << PCTL_TO && !hooks_shape_root(hooks))
		return false;
	return !(directions & 1u << PCTL_FROM) || (filter && filter->redirect);
}

bool hooks_live(const struct hooks *hooks, const struct generation *generation)
{
	for (int i = 0; i < HOOK_COUNT; i++)
		if (generation_wants(generation, i) && !hooks_runs(hooks, generation, i))
			return false;
	return shapes(hooks, generation->meta.shapes);
}

bool hooks_are_guarded(const char *kind, enum xdp_mode mode)
{
	return mode != XDP_MODE_NATIVE || !strcmp(kind, "veth") || !strcmp(kind, "tun");
}

/* --- is our position free? --- */

static int foreign_xdp(const struct hooks *hooks)
{
	char name[16 + 1];

	program_name(hooks->link.xdp_id, name);
	if (!strcmp(name, "policyctl_xdp"))
		return error_set(
			-EBUSY,
			"an XDP program of policyctl is attached (id %u, %s mode) whose state is "
			"not among these pins: not replaced (ip link set dev %s %s off removes it)",
			hooks->link.xdp_id, xdp_mode_name(hooks->link.xdp_mode), hooks->link.name,
			hooks->link.xdp_mode == XDP_MODE_NATIVE ? "xdpdrv" : "xdpgeneric");
	return error_set(-EBUSY,
			 "another XDP program is attached (id %u%s%s, %s mode): not replaced",
			 hooks->link.xdp_id, name[0] ? ", name " : "", name,
			 xdp_mode_name(hooks->link.xdp_mode));
}

static int foreign_filter(const struct filter *filter)
{
	char what[128] = "";

	if (filter->bpf)
		snprintf(what, sizeof(what), ", program id %u, name %s", filter->program_id,
			 filter->name);
	return error_set(-EBUSY,
			 "another filter is at %s priority %u (kind %s, handle 0x%x%s): not "
			 "replaced, and it would decide before policyctl",
			 filter->hook == TC_HOOK_EGRESS ? "egress" : "ingress", filter->priority,
			 filter->kind, filter->handle, what);
}

static bool ours(const struct hooks *hooks, enum hook hook, const struct generation *target,
		 const struct generation *previous)
{
	return (target && hooks_runs(hooks, target, hook)) ||
	       (previous && hooks_runs(hooks, previous, hook));
}

static int check_xdp(const struct hooks *hooks, enum xdp_mode mode,
		     const struct generation *previous, bool is_ours)
{
	const struct link *link = &hooks->link;

	if (!link->xdp_id || mode == XDP_MODE_NONE)
		return 0;
	if (!is_ours)
		return foreign_xdp(hooks);
	if (link->xdp_mode != mode && !(previous && link->xdp_mode == previous->meta.mode))
		return error_set(-EBUSY, "attached in %s mode, not in %s mode: detach it first",
				 xdp_mode_name(link->xdp_mode), xdp_mode_name(mode));
	return 0;
}

/* Our priority must be free of foreign filters, whatever their handle. */
static int check_filters(const struct hooks *hooks, enum tc_hook hook)
{
	for (size_t i = 0; i < hooks->count; i++) {
		const struct filter *filter = &hooks->filters[i];

		if (filter->hook == hook && filter->chain == 0 &&
		    filter->priority == FILTER_PRIORITY)
			return foreign_filter(filter);
	}
	return 0;
}

int hooks_check(const struct hooks *hooks, enum xdp_mode mode, const struct generation *target,
		const struct generation *previous)
{
	int error = check_xdp(hooks, mode, previous, ours(hooks, HOOK_XDP, target, previous));

	if (error)
		return error;
	if (hooks->qdiscs.clsact[0] && strcmp(hooks->qdiscs.clsact, "clsact") != 0)
		return error_set(-EBUSY,
				 "the qdisc at the place of clsact is of kind %s: not replaced (tc "
				 "qdisc show dev %s)",
				 hooks->qdiscs.clsact, hooks->link.name);
	if (!ours(hooks, HOOK_EGRESS, target, previous))
		error = check_filters(hooks, TC_HOOK_EGRESS);
	if (!error && hooks_are_guarded(hooks->link.kind, mode) &&
	    !ours(hooks, HOOK_GUARD, target, previous))
		error = check_filters(hooks, TC_HOOK_INGRESS);
	return error;
}

/* --- changing --- */

static int put_filter(struct nl *nl, const struct hooks *hooks, const struct generation *target,
		      enum hook hook)
{
	enum tc_hook tc_hook = tc_hook_of(hook);
	const struct filter_position our_position = position_of(hooks->link.ifindex, hook);
	int error = nl_filter_put(nl, &our_position, target->programs[hook].fd, FILTER_NAME,
				  hooks_filter_at_ours(hooks, tc_hook) != NULL);

	return error ? error_prefix(error, "cannot put the tc program on %s",
				    tc_hook == TC_HOOK_EGRESS ? "egress" : "ingress")
		     : 0;
}

static int put_xdp(struct nl *nl, const struct hooks *hooks, const struct generation *target,
		   const struct generation *previous)
{
	bool replace = previous && hooks_runs(hooks, previous, HOOK_XDP);
	int old = replace ? previous->programs[HOOK_XDP].fd : -1, error = 0;

	/* The kernel has one mode at a time. In between the guard judges what the container sends:
	 * one of the two generations is in generic mode and has one. */
	if (replace && hooks->link.xdp_mode != target->meta.mode) {
		error = nl_xdp_set(nl, hooks->link.ifindex, hooks->link.xdp_mode, -1, old);
		old = -1;
	}
	error = error
			?: nl_xdp_set(nl, hooks->link.ifindex, target->meta.mode,
				      target->programs[HOOK_XDP].fd, old);
	return error ? error_prefix(error, "cannot attach the XDP program in %s mode",
				    xdp_mode_name(target->meta.mode))
		     : 0;
}

static int take_off(struct nl *nl, const struct hooks *hooks, const struct generation *generation,
		    enum hook hook)
{
	const struct filter_position position = position_of(hooks->link.ifindex, hook);
	int error;

	if (hook != HOOK_XDP) {
		error = nl_filter_delete(nl, &position);
		return error ? error_prefix(error, "cannot remove a tc filter") : 0;
	}
	error = nl_xdp_set(nl, hooks->link.ifindex, hooks->link.xdp_mode, -1,
			   generation->programs[HOOK_XDP].fd);
	return error ? error_prefix(error, "cannot detach the XDP program") : 0;
}

/* What `previous` had on hooks that `target`, which has taken over, does not want. */
static int remove_unwanted(struct nl *nl, const struct hooks *hooks,
			   const struct generation *target, const struct generation *previous)
{
	int error = 0;

	for (int i = 0; i < HOOK_COUNT && previous && !error; i++)
		if (!generation_wants(target, i) && hooks_runs(hooks, previous, i))
			error = take_off(nl, hooks, previous, i);
	return error;
}

static int add_clsact(struct nl *nl, uint32_t ifindex)
{
	int error = nl_clsact_add(nl, ifindex);

	return error ? error_prefix(error, "cannot add the clsact qdisc") : 0;
}

int hooks_need_clsact(struct nl *nl, struct hooks *hooks)
{
	int error = hooks->qdiscs.clsact[0] ? 0 : add_clsact(nl, hooks->link.ifindex);

	if (!error && !hooks->qdiscs.clsact[0])
		strcpy(hooks->qdiscs.clsact, "clsact");
	return error;
}

int hooks_enforce(struct nl *nl, const struct hooks *hooks, const struct generation *target,
		  const struct generation *previous, void (*filtered)(void *data), void *data)
{
	int error = hooks_check(hooks, target->meta.mode, target, previous);

	/* With NLM_F_EXCL this fails where an ingress qdisc is, whose "egress" filters run on
	 * ingress. */
	if (!error && !hooks->qdiscs.clsact[0])
		error = add_clsact(nl, hooks->link.ifindex);
	for (int i = 0; i < HOOK_COUNT && !error; i++) {
		if (i == HOOK_XDP && filtered)
			filtered(data);
		if (!generation_wants(target, i) || hooks_runs(hooks, target, i))
			continue;
		error = i == HOOK_XDP ? put_xdp(nl, hooks, target, previous)
				      : put_filter(nl, hooks, target, i);
	}
	return error ?: remove_unwanted(nl, hooks, target, previous);
}

static int release_clsact(struct nl *nl, const struct generation *generation, uint32_t ifindex)
{
	struct hooks left;
	int error;

	if (!generation->meta.made_clsact)
		return 0;
	error = hooks_read(nl, ifindex, &left);
	if (error)
		return error;
	if (!strcmp(left.qdiscs.clsact, "clsact") && left.count == 0)
		error = nl_clsact_delete(nl, ifindex);
	hooks_free(&left);
	return error;
}

int hooks_release(struct nl *nl, const struct hooks *hooks, const struct generation *generation)
{
	uint32_t ifindex = hooks->link.ifindex;
	int error = 0;

	if (hooks_runs(hooks, generation, HOOK_XDP) && generation->programs[HOOK_XDP].fd < 0)
		error = error_set(-EPERM, "cannot detach the XDP program: its pin is gone, and to "
					  "find it by its id takes CAP_SYS_ADMIN");
	else if (hooks_runs(hooks, generation, HOOK_XDP))
		error = take_off(nl, hooks, generation, HOOK_XDP);
	for (int i = 0; i < HOOK_XDP && !error; i++)
		if (hooks_runs(hooks, generation, i))
			error = take_off(nl, hooks, generation, i);
	if (error)
		return error;
	error = release_clsact(nl, generation, ifindex);
	return error ? error_prefix(error, "cannot remove the clsact qdisc") : 0;
}

bool hooks_of_another_interface(const struct hooks *hooks, const struct generation *generation)
{
	const struct meta *meta = &generation->meta;

	return !hooks_runs_any(hooks, generation) &&
	       memcmp(hooks->link.mac, meta->mac, sizeof(meta->mac)) != 0 &&
	       (hooks->link.peer != meta->peer || strcmp(hooks->link.name, meta->name) != 0);
}
