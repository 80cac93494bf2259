// SPDX-License-Identifier: GPL-2.0-only
/* Are the programs on their hooks, at their positions, with no foreign program in front? */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "capabilities.h"
#include "checkup.h"
#include "checkup_hooks.h"
#include "checkup_jit.h"
#include "hooks.h"

static const struct {
	const char *check, *name, *hook, *unjudged;
} programs[HOOK_COUNT] = {
	[HOOK_EGRESS] = { "filter", "tc filter", "egress",
			  "what the container receives is not judged" },
	[HOOK_GUARD] = { "guard", "guard", "ingress",
			 "what XDP does not see is not judged: redirected packets, and where a "
			 "checksum is to be written; what passes is not counted" },
	[HOOK_XDP] = { "xdp", "XDP program", "xdp", "what the container sends is not judged" },
};

static uint32_t our_id(const struct attachment *attachment, enum hook hook)
{
	return attachment->current.programs[hook].id;
}

/* Says how to put back what is missing. */
static void advise(struct findings *findings, const struct attachment *attachment,
		   const char *first)
{
	const char *name = attachment->hooks.link.name;

	if (attachment->current.damaged)
		findings_do(findings,
			    "%spolicyctl detach %s, and attach again with its policy from a file",
			    first, name);
	else
		findings_do(findings,
			    "%spolicyctl show %s >policy && policyctl attach %s --policy policy",
			    first, name, name);
}

/* --- XDP --- */

static void xdp_in_place(struct checkup *checkup, const struct attachment *attachment)
{
	struct findings *findings = &checkup->findings;
	enum xdp_mode mode = attachment->current.meta.mode, now = attachment->hooks.link.xdp_mode;
	const char *name = attachment->hooks.link.name;

	if (now == mode) {
		findings_add(findings, FINDING_OK, "xdp", "program %u in place, %s mode",
			     our_id(attachment, HOOK_XDP), xdp_mode_name(mode));
		return;
	}
	findings_add(findings, FINDING_WARNING, "mode",
		     "program %u was attached in %s mode, and runs in %s mode now",
		     our_id(attachment, HOOK_XDP), xdp_mode_name(mode), xdp_mode_name(now));
	findings_why(findings, "somebody put it there by hand: %s",
		     now == XDP_MODE_NATIVE ? "on a veth that costs the container its TSO"
					    : "a container can get around generic mode");
	findings_do(findings,
		    "policyctl show %s >policy && policyctl detach %s && policyctl attach "
		    "%s --policy policy --mode %s",
		    name, name, name, xdp_mode_name(mode));
}

static void check_xdp(struct checkup *checkup, const struct attachment *attachment)
{
	const struct hooks *hooks = &attachment->hooks;
	struct findings *findings = &checkup->findings;
	uint32_t ours = our_id(attachment, HOOK_XDP);
	char name[16 + 1], first[96] = "";

	if (!generation_wants(&attachment->current, HOOK_XDP))
		return;
	if (hooks_runs(hooks, &attachment->current, HOOK_XDP)) {
		xdp_in_place(checkup, attachment);
		return;
	}
	if (hooks->link.xdp_id) {
		program_name(hooks->link.xdp_id, name);
		findings_add(findings, FINDING_FAULT, "xdp",
			     "another program (id %u%s%s) is attached in %s mode, not policyctl's "
			     "%u",
			     hooks->link.xdp_id, name[0] ? ", name " : "", name,
			     xdp_mode_name(hooks->link.xdp_mode), ours);
		snprintf(first, sizeof(first), "ip link set dev %s %s off && ", hooks->link.name,
			 hooks->link.xdp_mode == XDP_MODE_NATIVE ? "xdpdrv" : "xdpgeneric");
	} else {
		findings_add(findings, FINDING_FAULT, "xdp",
			     "no XDP program is attached; policyctl's %u was taken off", ours);
	}
	findings_why(findings, "%s",
		     hooks_runs(hooks, &attachment->current, HOOK_GUARD)
			     ? "what the container sends is judged by the guard alone, behind what "
			       "stands in front of it"
			     : programs[HOOK_XDP].unjudged);
	advise(findings, attachment, first);
}

/* --- filters --- */

static enum tc_hook tc_hook_of(enum hook hook)
{
	return hook == HOOK_GUARD ? TC_HOOK_INGRESS : TC_HOOK_EGRESS;
}

static void describe(const struct filter *filter, char *words, size_t size)
{
	size_t used = snprintf(words, size, "a %s filter", filter->kind);

	if (filter->bpf && used < size)
		snprintf(words + used, size - used, " (program %u, %s)", filter->program_id,
			 filter->name);
}

