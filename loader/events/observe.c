// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "attachment.h"
#include "command.h"
#include "error.h"
#include "evaluate.h"
#include "known_policies.h"
#include "observe.h"
#include "reasons.h"
#include "target.h"
#include "util.h"

/* Nobody wakes us: a ring is looked at this often. It has room for what comes meanwhile. */
#define TICK_MS 20

/* And between so many events at the latest, whatever is there: who is told more than he can write
 * would hear of no signal, and write nothing out. */
#define BATCH 4096

/* What was lost is looked up less often: it is 4 kB for each CPU that there can be. */
#define PAUSES_EACH_LOSS 10

struct watching {
	const struct observer *observer;
	struct observed *observed;
	struct reader *reader;
	struct known_policies known;
	uint64_t changes; /* reader_changes() when `known` was learned */
	uint64_t unknown; /* generation that was looked for last and not found, 0: none */
	struct timespec offset; /* what the clock of day is ahead of the one of events */
	unsigned int batch; /* events of the drain that runs */
	unsigned int pauses; /* of the observer, so far */
	uint32_t ifindex; /* 0: all */
	bool gone; /* the interface */
	int status; /* of the observer: 0 go on, 1 it has enough, or what failed */
};

/* --- what is known --- */

static int learn(struct watching *w)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error;

	w->changes = reader_changes(w->reader);
	error = session_open(&session, false);
	return error ?: known_policies_learn(&w->known, &session);
}

static int learn_changes(struct watching *w)
{
	int error = reader_changes(w->reader) == w->changes ? 0 : learn(w);

	return error == -EINTR ? 0 : error; /* by the signal that ends us, which is still there */
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

#define SECOND_NS 1000000000ll

static void read_clocks(struct watching *w)
{
	struct timespec boot, day;
	int64_t difference;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &day);
	difference = (day.tv_sec - boot.tv_sec) * SECOND_NS + day.tv_nsec - boot.tv_nsec;
	w->offset.tv_sec = difference / SECOND_NS;
	w->offset.tv_nsec = difference % SECOND_NS;
}

static struct timespec time_of_day(const struct watching *w, uint64_t time_ns)
{
	int64_t time = time_ns + w->offset.tv_sec * SECOND_NS + w->offset.tv_nsec;

	return (struct timespec){ .tv_sec = time / SECOND_NS, .tv_nsec = time % SECOND_NS };
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
		o->rule = &known->policy->rules[number];
		o->rule_text = known->texts.items[number];
	} else if (slot == PCTL_SLOT_DEFAULT) {
		snprintf(text, TEXT_SIZE, "default %s %s", policy_direction_name(o->direction),
			 policy_verdict_name(known->policy->defaults[o->direction]));
	} else {
		o->implicit = implicit_rule(slot, event);
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
		.time = time_of_day(w, event->time_ns),
		.interface = known ? known->interface : name,
		.ifindex = event->ifindex,
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
	w->observed->events++;
	w->observed->packets += event->packets;
	w->status = w->observer->each(w->observer->data, &o);
	if (w->status)
		return w->status < 0 ? w->status : -ECANCELED;
	return ++w->batch < BATCH ? 0 : -EAGAIN;
}

/* --- the loop --- */

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

static void pause_observer(struct watching *w)
{
	const struct observer *observer = w->observer;

	if (w->status || !observer->pause)
		return;
	if (w->pauses++ % PAUSES_EACH_LOSS == 0)
		w->status = reader_lost(w->reader, &w->observed->lost);
	if (!w->status)
		w->status = observer->pause(observer->data, w->observed);
}

/* It does not come back: another one of its name has another index. */
static bool is_gone(const struct watching *w)
{
	char name[IF_NAMESIZE];

	return w->ifindex && !if_indextoname(w->ifindex, name) && errno == ENXIO;
}

