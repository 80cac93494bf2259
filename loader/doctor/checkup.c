// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "checkup.h"
#include "checkup_names.h"
#include "error.h"
#include "util.h"

static void look_at_pins(struct checkup *checkup)
{
	struct session *session = &checkup->session;
	int error = pins_locate(&session->pins, false);

	if (error) {
		snprintf(checkup->nowhere, sizeof(checkup->nowhere), "%s", error_message(error));
		error_clear();
		return;
	}
	error = pins_look(&session->pins, &checkup->holder);
	if (!error)
		error = attachment_list(session, &checkup->attached, &checkup->attached_count);
	checkup->looked = !error;
	if (error)
		snprintf(checkup->unseen, sizeof(checkup->unseen), "%s", error_message(error));
	error_clear();
}

int checkup_open(struct checkup *checkup)
{
	int error = nl_open(&checkup->session.nl);

	look_at_pins(checkup);
	error = error ?: nl_links(checkup->session.nl, &checkup->links, &checkup->link_count);
	return error ?: other_namespaces_read(checkup->session.nl, &checkup->others);
}

void checkup_unlock(struct checkup *checkup)
{
	closep(&checkup->session.pins.lock); /* no pins_close(): it would tidy up */
}

void checkup_close(struct checkup *checkup)
{
	checkup_names_forget(checkup);
	other_namespaces_clear(&checkup->others);
	free(checkup->links);
	free(checkup->attached);
	checkup_unlock(checkup);
	nl_closep(&checkup->session.nl);
	findings_clear(&checkup->findings);
}

bool checkup_has_policy(const struct checkup *checkup, uint32_t ifindex)
{
	for (size_t i = 0; i < checkup->attached_count; i++)
		if (checkup->attached[i] == ifindex)
			return true;
	return false;
}

const struct link *checkup_link_at(const struct checkup *checkup, uint32_t ifindex)
{
	for (size_t i = 0; i < checkup->link_count; i++)
		if (checkup->links[i].ifindex == ifindex)
			return &checkup->links[i];
	return NULL;
}
