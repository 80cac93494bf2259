// SPDX-License-Identifier: GPL-2.0-only
/* What policyctl attached in other network namespaces, and pins of namespaces that are gone. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checkup.h"
#include "error.h"
#include "gate.h"
#include "util.h"

static const struct room *room_of(const struct checkup *checkup, uint64_t cookie)
{
	for (size_t i = 0; i < checkup->room_count; i++)
		if (checkup->rooms[i].cookie == cookie)
			return &checkup->rooms[i];
	return NULL;
}

/* Ends a list that does not fit with dots. */
static void append(char *list, size_t size, const char *separator, const char *item)
{
	size_t used = strlen(list);

	if (used + strlen(item) + 8 < size)
		snprintf(list + used, size - used, "%s%s", used ? separator : "", item);
	else if (!strstr(list, "..."))
		snprintf(list + used, size - used, "%s...", separator);
}

struct places {
	size_t others, gone;
	char others_names[400], gone_paths[400]; /* with commas, with blanks */
	const char *an_other; /* leads there */
};

static void add_place(const struct checkup *checkup, struct places *places, uint64_t cookie)
{
	const struct room *room = room_of(checkup, cookie);
	_cleanup_(freep) uint32_t *numbers = NULL;
	size_t count = 0;
	char path[PATH_MAX], item[128];

	snprintf(path, sizeof(path), "%s/net-%" PRIu64, checkup->session.store.root, cookie);
	if (!strcmp(path, checkup->session.store.path))
		return;
	if (store_numbers(path, &numbers, &count)) {
		error_clear();
		return;
	}
	if (room && count) {
		places->others++;
		snprintf(item, sizeof(item), "%s (%zu)", room->name, count);
		append(places->others_names, sizeof(places->others_names), ", ", item);
		places->an_other = room->path;
	} else if (!room) {
		places->gone++;
		append(places->gone_paths, sizeof(places->gone_paths), " ", path);
	}
}

static void say_others(struct checkup *checkup, const struct places *places)
{
	struct findings *findings = &checkup->findings;

	if (!places->others)
		return;
	findings_add(findings, FINDING_NOTE, "other-namespaces",
		     "%zu other network namespace%s with attachments: %s", places->others,
		     places->others == 1 ? "" : "s", places->others_names);
	findings_why(findings, "list, show and doctor speak of the one they run in");
	findings_do(findings, "nsenter --net=%s policyctl doctor", places->an_other);
}

static void say_gone(struct checkup *checkup, const struct places *places)
{
	struct findings *findings = &checkup->findings;

	if (!places->gone)
		return;
	if (!checkup->toured) {
		findings_add(findings, FINDING_NOTE, "gone-namespaces",
			     "%zu other network namespace%s pins of policyctl, which cannot be "
			     "looked at",
			     places->gone, places->gone == 1 ? " has" : "s have");
		findings_why(findings,
			     "to tell whether they still live takes CAP_SYS_ADMIN: they may be "
			     "leftovers that hold memory");
		findings_do(findings, "run policyctl doctor as root");
		return;
	}
	findings_add(findings, FINDING_NOTE, "gone-namespaces",
		     "pins of %zu network namespace%s that no process and no name leads to",
		     places->gone, places->gone == 1 ? "" : "s");
	findings_why(findings, "it was deleted while something was attached in it; the pins hold "
			       "the memory of programs and maps");
	findings_do(findings,
		    "rm -r %s # if it is gone indeed; policyctl detach --all before deleting a "
		    "namespace avoids it",
		    places->gone_paths);
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
	if (!checkup->toured) {
		findings_add(findings, FINDING_NOTE, "namespaces",
			     "other network namespaces cannot be looked at");
		findings_why(findings, "that takes CAP_SYS_ADMIN: where the veths of containers "
				       "lead to, and what the containers may do, stays open");
		findings_do(findings, "run policyctl doctor as root");
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

/* What waits for a daemon that was killed. */
static void say_held(struct checkup *checkup)
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
		append(names, sizeof(names), ", ", one);
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

void checkup_places(struct checkup *checkup)
{
	DIR *directory = NULL;
	struct places places = {};
	struct dirent *entry;
	uint64_t cookie;

	if (checkup->looked)
		directory = opendir(checkup->session.store.root);
	while (directory && (entry = readdir(directory)))
		if (sscanf(entry->d_name, "net-%" SCNu64, &cookie) == 1)
			add_place(checkup, &places, cookie);
	if (directory)
		closedir(directory);
	say_attached(checkup);
	say_held(checkup);
	checkup_other_veths(checkup);
	say_others(checkup, &places);
	say_gone(checkup, &places);
}
