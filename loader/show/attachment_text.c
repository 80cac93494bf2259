// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "attachment_state.h"
#include "attachment_text.h"
#include "hook_neighbours_text.h"
#include "shape_device.h"
#include "terminal.h"

/* What it means that a neighbour runs on this hook, before our program or behind it. */
static const char *neighbour_effect(const struct attachment *attachment, enum tc_hook hook,
				    bool before)
{
	if (hook == TC_HOOK_EGRESS)
		return before ? "decides before policyctl" : "sees what policyctl passed";
	if (before && !generation_wants(&attachment->current, HOOK_XDP))
		return "decides before policyctl";
	return before && generation_wants(&attachment->current, HOOK_GUARD)
		       ? "sees what the XDP program passed, decides before the guard"
		       : "sees what policyctl passed";
}

struct printing {
	const struct attachment *attachment;
	const char *prefix;
};

static void print_tcx(const struct printing *printing, const struct neighbour *neighbour)
{
	char name[16 + 1];

	program_name(neighbour->program, name);
	printf("%s  neighbour       tcx %s program %u %s: %s\n", printing->prefix,
	       tc_hook_name(neighbour->hook), neighbour->program, name,
	       neighbour_effect(printing->attachment, neighbour->hook, neighbour->before));
}

static void print_neighbour(const struct neighbour *neighbour, void *data)
{
	const struct printing *printing = data;
	const struct filter *filter = neighbour->filter;

	if (!filter) {
		print_tcx(printing, neighbour);
		return;
	}
	printf("%s  neighbour       tc %s filter, priority %u, kind %s", printing->prefix,
	       tc_hook_name(filter->hook), filter->priority, filter->kind);
	if (filter->bpf)
		printf(", program %u %s", filter->program_id, filter->name);
	printf(": %s\n",
	       filter_is_gate(filter)
		       ? "a gate of policyctl, holds it until its policy is known"
		       : neighbour_effect(printing->attachment, filter->hook, neighbour->before));
}

static void print_neighbours(const struct attachment *attachment, const char *prefix)
{
	struct printing printing = { attachment, prefix };

	if (!neighbours_each(attachment, print_neighbour, &printing))
		printf("%s  neighbours      none on this device\n", prefix);
}

static void print_from(const struct attachment *attachment, const char *prefix)
{
	const struct generation *current = &attachment->current;

	if (!generation_wants(current, HOOK_XDP)) {
		printf("%s  from container  tc program %u policyctl_guard, clsact ingress, "
		       "priority %u, handle 0x%x (%s)\n",
		       prefix, current->programs[HOOK_GUARD].id, FILTER_PRIORITY, FILTER_HANDLE,
		       attachment_mode_reason(attachment));
		return;
	}
	printf("%s  from container  xdp program %u policyctl_xdp, %s mode (%s)\n", prefix,
	       current->programs[HOOK_XDP].id, xdp_mode_name(current->meta.mode),
	       attachment_mode_reason(attachment));
	if (generation_wants(current, HOOK_GUARD))
		printf("%s                  tc program %u policyctl_guard, clsact ingress, for "
		       "what XDP does not see\n",
		       prefix, current->programs[HOOK_GUARD].id);
}

/* What the kernel changes on the device while a program is attached in this mode. */
static const char *offload_effects(const struct attachment *attachment)
{
	bool native = attachment->current.meta.mode == XDP_MODE_NATIVE;

	if (attachment->current.meta.mode == XDP_MODE_NONE)
		return "unchanged";
	if (!strcmp(attachment->hooks.link.kind, "veth"))
		return native ? "TSO, UDP and SCTP segmentation of the container's end are off "
				"while "
				"attached: slower bulk TCP out of it"
			      : "unchanged";
	return native ? "the driver may switch some off while attached (ethtool -k tells)"
		      : "LRO and hardware GRO are off while attached, if the device has them";
}

/* Where packets wait. */
static void print_shaping(const struct attachment *attachment, const char *prefix)
{
	uint32_t shapes = attachment->current.meta.shapes, major = PCTL_SHAPE_HANDLE >> 16;
	char device[IF_NAMESIZE];

	shape_device_name(attachment->hooks.link.ifindex, device);
	if (shapes & 1u << PCTL_FROM)
		printf("%s  shape from      device %s (ifb), qdisc htb %x:, by the last filter of "
		       "clsact ingress\n",
		       prefix, device, major);
	if (shapes & 1u << PCTL_TO)
		printf("%s  shape to        root qdisc htb %x:\n", prefix, major);
}

static void print_caution(const struct attachment_view *view, const char *prefix)
{
	if (view->admin == NETNS_ADMIN_OF_HOST)
		printf("%s  caution         " ATTACHMENT_ADMIN_OF_HOST ": " ATTACHMENT_ADMIN_WHY
		       "\n",
		       prefix);
	else if (attachment_view_may_redirect(view))
		printf("%s  caution         the container may have CAP_NET_ADMIN, and with that "
		       "get around %s; --mode native holds\n",
		       prefix,
		       view->attachment->current.meta.mode == XDP_MODE_NONE ? "clsact"
									    : "generic mode");
}

