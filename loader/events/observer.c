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
#include "observer.h"
#include "peer_sets.h"
#include "reasons.h"
#include "util.h"

#define TEXT_SIZE 256

struct observer {
	struct reader *reader;
	struct known_policies known;
	struct peer_sets peers;
	uint64_t changes; /* reader_changes() when `known` was learned */
	uint64_t unknown; /* the generation that was looked for last in vain; 0: none */
	uint64_t offset_ns; /* what the time of day is ahead of the clock of events */
	unsigned int fresh; /* so many more events are read before refresh() */
	/* The last observation points here: */
	char name[IF_NAMESIZE], text[TEXT_SIZE];
};

/* --- what is known --- */

static int learn(struct observer *observer)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	uint64_t changes = reader_changes(observer->reader);
	int error = session_open(&session, PINS_READ);

	if (!error)
		observer->changes = changes;
	return error ?: known_policies_learn(&observer->known, &session, &observer->peers.maps);
}

static int learn_changes(struct observer *observer)
{
	int error = reader_changes(observer->reader) == observer->changes ? 0 : learn(observer);

	/* A signal interrupts the wait for the lock, or another process has it for long: the next
	 * batch tries again. */
	return error == -EINTR || error == -EBUSY ? 0 : error;
}

/* The policy of an event, if it can be found. Looking is expensive, and a policy that is gone may
 * have many events: one look is enough, since later changes are learned of anyway. */
static const struct known_policy *policy_of(struct observer *observer,
					    const struct pctl_event *event)
{
	const struct known_policy *policy =
		known_policies_find(&observer->known, event->generation);

	if (policy || event->generation == observer->unknown)
		return policy;
	if (!learn(observer))
		policy = known_policies_find(&observer->known, event->generation);
	if (!policy)
		observer->unknown = event->generation;
	return policy;
}

/* --- from event to observation --- */

/* The implicit rule that decided. Several share a slot: the packet's protocol tells which it was.
 */
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

/* The rule that counts in a slot, or whose rate was exceeded. False: it is no rule's. */
static bool rule_of_slot(const struct policy *policy, uint32_t slot, size_t *number)
{
	if (slot < PCTL_SLOT_RULES)
		return false;
	*number = slot - PCTL_SLOT_RULES;
	if (*number >= policy->count && !policy_over_owner(policy, slot, number))
		*number = policy->count;
	return *number < policy->count;
}

/* Says in the observation what decided: a rule, an implicit rule or the default. */
static void name_decider(struct observer *observer, const struct known_policy *known,
			 const struct pctl_event *event, struct observation *o)
{
	uint32_t slot = PCTL_OUTCOME_ARG(event->outcome);
	_cleanup_(freep) char *words = NULL;
	char *text = observer->text;
	size_t number;

	o->rule_text = text;
	if (!known) {
		snprintf(text, TEXT_SIZE, "a policy that is gone");
	} else if (rule_of_slot(known->policy, slot, &number)) {
		o->decided_by = DECIDED_BY_RULE;
		o->rule = &known->policy->rules[number];
		o->rule_text = known->texts.items[number];
	} else if (slot == PCTL_SLOT_DEFAULT || slot > PCTL_SLOT_RULES) {
		o->decided_by = DECIDED_BY_DEFAULT;
		words = policy_default_print(known->policy, o->direction);
		snprintf(text, TEXT_SIZE, "%s", words ?: "default");
	} else {
		o->implicit = implicit_rule(slot, event);
		o->decided_by = o->implicit ? DECIDED_BY_IMPLICIT : DECIDED_BY_UNKNOWN;
		snprintf(text, TEXT_SIZE, "implicit allow %s",
			 o->implicit ? o->implicit->text : "rule");
	}
}

static const char *name_interface(struct observer *observer, const struct known_policy *known,
				  uint32_t ifindex)
{
	if (known)
		return known->interface;
	return if_indextoname(ifindex, observer->name) ?: "?";
}

