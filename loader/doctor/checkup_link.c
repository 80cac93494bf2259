// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attachment_text.h"
#include "checkup.h"
#include "checkup_link.h"
#include "error.h"
#include "name_list.h"
#include "namespace_containers.h"
#include "stacked.h"
#include "sysctl.h"
#include "util.h"

/* The other end of a veth. */
struct far_end {
	const struct link *link; /* NULL: it cannot be seen */
	const struct other_namespace *other; /* NULL: it is in this namespace */
	bool tso;
};

static struct far_end far_end_of(const struct checkup *checkup, const struct link *link)
{
	struct far_end end = { .other =
				       other_namespace_with_id(&checkup->others, link->peer_nsid) };

	if (link->peer_nsid < 0) {
		end.link = checkup_link_at(checkup, link->peer);
		return end;
	}
	for (size_t i = 0; end.other && i < end.other->count; i++) {
		if (end.other->links[i].ifindex != link->peer)
			continue;
		end.link = &end.other->links[i];
		end.tso = end.other->tso[i];
	}
	return end;
}

static const char *namespace_name(const struct far_end *end)
{
	return end->other ? end->other->name : "a namespace that cannot be looked at";
}

static bool is_veth(const struct link *link)
{
	return !strcmp(link->kind, "veth");
}

static bool is_up(const struct link *link)
{
	return link->flags & IFF_UP;
}

/* --- where it leads --- */

static void say_peer_changed(struct checkup *checkup, const struct attachment *attachment,
			     const struct far_end *end)
{
	const struct link *link = &attachment->hooks.link;
	struct findings *findings = &checkup->findings;

	if (link->peer_nsid < 0)
		findings_add(findings, FINDING_WARNING, "peer",
			     "its other end, %s, is in this network namespace",
			     end->link ? end->link->name : "?");
	else
		findings_add(findings, FINDING_WARNING, "peer",
			     "its other end was ifindex %u when it was attached, and is ifindex %u "
			     "now",
			     attachment->current.meta.peer, link->peer);
	findings_why(findings, "the container that this policy was for may be behind another veth "
			       "by now, without a policy");
	findings_do(findings, "policyctl attach to the veth that leads to the container "
			      "(policyctl attach pid:PID finds it)");
}

/* The kernel tells the namespace of a process to who may not look into it: in the daemon's
 * container, for example. */
static bool leads_to_container(struct checkup *checkup, const struct link *link)
{
	_cleanup_(freep) struct namespace_container *there = NULL;
	size_t count = 0;

	namespace_containers_read(checkup->session.nl, link->peer_nsid, &there, &count);
	error_clear();
	if (count)
		findings_add(&checkup->findings, FINDING_OK, "peer",
			     "leads to the container %.12s (process %d)", there[0].container,
			     there[0].pid);
	return count;
}

static void check_peer(struct checkup *checkup, const struct attachment *attachment,
		       const struct far_end *end)
{
	const struct link *link = &attachment->hooks.link;
	struct findings *findings = &checkup->findings;

	if (link->peer_nsid < 0 || link->peer != attachment->current.meta.peer) {
		say_peer_changed(checkup, attachment, end);
	} else if (end->link && !is_up(end->link)) {
		findings_add(findings, FINDING_WARNING, "peer", "its other end, %s in %s, is down",
			     end->link->name, namespace_name(end));
		findings_why(findings, "the container does not use this veth; if it has another "
				       "one, this policy is not for it");
		findings_do(findings, "%s%s ip link # which interface does it use?",
			    end->other ? "nsenter --net=" : "", end->other ? end->other->path : "");
	} else if (end->link) {
		findings_add(findings, FINDING_OK, "peer", "leads to %s in %s", end->link->name,
			     namespace_name(end));
	} else if (leads_to_container(checkup, link)) {
		return;
	} else if (checkup->others.complete) {
		findings_add(findings, FINDING_NOTE, "peer",
			     "leads to a network namespace that no process and no name leads to");
		findings_why(findings, "nobody may be there to use it");
		findings_do(findings, "policyctl detach %s, if the container is gone", link->name);
	} else {
		findings_add(findings, FINDING_NOTE, "peer", "where it leads to was not looked at");
		findings_why(findings, "that takes CAP_SYS_ADMIN, and CAP_SYS_PTRACE for the "
				       "namespaces of processes");
		findings_do(findings, "run policyctl doctor as root, on the host");
	}
}

