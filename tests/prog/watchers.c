/* SPDX-License-Identifier: GPL-2.0-only */
#include "watchers.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "error.h"
#include "util.h"

#define BPFFS "/sys/fs/bpf"

const char *own_bpffs(void)
{
	static bool mounted;

	if (!mounted)
		mounted = !unshare(CLONE_NEWNS) &&
			  !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
			  !mount("bpf", BPFFS, "bpf", 0, NULL);
	return mounted ? BPFFS : NULL;
}

struct watchers *watchers_get(void)
{
	static const struct reader_settings settings[WATCHERS] = {
		[OF_DROPPED] = { .snaplen = WATCHERS_SNAPLEN, .rate = UINT32_MAX },
		[OF_ALL] = { .snaplen = ETH_HLEN, .rate_passed = UINT32_MAX },
	};
	static struct watchers all;
	struct event_maps maps = EVENT_MAPS_EMPTY;
	const char *shared = own_bpffs();
	int error = 0;

	if (all.readers[0])
		return &all;
	if (!shared)
		error = error_set(-errno, "cannot mount a bpffs: %m");
	error = error ?: event_maps_get(shared, &maps);
	for (int i = 0; i < WATCHERS && !error; i++)
		error = reader_open(&maps, shared, &settings[i], &all.readers[i]);
	event_maps_close(&maps);
	return error ? NULL : &all;
}

static void hear(struct reader *reader, struct heard *heard)
{
	const struct pctl_event *event;

	heard->count = 0;
	while ((event = reader_next(reader))) {
		size_t size = sizeof(*event) + event->captured;

		heard->count++;
		memcpy(heard->bytes, event,
		       size < sizeof(heard->bytes) ? size : sizeof(heard->bytes));
	}
}

static bool is_one(const struct heard *heard, const struct pctl_event *as, const uint8_t *frame)
{
	const struct pctl_event *event = &heard->event;

	return heard->count == 1 && event->generation == as->generation &&
	       event->outcome == as->outcome && event->packets == 1 &&
	       event->length == as->length && event->direction == as->direction &&
	       event->reason == as->reason && event->established == as->established &&
	       event->captured == as->captured && !memcmp(event->data, frame, as->captured);
}

bool watchers_told(struct watchers *w, uint64_t generation, enum pctl_direction direction,
		   const uint8_t *frame, size_t length, const struct evaluation *e)
{
	static const enum pctl_action actions[][2] = {
		[VERDICT_ALLOW] = { PCTL_PASS, PCTL_NONE },
		[VERDICT_DENY] = { PCTL_DROP, PCTL_WOULD_DROP },
		[VERDICT_REJECT] = { PCTL_REJECT, PCTL_WOULD_REJECT },
	};
	bool passed = e->verdict == VERDICT_ALLOW;
	struct pctl_event as = {
		.generation = generation,
		.outcome = PCTL_OUTCOME(actions[e->verdict][e->audit], e->slot) |
			   (e->log ? PCTL_LOG : 0) | (e->treated ? PCTL_TREATED : 0),
		.length = length,
		.captured = length < WATCHERS_SNAPLEN ? length : WATCHERS_SNAPLEN,
		.direction = direction,
		.reason = e->reason,
		.established = e->established,
	};

	for (int i = 0; i < WATCHERS; i++)
		hear(w->readers[i], &w->heard[i]);
	if (passed && !e->log ? w->heard[OF_DROPPED].count
			      : !is_one(&w->heard[OF_DROPPED], &as, frame))
		return false;
	as.captured = ETH_HLEN;
	return is_one(&w->heard[OF_ALL], &as, frame);
}

bool watchers_lost(const struct watchers *w, FILE *out)
{
	struct reader_lost lost;
	bool any = false;

	for (int i = 0; i < WATCHERS; i++) {
		if (!reader_lost(w->readers[i], &lost) && !lost.dropped && !lost.passed)
			continue;
		any = true;
		fprintf(out, "  events lost: %llu of dropped, %llu of passed packets\n",
			(unsigned long long)lost.dropped, (unsigned long long)lost.passed);
	}
	return any;
}

void watchers_print(const struct watchers *w, FILE *out)
{
	for (int i = 0; i < WATCHERS; i++) {
		const struct heard *heard = &w->heard[i];

		fprintf(out, "  %u events", heard->count);
		if (heard->count)
			fprintf(out, ", of outcome 0x%x, %u bytes, reason %u", heard->event.outcome,
				heard->event.length, heard->event.reason);
		fputc('\n', out);
	}
}
