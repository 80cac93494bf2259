// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkup_shape.h"
#include "error.h"
#include "shape_device.h"
#include "shaped.h"
#include "util.h"

/* What `shape` takes: a function of it, and its module. */
static const struct {
	const char *name, *function, *module, *option;
} parts[] = {
	{ "htb", "htb_enqueue", "sch_htb.ko", "CONFIG_NET_SCH_HTB" },
	{ "tbf", "tbf_enqueue", "sch_tbf.ko", "CONFIG_NET_SCH_TBF" },
	{ "ifb", "ifb_xmit", "ifb.ko", "CONFIG_IFB" },
	{ "mirred", "tcf_mirred_act", "act_mirred.ko", "CONFIG_NET_ACT_MIRRED" },
};

#define PARTS ARRAY_SIZE(parts)

/* --- the kernel --- */

/* A line is "ADDRESS TYPE NAME [MODULE]". */
static void find_functions(bool found[PARTS])
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %255s", name) == 1)
			for (size_t i = 0; i < PARTS; i++)
				found[i] = found[i] || !strcmp(name, parts[i].function);
	if (file)
		fclose(file);
}

/* The kernel loads a module by itself when it is asked for. A line is "PATH: PATH…". */
static void find_modules(const char *release, bool found[PARTS])
{
	char path[128], *line = NULL, *end, *name;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0) {
		end = strchr(line, ':');
		if (end)
			*end = '\0';
		name = strrchr(line, '/');
		for (size_t i = 0; name && i < PARTS; i++)
			found[i] = found[i] ||
				   !strncmp(name + 1, parts[i].module, strlen(parts[i].module));
	}
	free(line);
	if (file)
		fclose(file);
}

void checkup_shape_kernel(struct checkup *checkup, const char *release)
{
	struct findings *findings = &checkup->findings;
	char missing[128] = "", options[128] = "";
	bool found[PARTS] = {};

	find_functions(found);
	find_modules(release, found);
	for (size_t i = 0; i < PARTS; i++) {
		size_t used = strlen(missing), used_options = strlen(options);

		if (found[i])
			continue;
		snprintf(missing + used, sizeof(missing) - used, "%s%s", used ? ", " : "",
			 parts[i].name);
		snprintf(options + used_options, sizeof(options) - used_options, "%s%s",
			 used ? ", " : "", parts[i].option);
	}
	if (!missing[0]) {
		findings_add(findings, FINDING_OK, "shape",
			     "htb, tbf, ifb and mirred are there: rules can have `shape`");
		return;
	}
	findings_add(findings, FINDING_NOTE, "shape", "this kernel seems not to have %s", missing);
	findings_why(findings, "rules with `shape` need it, and will be refused");
	findings_do(findings, "a kernel with %s, or `rate` in place of `shape`", options);
}

/* --- an attachment --- */

static bool shapes(const struct attachment *attachment, enum pctl_direction direction)
{
	return attachment->current.meta.shapes & 1u << direction;
}

static void say(struct checkup *checkup, const struct attachment *attachment, const char *why)
{
	const char *name = attachment->hooks.link.name;

	findings_why(&checkup->findings, "%s", why);
	findings_do(&checkup->findings,
		    "policyctl show %s >policy && policyctl attach %s --policy policy", name, name);
}

static bool check_to(struct checkup *checkup, const struct attachment *attachment)
{
	const struct qdiscs *qdiscs = &attachment->hooks.qdiscs;

	if (!shapes(attachment, PCTL_TO) || hooks_shape_root(&attachment->hooks))
		return true;
	findings_add(&checkup->findings, FINDING_FAULT, "shape",
		     "the root qdisc is not policyctl's htb: %s",
		     qdiscs->root_handle ? qdiscs->root : "it was removed");
	say(checkup, attachment, "what the container receives does not wait: it has no limit");
	return false;
}

static bool check_from(struct checkup *checkup, const struct attachment *attachment)
{
	const struct filter *filter = hooks_shape_filter(&attachment->hooks);
	char device[IF_NAMESIZE];

	if (!shapes(attachment, PCTL_FROM) || (filter && filter->redirect))
		return true;
	shape_device_name(attachment->hooks.link.ifindex, device);
	if (filter) {
		findings_add(&checkup->findings, FINDING_FAULT, "shape",
			     "the device %s was removed", device);
		say(checkup, attachment, "what the container sends and is to wait is lost");
		return false;
	}
	findings_add(&checkup->findings, FINDING_FAULT, "shape",
		     "the filter that sends packets to %s was removed (clsact ingress, priority "
		     "%u)",
		     device, SHAPE_PRIORITY);
	say(checkup, attachment, "what the container sends does not wait: it has no limit");
	return false;
}

static void check_queues(struct checkup *checkup, const struct attachment *attachment)
{
	_cleanup_(freep) struct shaped *shaped = NULL;
	struct findings *findings = &checkup->findings;
	char name[SHAPED_NAME];
	size_t count = 0, missing = 0;
	int error = shaping_read(checkup->session.nl, &attachment->current, &shaped, &count);

	if (error) {
		findings_add(findings, FINDING_WARNING, "shape", "%s", error_message(error));
		error_clear();
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (shaped[i].there || missing++)
			continue;
		shaped_name(&shaped[i], name);
		findings_add(findings, FINDING_WARNING, "shape", "there is no queue for %s", name);
		say(checkup, attachment, "its packets do not wait: they have no limit");
	}
	if (!missing)
		findings_add(findings, FINDING_OK, "shape", "%zu queue%s in place", count,
			     count == 1 ? "" : "s");
}

void checkup_shape(struct checkup *checkup, const struct attachment *attachment)
{
	bool in_place = check_to(checkup, attachment);

	in_place = check_from(checkup, attachment) && in_place;
	if (in_place && attachment->current.meta.shapes)
		check_queues(checkup, attachment);
}