/* Until a signal comes, the interface goes, or the observer has enough. */
static void watch(struct watching *w, int signals)
{
	struct pollfd poll_fd = { .fd = signals, .events = POLLIN };
	bool more = false;

	pause_observer(w); /* it is listening */
	while (!w->status && !w->gone && !poll(&poll_fd, 1, more ? 0 : TICK_MS)) {
		w->gone = is_gone(w); /* what it had to tell is read behind that */
		w->status = learn_changes(w);
		more = !w->status && drain(w);
		pause_observer(w);
	}
}

/* What was under way is still told. */
static void finish(struct watching *w)
{
	bool more = !w->status;

	reader_stop(w->reader);
	while (more && !w->status) {
		more = drain(w);
		pause_observer(w);
	}
	if (w->status >= 0) {
		int error = reader_lost(w->reader, &w->observed->lost);

		w->status = error ?: w->status;
	}
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
		    generation_tells(&attachment.current, maps->fds[EVENT_WATCH]))
			continue;
		notice("%s: somebody removed the pins of the maps of events, so nothing is heard "
		       "of it until its policy is replaced (apply), or it is attached anew",
		       attachment.hooks.link.name);
	}
	error_clear();
	return error;
}

/* Opens the reader, with what it may be told of already known. EXIT_DONE or another status. */
static int start(struct watching *w, const char *interface, struct reader_settings settings)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(event_maps_close) struct event_maps maps = EVENT_MAPS_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error, status;

	if (interface) {
		status = target_open(interface, &session, &attachment);
		if (status != EXIT_DONE)
			return status;
		settings.ifindex = w->ifindex = attachment.current.meta.ifindex;
	} else {
		error = session_open(&session, true);
		if (error)
			return command_failed(NULL, error, NULL);
	}
	error = event_maps_get(session.store.path, &maps);
	error = error ?: reader_open(&maps, session.store.path, &settings, &w->reader);
	error = error ?: known_policies_learn(&w->known, &session);
	error = error ?: warn_of_silent(&session, &maps, &settings);
	if (error)
		return command_failed(interface, error, NULL);
	w->changes = reader_changes(w->reader);
	return EXIT_DONE;
}

/* The last one out takes the maps along, if nothing is attached. */
static void leave(struct watching *w)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;

	reader_close(w->reader);
	known_policies_clear(&w->known);
	if (session_open(&session, false))
		notice("%s", error_message(0));
}

/* What ends us. Who started us with nohup wants us to outlive the terminal. */
static void block_signals(sigset_t *set, sigset_t *before)
{
	struct sigaction hangup;

	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hangup) || hangup.sa_handler != SIG_IGN)
		sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, before);
}

void observe_say(const char *interface, const struct reader_settings *settings)
{
	fprintf(stderr, "policyctl: watching %s: %s",
		interface ?: "all attachments of this network namespace",
		settings->rate_passed ? "all packets"
				      : "dropped packets, and what rules decide that say `log`");
}

int observe(const char *interface, const struct reader_settings *settings,
	    const struct observer *observer, struct observed *observed)
{
	struct watching w = { .observer = observer, .observed = observed };
	_cleanup_(closep) int signals = -1;
	sigset_t set, before;
	int status;

	*observed = (struct observed){};
	block_signals(&set, &before);
	signal(SIGPIPE, SIG_IGN); /* a write says so too */
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
		return command_failed(NULL, error_set(-errno, "cannot wait for signals: %m"), NULL);
	status = start(&w, interface, *settings);
	if (status == EXIT_DONE) {
		watch(&w, signals);
		finish(&w);
		if (w.gone)
			notice("%s is gone: there is nothing left to watch", interface);
	}
	if (w.status < 0)
		status = command_failed(interface, w.status, NULL);
	if (w.reader)
		leave(&w);
	/* A signal that came meanwhile has done its work. */
	while (status == EXIT_DONE && sigtimedwait(&set, NULL, &(struct timespec){}) > 0)
		;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
