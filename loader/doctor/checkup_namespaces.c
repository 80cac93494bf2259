// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checkup.h"
#include "checkup_namespaces.h"
#include "checkup_quarantine.h"
#include "checkup_veths.h"
#include "error.h"
#include "gate.h"
#include "name_list.h"
#include "util.h"

/* What is pinned below the directories of other namespaces. */
struct pinned {
	size_t others, gone;
	char others_names[400], gone_paths[400]; /* with commas, with blanks */
	const char *an_other; /* path of one of the others */
};

static void add_pinned(const struct checkup *checkup, struct pinned *pinned, uint64_t cookie)
{
	const struct other_namespace *other = other_namespace_with_cookie(&checkup->others, cookie);
	_cleanup_(freep) uint32_t *numbers = NULL;
	size_t count = 0;
	char path[PATH_MAX], item[128];

	snprintf(path, sizeof(path), "%s/net-%" PRIu64, checkup->session.pins.root, cookie);
	if (!strcmp(path, checkup->session.pins.path))
		return;
	if (pins_numbers(path, &numbers, &count)) {
		error_clear();
		return;
	}
	if (other && count) {
		pinned->others++;
		snprintf(item, sizeof(item), "%s (%zu)", other->name, count);
		name_list_add(pinned->others_names, sizeof(pinned->others_names), ", ", item);
		pinned->an_other = other->path;
	} else if (!other) {
		pinned->gone++;
		name_list_add(pinned->gone_paths, sizeof(pinned->gone_paths), " ", path);
	}
}

static void say_others(struct checkup *checkup, const struct pinned *pinned)
{
	struct findings *findings = &checkup->findings;

	if (!pinned->others)
		return;
	findings_add(findings, FINDING_NOTE, "other-namespaces",
		     "%zu other network namespace%s with attachments: %s", pinned->others,
		     pinned->others == 1 ? "" : "s", pinned->others_names);
	findings_why(findings, "list, show and doctor speak of the one they run in");
	findings_do(findings, "nsenter --net=%s policyctl doctor", pinned->an_other);
}

static void say_gone(struct checkup *checkup, const struct pinned *pinned)
{
	struct findings *findings = &checkup->findings;

	if (!pinned->gone)
		return;
	if (!checkup->others.complete) {
		findings_add(findings, FINDING_NOTE, "gone-namespaces",
			     "%zu other network namespace%s pins of policyctl, which cannot be "
			     "looked at",
			     pinned->gone, pinned->gone == 1 ? " has" : "s have");
		findings_why(findings, "to tell whether they still live takes CAP_SYS_ADMIN and "
				       "CAP_SYS_PTRACE: they may be leftovers that hold memory");
		findings_do(findings, "run policyctl doctor as root, on the host");
		return;
	}
	findings_add(findings, FINDING_NOTE, "gone-namespaces",
		     "pins of %zu network namespace%s that no process and no name leads to",
		     pinned->gone, pinned->gone == 1 ? "" : "s");
	findings_why(findings, "it was deleted while something was attached in it; the pins hold "
			       "the memory of programs and maps");
	findings_do(findings,
		    "rm -r %s # if it is gone indeed; policyctl detach --all before deleting a "
		    "namespace avoids it",
		    pinned->gone_paths);
}

static void say_attached(struct checkup *checkup)
{
	struct findings *findings = &checkup->findings;

	if (!checkup->looked && checkup->unseen[0]) {
		findings_add(findings, FINDING_WARNING, "attached",
			     "what is attached cannot be looked at: %s", checkup->unseen);
		findings_why(findings, "whether policies are in force stays open; if they are, "
				       "they are enforced all the same");
		findings_do(findings, "run policyctl doctor as root, where it attached");
	}
	if (!checkup->others.complete) {
		findings_add(findings, FINDING_NOTE, "namespaces",
			     "some other network namespaces cannot be looked at");
		findings_why(findings, "that takes CAP_SYS_ADMIN and CAP_SYS_PTRACE: where the "
				       "veths of containers "
				       "lead to, and what the containers may do, stays open");
		findings_do(findings, "run policyctl doctor as root, on the host");
	}
	if (!checkup->looked)
		return;
	if (checkup->attached_count)
		findings_add(findings, FINDING_OK, "attached",
			     "%zu interface%s in this network namespace", checkup->attached_count,
			     checkup->attached_count == 1 ? "" : "s");
	else
		findings_add(findings, FINDING_OK, "attached",
			     "nothing is attached in this network namespace");
}

/* Interfaces that a killed daemon or sidecar left held. */
static void say_abandoned(struct checkup *checkup)
{
	struct findings *findings = &checkup->findings;
	const char *one = NULL;
	char names[256] = "";
	size_t count = 0;

	for (size_t i = 0; i < checkup->link_count && checkup->looked; i++) {
		_cleanup_(hooks_free) struct hooks hooks = {};
		const struct link *link = &checkup->links[i];

		if (hooks_read(checkup->session.nl, link->ifindex, &hooks) ||
		    !gates_abandoned(&checkup->session, &hooks))
			continue;
		one = link->name;
		count++;
		name_list_add(names, sizeof(names), ", ", one);
	}
	error_clear();
	if (!count)
		return;
	findings_add(findings, FINDING_WARNING, "held",
		     "%zu interface%s held by a process that is gone: %s", count,
		     count == 1 ? " is" : "s are", names);
	findings_why(findings, "a daemon or a sidecar was killed before it knew whose they are: "
			       "next to nothing passes there until the next one decides");
	findings_do(findings, "start it again, or policyctl detach %s", count == 1 ? one : "--all");
}

static const struct link *find_link(const struct checkup *checkup, uint32_t ifindex)
{
	for (size_t i = 0; i < checkup->link_count; i++)
		if (checkup->links[i].ifindex == ifindex)
			return &checkup->links[i];
	return NULL;
}

/* Interfaces that a daemon or a sidecar holds now, each with the reason that it wrote down. */
static void say_held(struct checkup *checkup)
{
	struct findings *findings = &checkup->findings;
	_cleanup_(freep) struct held *held = NULL;
	size_t count = 0;

	if (checkup->looked)
		gates_held(&checkup->session, &held, &count);
	error_clear();
	for (size_t i = 0; i < count; i++) {
		const struct link *link = find_link(checkup, held[i].hold.ifindex);

		if (!link || held[i].abandoned)
			continue;
		findings_add(findings, FINDING_WARNING, "held", "%s holds %s: %s",
			     held[i].daemon ? "the daemon" : "a sidecar", link->name,
			     held[i].hold.why);
		findings_why(findings, "next to nothing passes there until it is known whose it "
				       "is, or that it is no container's");
	}
}

void checkup_namespaces(struct checkup *checkup)
{
	DIR *directory = NULL;
	struct pinned pinned = {};
	struct dirent *entry;
	uint64_t cookie;

	if (checkup->looked)
		directory = opendir(checkup->session.pins.root);
	while (directory && (entry = readdir(directory)))
		if (sscanf(entry->d_name, "net-%" SCNu64, &cookie) == 1)
			add_pinned(checkup, &pinned, cookie);
	if (directory)
		closedir(directory);
	say_attached(checkup);
	say_abandoned(checkup);
	say_held(checkup);
	checkup_veths(checkup);
	checkup_quarantined_containers(checkup);
	say_others(checkup, &pinned);
	say_gone(checkup, &pinned);
}