/* Our program, at any position of this hook. */
static const struct filter *find_ours(const struct attachment *attachment, enum hook hook)
{
	const struct hooks *hooks = &attachment->hooks;

	for (size_t i = 0; i < hooks->count; i++)
		if (hooks->filters[i].hook == tc_hook_of(hook) && hooks->filters[i].bpf &&
		    hooks->filters[i].program_id == our_id(attachment, hook))
			return &hooks->filters[i];
	return NULL;
}

/* The filter that has the priority of ours. */
static const struct filter *find_usurper(const struct attachment *attachment, enum hook hook)
{
	const struct hooks *hooks = &attachment->hooks;

	for (size_t i = 0; i < hooks->count; i++)
		if (hooks->filters[i].hook == tc_hook_of(hook) && hooks->filters[i].chain == 0 &&
		    hooks->filters[i].priority == FILTER_PRIORITY)
			return &hooks->filters[i];
	return NULL;
}

/* Says what became of a filter that is not where attach put it. */
static void say_where(struct checkup *checkup, const struct attachment *attachment, enum hook hook)
{
	const struct filter *moved = find_ours(attachment, hook);
	const struct filter *usurper = find_usurper(attachment, hook);
	struct findings *findings = &checkup->findings;
	const char *qdisc = attachment->hooks.qdiscs.clsact, *name = programs[hook].name;
	char other[128] = "nothing";

	if (usurper)
		describe(usurper, other, sizeof(other));
	if (!qdisc[0])
		findings_add(findings, FINDING_FAULT, programs[hook].check,
			     "the clsact qdisc was removed, and the %s with it", name);
	else if (strcmp(qdisc, "clsact") != 0)
		findings_add(findings, FINDING_FAULT, programs[hook].check,
			     "the qdisc is %s, not clsact: the %s is not there", qdisc, name);
	else if (moved)
		findings_add(findings, FINDING_FAULT, programs[hook].check,
			     "program %u stands at %s priority %u handle 0x%x; at its place, "
			     "priority %u, is %s",
			     our_id(attachment, hook), programs[hook].hook, moved->priority,
			     moved->handle, FILTER_PRIORITY, other);
	else
		findings_add(findings, FINDING_FAULT, programs[hook].check,
			     "the %s (program %u) was removed; at its place, %s priority %u, is %s",
			     name, our_id(attachment, hook), programs[hook].hook, FILTER_PRIORITY,
			     other);
}

/* Adds the command that removes all of a priority. */
static void say_delete(const struct attachment *attachment, enum hook hook, unsigned int priority,
		       char *commands, size_t size)
{
	size_t used = strlen(commands);

	snprintf(commands + used, size - used, "tc filter del dev %s %s prio %u && ",
		 attachment->hooks.link.name, programs[hook].hook, priority);
}

static void check_filter(struct checkup *checkup, const struct attachment *attachment,
			 enum hook hook)
{
	const struct filter *moved = find_ours(attachment, hook);
	const struct filter *usurper = find_usurper(attachment, hook);
	const struct hooks *hooks = &attachment->hooks;
	struct findings *findings = &checkup->findings;
	char first[256] = "";

	if (!generation_wants(&attachment->current, hook))
		return;
	if (hooks_runs(hooks, &attachment->current, hook)) {
		findings_add(findings, FINDING_OK, programs[hook].check,
			     "program %u in place, clsact %s, priority %u, handle 0x%x",
			     our_id(attachment, hook), programs[hook].hook, FILTER_PRIORITY,
			     FILTER_HANDLE);
		return;
	}
	say_where(checkup, attachment, hook);
	findings_why(findings, "%s",
		     moved ? "what comes before it decides first, and policyctl looks for it at "
			     "its place"
		     : hook == HOOK_GUARD && !generation_wants(&attachment->current, HOOK_XDP)
			     ? programs[HOOK_XDP].unjudged
			     : programs[hook].unjudged);
	if (hooks->qdiscs.clsact[0] && strcmp(hooks->qdiscs.clsact, "clsact") != 0)
		snprintf(first, sizeof(first), "tc qdisc del dev %s %s && ", hooks->link.name,
			 hooks->qdiscs.clsact);
	if (usurper)
		say_delete(attachment, hook, FILTER_PRIORITY, first, sizeof(first));
	if (moved && moved->priority != FILTER_PRIORITY)
		say_delete(attachment, hook, moved->priority, first, sizeof(first));
	advise(findings, attachment, first);
}

/* --- others in front --- */

