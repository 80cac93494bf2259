// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "checkup_quarantine.h"
#include "error.h"
#include "gate.h"
#include "quarantine.h"
#include "quarantine_record.h"
#include "terminal.h"
#include "util.h"

void checkup_quarantine(struct checkup *checkup, const struct attachment *attachment)
{
	struct findings *findings = &checkup->findings;
	char since[64];

	if (attachment->current.meta.quarantine == QUARANTINE_NONE)
		return;
	readable_time(attachment->current.meta.changed_at, since);
	findings_add(findings, FINDING_NOTE, "quarantine", "in quarantine, since %s", since);
	findings_why(findings, "all is dropped but what was named then, and no other command "
			       "changes it");
	findings_do(findings, "policyctl release %s, when the incident is over",
		    attachment->hooks.link.name);
}

/* What is attached for one container. */
struct found {
	size_t in_quarantine;
	size_t other; /* with another policy */
};

static void look(struct checkup *checkup, uint32_t ifindex, const char *container,
		 struct found *found)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	const struct owner *owner = &attachment.current.owner;
	int error = attachment_open(&checkup->session, ifindex, &attachment);

	error_clear();
	if (error || !owner_is(owner) || strcmp(owner->container, container) != 0)
		return;
	if (attachment.current.meta.quarantine)
		found->in_quarantine++;
	else
		found->other++;
}

static void say(struct checkup *checkup, const struct quarantine_record *record,
		const struct found *found)
{
	const char *name = record->name[0] ? record->name : record->container;
	bool followed = gate_check_daemon(&checkup->session);
	struct findings *findings = &checkup->findings;

	error_clear();
	if (found->other) {
		findings_add(findings, FINDING_FAULT, "quarantine",
			     "%s is in quarantine, but %zu of its interfaces have another policy",
			     name, found->other);
		findings_why(findings, "it was begun and not finished, or nothing follows %s",
			     name);
		findings_do(findings, "policyctl quarantine container:%s, once more", name);
	} else if (!found->in_quarantine) {
		findings_add(findings, followed ? FINDING_NOTE : FINDING_WARNING, "quarantine",
			     "%s is in quarantine, and nothing is attached for it", name);
		findings_why(findings, followed ? "it does not run: it is in quarantine from its "
						  "next start on"
						: "if it runs, nothing judges its packets: no "
						  "daemon follows containers here");
		findings_do(findings,
			    followed ? "nothing; policyctl release container:%s, if it is over"
				     : "policyctl quarantine container:%s, once more, if it runs; "
				       "or release it",
			    name);
	}
}

void checkup_quarantined_containers(struct checkup *checkup)
{
	struct quarantine_record *records = NULL;
	size_t count = 0;

	if (!checkup->looked || checkup->session.pins.lock < 0 ||
	    quarantine_records_read(checkup->session.pins.path, &records, &count))
		error_clear();
	for (size_t i = 0; i < count; i++) {
		struct found found = {};

		for (size_t j = 0; j < checkup->attached_count; j++)
			look(checkup, checkup->attached[j], records[i].container, &found);
		say(checkup, &records[i], &found);
	}
	quarantine_records_free(records, count);
}