/* --- up, MTU, offloads --- */

static void check_up(struct checkup *checkup, const struct attachment *attachment)
{
	const struct link *link = &attachment->hooks.link;
	const struct meta *meta = &attachment->current.meta;
	struct findings *findings = &checkup->findings;
	bool renamed = strcmp(link->name, meta->name) != 0;

	if (!is_up(link)) {
		findings_add(findings, FINDING_NOTE, "link", "the interface is down");
		findings_why(findings, "no packet passes, whatever the policy says");
		findings_do(findings, "ip link set dev %s up", link->name);
		return;
	}
	findings_add(findings, FINDING_OK, "link", "up%s%s", renamed ? "; attached as " : "",
		     renamed ? meta->name : "");
}

static void check_mtu(struct checkup *checkup, const struct link *link, const struct far_end *end)
{
	struct findings *findings = &checkup->findings;

	if (!end->link || end->link->mtu == link->mtu) {
		findings_add(findings, FINDING_OK, "mtu", "%u%s", link->mtu,
			     end->link ? " on both ends" : "");
		return;
	}
	findings_add(findings, FINDING_WARNING, "mtu", "%u here, %u at the other end (%s in %s)",
		     link->mtu, end->link->mtu, end->link->name, namespace_name(end));
	findings_why(findings, "a veth drops frames that are too large for the other end without "
			       "a word; no policy and no counter of policyctl has part in it");
	findings_do(findings, "ip link set dev %s mtu %u # or the other end to %u", link->name,
		    end->link->mtu, link->mtu);
}

/* Native mode switches off TSO of the container's end. */
static void check_offloads(struct checkup *checkup, const struct attachment *attachment,
			   const struct far_end *end)
{
	const char *name = attachment->hooks.link.name;
	struct findings *findings = &checkup->findings;

	if (!end->link || !end->other)
		return;
	if (end->tso) {
		findings_add(findings, FINDING_OK, "offloads", "TSO of the container's end is on");
		return;
	}
	findings_add(findings, FINDING_NOTE, "offloads", "TSO of the container's end is off");
	if (attachment->hooks.link.xdp_mode == XDP_MODE_NATIVE) {
		findings_why(findings, "native XDP wants it so: bulk TCP out of the container gets "
				       "two thirds slower and more");
		findings_do(findings,
			    "nothing if native mode was chosen for its tightness; else "
			    "detach %s and attach with --mode generic",
			    name);
	} else {
		findings_why(findings, "generic mode leaves it alone, somebody else switched it "
				       "off: bulk TCP out of the container is slow");
		findings_do(findings, "nsenter --net=%s ethtool -K %s tso on", end->other->path,
			    end->link->name);
	}
}

/* --- what else decides --- */

/* Where its packets enter the IP stack: the bridge it is a port of, or itself. */
static void check_rp_filter(struct checkup *checkup, const struct link *link)
{
	const struct link *master = checkup_link_at(checkup, link->master);
	const char *name = link->master && master ? master->name : link->name;
	struct findings *findings = &checkup->findings;
	long all = sysctl_read("/proc/sys/net/ipv4/conf/all/rp_filter"), own;
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter", name);
	own = sysctl_read(path);
	own = all > own ? all : own;
	if (own != 1) {
		findings_add(findings, FINDING_OK, "rp-filter", "%s on %s",
			     own < 0	? "cannot be asked"
			     : own == 2 ? "loose"
					: "off",
			     name);
		return;
	}
	findings_add(findings, FINDING_NOTE, "rp-filter", "strict on %s", name);
	findings_why(findings, "IPv4 packets whose way back leads elsewhere are dropped behind "
			       "policyctl, which counts them as passed");
	findings_do(findings,
		    "nothing unless packets vanish: nstat -az TcpExtIPReversePathFilter "
		    "counts them; sysctl -w net.ipv4.conf.%s.rp_filter=2 is loose",
		    name);
}

