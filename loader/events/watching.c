// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "clock.h"
#include "error.h"
#include "evaluate.h"
#include "known_policies.h"
#include "reasons.h"
#include "util.h"
#include "watching.h"

/* Between so many events at the latest the caller gets his turn: who is told more than he can write
 * would hear of no signal, and write nothing out. */
#define BATCH 4096

/* What was lost is looked up less often: it is 4 kB for each CPU that there can be. */
#define PAUSES_EACH_LOSS 10

struct watching {
	const struct observer *observer;
	struct observed observed;
	struct reader *reader;
	struct known_policies known;
	uint64_t changes; /* reader_changes() when `known` was learned */
	uint64_t unknown; /* generation that was looked for last and not found, 0: none */
	uint64_t offset_ns; /* from the clock of events to the time of day */
	unsigned int batch; /* events of the drain that runs */
	unsigned int pauses; /* of the observer, so far */
	int status; /* of the observer: 0 go on, 1 it has enough, or what failed */
};

/* --- what is known --- */

static int learn(struct watching *w)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	uint64_t changes = reader_changes(w->reader);
	int error = session_open(&session, false);

	if (!error)
		w->changes = changes;
	return error ?: known_policies_learn(&w->known, &session);
}

static int learn_changes(struct watching *w)
{
	int error = reader_changes(w->reader) == w->changes ? 0 : learn(w);

	/* By the signal that ends us, which is still there; somebody has the store for long. */
	return error == -EINTR || error == -EBUSY ? 0 : error;
}

/* Its policy, if that can be found out. To try is dear, and many events may be of one that is gone:
 * once is enough; what changes is learned of anyway. */
static const struct known_policy *policy_of(struct watching *w, const struct pctl_event *event)
{
	const struct known_policy *policy = known_policies_find(&w->known, event->generation);

	if (policy || event->generation == w->unknown)
		return policy;
	if (!learn(w))
		policy = known_policies_find(&w->known, event->generation);
	if (!policy)
		w->unknown = event->generation;
	return policy;
}

/* --- times --- */

static void read_clocks(struct watching *w)
{
	w->offset_ns = clock_realtime_ns() - clock_boot_ns();
}

/* --- from event to observation --- */

/* Several implicit rules share a slot: which one it was, the packet's protocol says. */
static const struct implicit_rule *implicit_rule(uint32_t slot, const struct pctl_event *event)
{
	const struct implicit_rule *found = NULL;
	struct packet_fields fields;

	packet_fields_read(event->data, event->captured, &fields);
	for (size_t i = 0; i < policy_implicit_rule_count; i++) {
		const struct implicit_rule *rule = &policy_implicit_rules[i];

		if (rule->slot == slot &&
		    (!found || (fields.has_protocol && fields.protocol == rule->protocol)))
			found = rule;
	}
	return found;
}

#define TEXT_SIZE 256

/* Names what decided. @text: where words for it can stand, TEXT_SIZE bytes */
static void name_rule(struct observation *o, const struct known_policy *known,
		      const struct pctl_event *event, char *text)
{
	uint32_t slot = PCTL_OUTCOME_ARG(event->outcome), number = slot - PCTL_SLOT_RULES;

	o->rule_text = text;
	if (!known) {
		snprintf(text, TEXT_SIZE, "a policy that is gone");
	} else if (slot >= PCTL_SLOT_RULES && number < known->policy->count) {
		o->decided_by = DECIDED_BY_RULE;
		o->rule = &known->policy->rules[number];
		o->rule_text = known->texts.items[number];
	} else if (slot == PCTL_SLOT_DEFAULT) {
		o->decided_by = DECIDED_BY_DEFAULT;
		snprintf(text, TEXT_SIZE, "default %s %s", policy_direction_name(o->direction),
			 policy_verdict_name(known->policy->defaults[o->direction]));
	} else {
		o->implicit = implicit_rule(slot, event);
		o->decided_by = o->implicit ? DECIDED_BY_IMPLICIT : DECIDED_BY_UNKNOWN;
		snprintf(text, TEXT_SIZE, "implicit allow %s",
			 o->implicit ? o->implicit->text : "rule");
	}
}