void attachment_print_hooks(const struct attachment_view *view, const char *prefix)
{
	const struct attachment *attachment = view->attachment;
	const struct generation *current = &attachment->current;
	bool veth = !strcmp(attachment->hooks.link.kind, "veth");

	print_from(attachment, prefix);
	printf("%s  to container    tc program %u policyctl_tc, clsact egress, priority %u, handle "
	       "0x%x\n",
	       prefix, current->programs[HOOK_EGRESS].id, FILTER_PRIORITY, FILTER_HANDLE);
	printf("%s  offloads        %s\n", prefix, offload_effects(attachment));
	printf("%s  MTU             %u, unchanged%s\n", prefix, attachment->hooks.link.mtu,
	       veth || current->meta.mode != XDP_MODE_NATIVE ? "; jumbo frames pass" : "");
	print_shaping(attachment, prefix);
	print_neighbours(attachment, prefix);
	print_caution(view, prefix);
	if (!veth && strcmp(attachment->hooks.link.kind, "tun") != 0)
		printf("%s  note            not the host's end of a veth: `from` is what arrives "
		       "at this "
		       "interface, `to` what it sends\n",
		       prefix);
}

static void print_queue(const struct shaped *shaped, bool first, const char *prefix)
{
	char packets[READABLE_NUMBER_SIZE], bytes[READABLE_NUMBER_SIZE];
	char dropped[READABLE_NUMBER_SIZE], waiting[READABLE_NUMBER_SIZE], name[SHAPED_NAME];
	const struct nl_class_state *state = &shaped->state;

	shaped_name(shaped, name);
	printf("%s  %-15s %s: ", prefix, first ? "shape" : "", name);
	if (!shaped->there) {
		printf("its queue is MISSING\n");
		return;
	}
	printf("%s packets %s bytes sent, ", readable_number(state->packets, packets),
	       readable_number(state->bytes, bytes));
	printf("%s packets dropped, %s bytes waiting\n", readable_number(state->dropped, dropped),
	       readable_number(state->waiting, waiting));
}

void attachment_print_queues(const struct attachment_view *view, const char *prefix)
{
	for (size_t i = 0; i < view->shaped_count; i++)
		print_queue(&view->shaped[i], i == 0, prefix);
}

void attachment_print_connections(const struct attachment_view *view, const char *prefix)
{
	const struct connection_summary *connections = &view->connections;
	const uint64_t *counters = connections->counters;
	char now[READABLE_NUMBER_SIZE], room[READABLE_NUMBER_SIZE], kb[READABLE_NUMBER_SIZE];

	if (!connections->tracked)
		return;
	printf("%s  connections     %s of %s", prefix,
	       readable_number(connections->entries[CONNECTIONS_CONFIRMED], now),
	       readable_number(connections->capacity[CONNECTIONS_CONFIRMED], room));
	printf(", half open %s of %s; %s kB\n",
	       readable_number(connections->entries[CONNECTIONS_HALF_OPEN], now),
	       readable_number(connections->capacity[CONNECTIONS_HALF_OPEN], room),
	       readable_number((connections->memory + 999) / 1000, kb));
	printf("%s                  %s opened, %s confirmed\n", prefix,
	       readable_number(counters[PCTL_CONNECTIONS_OPENED], now),
	       readable_number(counters[PCTL_CONNECTIONS_CONFIRMED], room));
	if (counters[PCTL_CONNECTIONS_REFUSED])
		printf("%s                  FULL: %s packets did not confirm a connection for want "
		       "of room\n",
		       prefix, readable_number(counters[PCTL_CONNECTIONS_REFUSED], now));
}

static void print_mirror(const struct mirror_view *mirror, const char *prefix)
{
	uint64_t lost = mirror_copies(mirror, PCTL_COPY_FAILED).packets;
	char made[READABLE_NUMBER_SIZE], failed[READABLE_NUMBER_SIZE], mac[MIRROR_MAC_TEXT];

	printf("%s  mirror          %s", prefix, mirror->at.name);
	if (mirror->at.has_mac) {
		mirror_mac_print(mirror->at.mac, mac);
		printf(", MAC %s", mac);
	}
	if (mirror->at.state != PCTL_MIRROR_LIVE)
		printf(": NO COPIES: %s", mirror_state_words(&mirror->at));
	else
		printf(" (ifindex %u)%s", mirror->at.ifindex, mirror->down ? ": it is DOWN" : "");
	printf("\n%s                  %s packets copied", prefix,
	       readable_number(mirror_copies(mirror, PCTL_COPY_MADE).packets, made));
	if (lost)
		printf(", %s could not be", readable_number(lost, failed));
	putchar('\n');
}

void attachment_print_mirrors(const struct attachment_view *view, const char *prefix)
{
	for (uint32_t i = 0; i < view->mirrors.count; i++)
		print_mirror(&view->mirrors.items[i], prefix);
}

void attachment_print_rates(const struct attachment_view *view, const char *prefix)
{
	const struct bucket_summary *buckets = &view->buckets;
	char now[READABLE_NUMBER_SIZE], room[READABLE_NUMBER_SIZE], kb[READABLE_NUMBER_SIZE];

	if (!buckets->each)
		return;
	printf("%s  rates           %s of %s peers have one in use; %s kB\n", prefix,
	       readable_number(buckets->peers, now), readable_number(buckets->capacity, room),
	       readable_number((buckets->memory + 999) / 1000, kb));
}