static void check_container(struct checkup *checkup, const struct attachment *attachment)
{
	struct attachment_view view = { .attachment = attachment };
	struct findings *findings = &checkup->findings;

	attachment_view_look_at_container(&view, checkup->session.nl);
	if (view.admin == NETNS_ADMIN_OF_HOST) {
		findings_add(findings, FINDING_WARNING, "container-admin",
			     ATTACHMENT_ADMIN_OF_HOST);
		findings_why(findings, ATTACHMENT_ADMIN_WHY);
		findings_do(findings, "take the capability from the container, or run docker with "
				      "userns-remap");
	} else if (attachment_view_may_redirect(&view)) {
		findings_add(findings, FINDING_WARNING, "container-admin",
			     "a process of the container may have CAP_NET_ADMIN, and the mode is "
			     "generic");
		findings_why(findings, "with it the container can redirect packets past generic "
				       "XDP and the guard; native mode holds");
		findings_do(findings,
			    "take the capability from the container, or detach %s and attach with "
			    "--mode native",
			    attachment->hooks.link.name);
	}
}

/* Devices of the container above ours, beside its veths. */
static void check_uppers(struct checkup *checkup, const struct link *link)
{
	struct findings *findings = &checkup->findings;
	_cleanup_(freep) struct link *uppers = NULL;
	char devices[256] = "";
	size_t count = 0;

	if (link->peer_nsid >= 0)
		stacked_from(checkup->session.nl, link->peer_nsid, &uppers, &count);
	error_clear();
	for (size_t i = 0; i < count; i++) {
		const struct link *lower =
			uppers[i].peer ? checkup_link_at(checkup, uppers[i].peer) : NULL;
		char device[80];

		snprintf(device, sizeof(device), "%s (%s above %s)", uppers[i].name, uppers[i].kind,
			 lower ? lower->name : "the host's network");
		name_list_add(devices, sizeof(devices), ", ", device);
	}
	if (!count)
		return;
	findings_add(findings, FINDING_WARNING, "unjudged-devices",
		     "the container has devices above the host's: %s", devices);
	findings_why(findings, "no policy judges what passes them");
	findings_do(findings, "stop the container, unless they are meant to be");
}

/* Devices directly above and below: the kernel has XDP changed on one of them only. */
static void check_stacked(struct checkup *checkup, const struct link *link)
{
	struct findings *findings = &checkup->findings;

	if (stacked_check_upper(checkup->session.nl, link) == -EBUSY) {
		findings_add(findings, FINDING_WARNING, "stacked", "%s", error_message(-EBUSY));
		findings_why(findings, "the policy stays in force, but cannot be changed or taken "
				       "off");
		findings_do(findings, "ip -d link show # which program is it, and whose?");
	} else if (stacked_check_lower(checkup->session.nl, link) == -EBUSY) {
		findings_add(findings, FINDING_WARNING, "stacked", "%s", error_message(-EBUSY));
		findings_why(findings, "no policy can be attached, changed or detached there");
		findings_do(findings, "policyctl detach %s", link->name);
	}
	error_clear();
}

/* --- other veths --- */

/* Other veths that lead to the same container and have no policy. */
static void check_siblings(struct checkup *checkup, const struct link *ours,
			   const struct far_end *our_end)
{
	struct findings *findings = &checkup->findings;
	bool dead = our_end->link && !is_up(our_end->link);

	for (size_t i = 0; i < checkup->link_count && ours->peer_nsid >= 0; i++) {
		const struct link *link = &checkup->links[i];
		struct far_end end;

		if (!is_veth(link) || link->ifindex == ours->ifindex ||
		    link->peer_nsid != ours->peer_nsid ||
		    checkup_has_policy(checkup, link->ifindex))
			continue;
		end = far_end_of(checkup, link);
		findings_add(findings, FINDING_WARNING, "unguarded",
			     "%s leads to the same container (%s%s%s) and has no policy",
			     link->name, end.link ? end.link->name : "", end.link ? " in " : "",
			     namespace_name(&end));
		findings_why(findings,
			     "what the container sends and receives there is not "
			     "judged%s",
			     dead ? "; it moved there: its end of the veth with the policy is down"
				  : "");
		findings_do(findings,
			    "policyctl show %s >policy && policyctl attach %s --policy policy",
			    ours->name, link->name);
	}
}

void checkup_link(struct checkup *checkup, const struct attachment *attachment)
{
	const struct link *link = &attachment->hooks.link;
	struct far_end end = {};

	check_up(checkup, attachment);
	if (is_veth(link)) {
		end = far_end_of(checkup, link);
		check_peer(checkup, attachment, &end);
		check_siblings(checkup, link, &end);
		check_offloads(checkup, attachment, &end);
		check_container(checkup, attachment);
		check_uppers(checkup, link);
	}
	check_mtu(checkup, link, &end);
	check_stacked(checkup, link);
	check_rp_filter(checkup, link);
}
