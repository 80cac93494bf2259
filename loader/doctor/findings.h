/* SPDX-License-Identifier: GPL-2.0-only */
/* What doctor found, each with why it matters and what to do: collected first, shown at the end. */
#ifndef PCTL_FINDINGS_H
#define PCTL_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

enum finding_level {
	FINDING_OK, /* looked at, and fine */
	FINDING_NOTE, /* worth knowing; nothing is wrong */
	FINDING_WARNING, /* something does not hold, or could not be looked at */
	FINDING_FAULT, /* packets are not judged as the policy says */
	FINDING_LEVELS,
};

struct finding {
	enum finding_level level;
	const char *check; /* a stable word, docs/json.md lists them */
	char *subject; /* "host" or the name of an interface */
	char *what;
	char *why, *todo; /* NULL: not needed */
};

struct findings {
	struct finding *items;
	size_t count;
	size_t last; /* index of the one that was added last */
	char subject[64]; /* of the findings that come next */
	bool lost; /* findings are missing, for lack of memory */
};

/* The findings that are added from here on are about @subject. */
void findings_about(struct findings *findings, const char *subject);

/* Adds a finding, behind those of its subject. @check lives as long as the program. */
void findings_add(struct findings *findings, enum finding_level level, const char *check,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Why the finding that was added last matters, and what to do. */
void findings_why(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void findings_do(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

size_t findings_count(const struct findings *findings, enum finding_level level);

void findings_clear(struct findings *findings);

#endif