static void say_in_front(struct checkup *checkup, enum hook hook, const char *what)
{
	struct findings *findings = &checkup->findings;
	bool egress = hook == HOOK_EGRESS;

	findings_add(findings, egress ? FINDING_FAULT : FINDING_WARNING, "in-front",
		     "%s on %s runs before policyctl's %s", what, programs[hook].hook,
		     programs[hook].name);
	findings_why(findings, "%s",
		     egress ? "what it lets pass (a u32 with a classid, an action ok, a redirect) "
			      "reaches the container unjudged"
			    : "the guard neither sees nor counts what it drops or redirects; XDP "
			      "has judged it");
}

static size_t check_tcx(struct checkup *checkup, const struct attachment *attachment,
			enum hook hook)
{
	const struct hooks *hooks = &attachment->hooks;
	enum tc_hook tc_hook = tc_hook_of(hook);
	char name[16 + 1], words[96];

	for (size_t i = 0; i < hooks->tcx_count[tc_hook]; i++) {
		program_name(hooks->tcx[tc_hook][i], name);
		snprintf(words, sizeof(words), "a TCX program (id %u%s%s)", hooks->tcx[tc_hook][i],
			 name[0] ? ", name " : "", name);
		say_in_front(checkup, hook, words);
		findings_do(&checkup->findings,
			    "bpftool net show dev %s tells more; whoever attached it takes it off, "
			    "bpftool 7.5 too: bpftool net detach tcx_%s dev %s",
			    hooks->link.name, programs[hook].hook, hooks->link.name);
	}
	return hooks->tcx_count[tc_hook];
}

/* A foreign bpf filter may have the same priority as ours: then the handle tells them apart. */
static void say_remove(struct checkup *checkup, const char *link, enum hook hook,
		       const struct filter *filter)
{
	char handle[32] = "";

	if (filter->bpf)
		snprintf(handle, sizeof(handle), " handle 0x%x bpf", filter->handle);
	findings_do(&checkup->findings,
		    "tc filter del dev %s %s prio %u%s # its owner can add it again behind ours, "
		    "with a higher priority number",
		    link, programs[hook].hook, filter->priority, handle);
}

/* Filters of chain 0 that run before ours, at any position of ours; each priority and kind once. */
static size_t check_filters_in_front(struct checkup *checkup, const struct attachment *attachment,
				     enum hook hook)
{
	const struct filter *ours = find_ours(attachment, hook);
	const struct filter *last = NULL;
	char what[128], words[160];
	size_t found = 0;

	if (!ours)
		return 0;
	for (const struct filter *filter = attachment->hooks.filters; filter < ours; filter++) {
		if (filter->hook != tc_hook_of(hook) || filter->chain != 0)
			continue;
		if (last && !filter->bpf && last->priority == filter->priority)
			continue;
		describe(filter, what, sizeof(what));
		snprintf(words, sizeof(words), "%s at priority %u", what, filter->priority);
		say_in_front(checkup, hook, words);
		say_remove(checkup, attachment->hooks.link.name, hook, filter);
		last = filter;
		found++;
	}
	return found;
}

static void check_in_front(struct checkup *checkup, const struct attachment *attachment)
{
	struct findings *findings = &checkup->findings;
	bool may_query = capabilities_have(CAP_NET_ADMIN);
	size_t found = 0;

	for (int i = 0; i < HOOK_XDP; i++)
		if (generation_wants(&attachment->current, i))
			found += check_tcx(checkup, attachment, i) +
				 check_filters_in_front(checkup, attachment, i);
	if (found)
		return;
	findings_add(findings, may_query ? FINDING_OK : FINDING_NOTE, "in-front",
		     "nobody else's %s runs before ours", may_query ? "program" : "tc filter");
	if (!may_query)
		findings_why(findings, "TCX programs, which would run before it, were not looked "
				       "for: that takes CAP_NET_ADMIN");
	if (!may_query)
		findings_do(findings, "run policyctl doctor as root");
}

static void check_jited(struct checkup *checkup, const struct attachment *attachment)
{
	struct findings *findings = &checkup->findings;

	for (int i = 0; i < HOOK_COUNT; i++) {
		if (!generation_wants(&attachment->current, i) ||
		    program_is_jited(attachment->current.programs[i].fd) != 0)
			continue;
		findings_add(findings, FINDING_WARNING, "jit",
			     "program %u is interpreted: it was loaded while the JIT was off",
			     our_id(attachment, i));
		findings_why(findings, "each packet costs several times as much");
		findings_do(findings,
			    "sysctl -w net.core.bpf_jit_enable=1, then policyctl apply %s",
			    attachment->hooks.link.name);
		return;
	}
}

void checkup_hooks(struct checkup *checkup, const struct attachment *attachment)
{
	check_xdp(checkup, attachment);
	check_filter(checkup, attachment, HOOK_GUARD);
	check_filter(checkup, attachment, HOOK_EGRESS);
	check_in_front(checkup, attachment);
	check_jited(checkup, attachment);
}
