/* SPDX-License-Identifier: GPL-2.0-only */
/* A reader of events for tests: it keeps the events. */
#ifndef PROG_LISTENER_H
#define PROG_LISTENER_H

#include "reader.h"
#include "support.h"

struct listener {
	struct reader *reader;
	uint64_t events, packets; /* since it was opened */
	union { /* the last event, all of it */
		struct pctl_event last;
		uint8_t bytes[sizeof(struct pctl_event) + PCTL_SNAPLEN_MAX];
	};
};

/* What a test run gives to the kernel with the bytes of a frame. */
struct passage {
	enum hook hook;
	uint32_t gso_segs; /* tc only */
	uint64_t mark; /* a probe's, 0: none */
	unsigned int repeat; /* 0: once */
};

/* Opens a reader of the events of an enforcer's programs. It must work. */
struct listener *listener_new(const struct enforcer *enforcer,
			      const struct reader_settings *settings);
/* The same of events that more than one process reads: own_bpffs(). */
struct listener *listener_at(const struct event_maps *maps, const char *shared,
			     const struct reader_settings *settings);
void listener_free(struct listener *listener);

/* Reads the events that are there; returns how many. */
unsigned int listener_hear(struct listener *listener);

/* How many packets it lost. */
uint64_t listener_lost(const struct listener *listener);

/* Runs a frame through a program; what that returned, or a negative errno. */
int pass_bytes(const struct enforcer *enforcer, const struct passage *passage, const uint8_t *frame,
	       size_t length);

/* The same with the words of frame.h; it must be taken. */
int pass_frame(const struct enforcer *enforcer, enum hook hook, const char *frame);

/* Gives a frame to a program many times. The kernel takes 20 ms to begin with XDP. */
void flood(const struct enforcer *enforcer, enum hook hook, const char *frame, unsigned int times);

/* Seconds since some moment. */
double seconds(void);

#endif