static void describe(struct observer *observer, const struct pctl_event *event,
		     struct observation *observation)
{
	const struct known_policy *known = policy_of(observer, event);

	*observation = (struct observation){
		.time = ns_to_timespec(event->time_ns + observer->offset_ns),
		.interface = name_interface(observer, known, event->ifindex),
		.ifindex = event->ifindex,
		.owner = known && owner_is(&known->owner) ? &known->owner : NULL,
		.direction = event->direction,
		.log = event->outcome & PCTL_LOG,
		.reason = event->reason,
		.reason_name = reason_name(event->reason),
		.reason_meaning = reason_meaning(event->reason),
		.packets = event->packets,
		.length = event->length,
		.captured = event->captured,
		.frame = event->data,
	};
	policy_read_action(PCTL_OUTCOME_ACTION(event->outcome), &observation->verdict,
			   &observation->audit);
	name_decider(observer, known, event, observation);
	if (known)
		observation->live_count = peer_sets_find(
			&observer->peers, &known->live, event->generation, event->direction,
			event->data, event->captured, event->length, &observation->live);
}

/* Learns what has changed since the last time: policies, and the time of day. */
static int refresh(struct observer *observer)
{
	observer->fresh = OBSERVER_BATCH;
	peer_sets_begin(&observer->peers);
	observer->offset_ns = clock_realtime_ns() - clock_boot_ns();
	return learn_changes(observer);
}

int observer_next(struct observer *observer, struct observation *observation)
{
	const struct pctl_event *event;
	int error = observer->fresh ? 0 : refresh(observer);

	if (error)
		return error;
	observer->fresh--;
	event = reader_next(observer->reader);
	if (event)
		describe(observer, event, observation);
	else
		observer->fresh = 0; /* the next event may come much later: refresh before it */
	return event ? 1 : 0;
}

int observer_lost(struct observer *observer, struct reader_lost *lost)
{
	return reader_lost(observer->reader, lost);
}

/* --- opening and closing --- */

/* Gives notice of attachments that write their events to other maps than this reader reads, because
 * pins were removed. Their packets would be missing without a word. */
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

/*
 * Without the lock, a process that holds it may be about to remove the maps, as it does when
 * nothing is attached and nothing reads. Not while something is attached, and our claim is made.
 */
static int check_maps_stay(const struct session *session, const struct event_maps *maps)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	struct lock_holder holder;
	size_t count = 0;
	int error = session->pins.held ? 0 : attachment_list(session, &ifindexes, &count);

	if (error || session->pins.held ||
	    (count && event_maps_are_pinned(maps, session->pins.path)))
		return error;
	lock_find_holder(session->pins.lock, &holder);
	return error_set(-EBUSY, "%s holds the lock, and nothing is attached yet", holder.words);
}

static void free_observer(struct observer *observer)
{
	reader_close(observer->reader);
	known_policies_clear(&observer->known);
	live_maps_close(&observer->peers.maps);
	free(observer);
}

int observer_open(struct session *session, const struct reader_settings *settings,
		  struct observer **observer)
{
	_cleanup_(event_maps_close) struct event_maps maps = EVENT_MAPS_EMPTY;
	struct observer *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	new->peers.maps = (struct live_maps)LIVE_MAPS_EMPTY;
	error = event_maps_get(session->pins.path, &maps);
	error = error ?: reader_open(&maps, session->pins.path, settings, &new->reader);
	error = error ?: check_maps_stay(session, &maps);
	error = error ?: known_policies_learn(&new->known, session, &new->peers.maps);
	error = error ?: warn_of_silent(session, &maps, settings);
	if (error) {
		free_observer(new);
		return error;
	}
	new->changes = reader_changes(new->reader);
	*observer = new;
	return 0;
}

void observer_stop(struct observer *observer)
{
	reader_stop(observer->reader);
}

void observer_close(struct observer *observer)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;

	if (!observer)
		return;
	free_observer(observer);
	/* If this was the last reader and nothing is attached, the session removes the maps. */
	if (session_open(&session, PINS_READ))
		notice("%s", error_message(0));
}
