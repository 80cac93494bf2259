// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "hooks.h"
#include "name_list.h"
#include "stacked.h"
#include "util.h"

/* Kinds of devices that have ports. */
static const char *const masters[] = { "bridge", "bond", "team", "vrf", "openvswitch", "hsr" };

static bool is_one_of(const char *kind, const char *const *kinds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

static bool is_master(const struct link *link)
{
	return is_one_of(link->kind, masters, ARRAY_SIZE(masters));
}

/* Is `upper` directly above `lower`? What a veth names is its other end, which is not below it. */
static bool is_above(const struct link *upper, const struct link *lower)
{
	return lower->master == upper->ifindex ||
	       (upper->peer == lower->ifindex && upper->peer_nsid < 0 &&
		strcmp(upper->kind, "veth") != 0 && upper->ifindex != lower->ifindex);
}

static int ports_blocked(const struct link *link, const struct link *links, size_t count)
{
	char ports[128] = "";

	for (size_t i = 0; i < count; i++)
		if (links[i].master == link->ifindex)
			name_list_add(ports, sizeof(ports), ", ", links[i].name);
	return error_set(-EBUSY,
			 "a %s: with an XDP program on it, the kernel would refuse to attach, "
			 "change or detach one on each of its ports (%s): attach to the ports",
			 link->kind[0] ? link->kind : "device with ports",
			 ports[0] ? ports : "none now");
}

static bool has_ports(const struct link *link, const struct link *links, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (links[i].master == link->ifindex)
			return true;
	return is_master(link);
}

int stacked_check_lower(struct nl *nl, const struct link *link)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(nl, &links, &count);

	if (!error && has_ports(link, links, count))
		error = ports_blocked(link, links, count);
	for (size_t i = 0; i < count && !error; i++)
		if (links[i].xdp_id && is_above(link, &links[i]))
			error = error_set(-EBUSY,
					  "it is above %s, which has an XDP program (id %u): the "
					  "kernel would refuse to change or detach that one",
					  links[i].name, links[i].xdp_id);
	return error;
}

static int blocked_by(const struct link *upper)
{
	char name[16 + 1];

	program_name(upper->xdp_id, name);
	return error_set(-EBUSY,
			 "%s is above it and has an XDP program (id %u%s%s): the kernel allows no "
			 "change of XDP below that; take it off first",
			 upper->name, upper->xdp_id, name[0] ? ", name " : "", name);
}

int stacked_check_upper(struct nl *nl, const struct link *link)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(nl, &links, &count);

	for (size_t i = 0; i < count && !error; i++)
		if (links[i].xdp_id && is_above(&links[i], link))
			error = blocked_by(&links[i]);
	return error;
}

int stacked_check_master(struct nl *nl, const struct link *link)
{
	struct link master;
	int error = link->master ? nl_link_get(nl, NULL, link->master, &master) : -ENODEV;

	if (error == -ENODEV) {
		error_clear();
		return 0;
	}
	return error ?: master.xdp_id ? blocked_by(&master) : 0;
}

/* --- from other namespaces --- */

/* The kernel links the ends of these with each other. */
static bool is_pair(const struct link *link)
{
	static const char *const pairs[] = { "veth", "netkit", "vxcan" };

	return is_one_of(link->kind, pairs, ARRAY_SIZE(pairs));
}

/* These are always above a device. Of others IFLA_LINK is their own index if they are above none
 * (net/core/dev.c, dev_get_iflink()). */
static bool needs_lower(const struct link *link)
{
	static const char *const kinds[] = { "macvlan", "macvtap", "ipvlan", "ipvtap", "vlan" };

	return is_one_of(link->kind, kinds, ARRAY_SIZE(kinds));
}

int stacked_from(struct nl *nl, int32_t nsid, struct link **uppers, size_t *count)
{
	struct link *links = NULL;
	size_t link_count = 0, found = 0;
	int error = nl_links_of(nl, nsid, &links, &link_count);
	int32_t ours;

	if (error)
		return error;
	ours = nl_netns_id(nl, getpid(), -1); /* not before: the list gives us one */
	for (size_t i = 0; i < link_count && ours >= 0; i++) {
		struct link *link = &links[i];

		if (link->peer_nsid != ours || is_pair(link))
			continue;
		if (link->peer == link->ifindex && !needs_lower(link))
			link->peer = 0;
		links[found++] = *link;
	}
	*uppers = links;
	*count = found;
	return 0;
}

/* --- order --- */

static const struct link *link_at(const struct link *links, size_t count, uint32_t ifindex)
{
	for (size_t i = 0; i < count; i++)
		if (links[i].ifindex == ifindex)
			return &links[i];
	return NULL;
}

/* Is one of the other devices above this one? */
static bool is_below(const struct link *links, size_t link_count, uint32_t ifindex,
		     const uint32_t *others, size_t count)
{
	const struct link *link = link_at(links, link_count, ifindex);

	for (size_t i = 0; i < count && link; i++) {
		const struct link *other = link_at(links, link_count, others[i]);

		if (other && other != link && is_above(other, link))
			return true;
	}
	return false;
}

int stacked_sort(struct nl *nl, uint32_t *ifindexes, size_t count)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t link_count = 0;
	int error = nl_links(nl, &links, &link_count);

	for (size_t done = 0; done < count && !error; done++) {
		size_t next = done;
		uint32_t ifindex;

		while (next < count &&
		       is_below(links, link_count, ifindexes[next], ifindexes + done, count - done))
			next++;
		if (next == count)
			break; /* a circle, which the kernel does not let be */
		ifindex = ifindexes[next];
		memmove(ifindexes + done + 1, ifindexes + done, (next - done) * sizeof(*ifindexes));
		ifindexes[done] = ifindex;
	}
	return error;
}