static int hear(void *data, const struct pctl_event *event)
{
	struct watching *w = data;
	const struct known_policy *known = policy_of(w, event);
	char name[IF_NAMESIZE] = "?", text[TEXT_SIZE];
	struct observation o = {
		.time = ns_to_timespec(event->time_ns + w->offset_ns),
		.interface = known ? known->interface : name,
		.ifindex = event->ifindex,
		.owner = known && owner_is(&known->owner) ? &known->owner : NULL,
		.direction = event->direction,
		.passed = PCTL_OUTCOME_ACTION(event->outcome) == PCTL_PASS,
		.log = event->outcome & PCTL_LOG,
		.reason = event->reason,
		.reason_name = reason_name(event->reason),
		.reason_meaning = reason_meaning(event->reason),
		.packets = event->packets,
		.length = event->length,
		.frame = event->data,
		.captured = event->captured,
	};

	if (!known)
		if_indextoname(event->ifindex, name);
	name_rule(&o, known, event, text);
	w->observed.events++;
	w->observed.packets += event->packets;
	w->status = w->observer->each(w->observer->data, &o);
	if (w->status)
		return w->status < 0 ? w->status : -ECANCELED;
	return ++w->batch < BATCH ? 0 : -EAGAIN;
}

/* --- step by step --- */

/* Returns whether there may be more. */
static bool drain(struct watching *w)
{
	int error;

	read_clocks(w);
	w->batch = 0;
	error = reader_drain(w->reader, hear, w);
	if (error < 0 && error != -EAGAIN && !w->status)
		w->status = error;
	return !w->status && error == -EAGAIN;
}

void watching_pause(struct watching *w)
{
	const struct observer *observer = w->observer;

	if (w->status || !observer->pause)
		return;
	if (w->pauses++ % PAUSES_EACH_LOSS == 0)
		w->status = reader_lost(w->reader, &w->observed.lost);
	if (!w->status)
		w->status = observer->pause(observer->data, &w->observed);
}

bool watching_step(struct watching *w)
{
	bool more;

	if (!w->status)
		w->status = learn_changes(w);
	more = !w->status && drain(w);
	watching_pause(w);
	return more;
}

void watching_finish(struct watching *w)
{
	bool more = !w->status;

	reader_stop(w->reader);
	while (more && !w->status) {
		more = drain(w);
		watching_pause(w);
	}
	if (w->status >= 0) {
		int error = reader_lost(w->reader, &w->observed.lost);

		w->status = error ?: w->status;
	}
}

int watching_status(const struct watching *w)
{
	return w->status;
}

const struct observed *watching_observed(const struct watching *w)
{
	return &w->observed;
}

/* Somebody removed pins: what was attached before has other maps than this reader, and would be
 * silent without a word. */
static int warn_of_silent(struct session *session, const struct event_maps *maps,
			  const struct reader_settings *settings)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	size_t count = 0;
	int error = attachment_list(session, &ifindexes, &count);

	for (size_t i = 0; i < count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		if ((settings->ifindex && settings->ifindex != ifindexes[i]) ||
		    attachment_open(session, ifindexes[i], &attachment) ||
		    generation_notifies(&attachment.current, maps->fds[EVENT_SUBSCRIPTIONS]))
			continue;
		notice("%s: somebody removed the pins of the maps of events, so nothing is heard "
		       "of it until its policy is replaced (apply), or it is attached anew",
		       attachment.hooks.link.name);
	}
	error_clear();
	return error;
}

int watching_open(struct session *session, const struct reader_settings *settings,
		  const struct observer *observer, struct watching **watching)
{
	_cleanup_(event_maps_close) struct event_maps maps = EVENT_MAPS_EMPTY;
	struct watching *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return -ENOMEM;
	w->observer = observer;
	error = event_maps_get(session->store.path, &maps);
	error = error ?: reader_open(&maps, session->store.path, settings, &w->reader);
	error = error ?: known_policies_learn(&w->known, session);
	error = error ?: warn_of_silent(session, &maps, settings);
	if (error) {
		if (w->reader)
			reader_close(w->reader);
		known_policies_clear(&w->known);
		free(w);
		return error;
	}
	w->changes = reader_changes(w->reader);
	*watching = w;
	return 0;
}

void watching_close(struct watching *w)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;

	if (!w)
		return;
	reader_close(w->reader);
	known_policies_clear(&w->known);
	free(w);
	/* The last one out takes the maps along, if nothing is attached. */
	if (session_open(&session, false))
		notice("%s", error_message(0));
}
