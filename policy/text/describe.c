/* SPDX-License-Identifier: GPL-2.0-only */
#include "describe.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "print.h"

/* A rule may have thousands of ports: messages show only its beginning. */
#define MAX_SHOWN 160

char *describe_rule(const struct policy *policy, size_t index)
{
	const struct rule *rule = &policy->rules[index];
	_cleanup_(freep) char *text = policy_rule_print(rule);
	char *description;
	int length;

	if (!text)
		return NULL;
	if (strlen(text) > MAX_SHOWN)
		memcpy(text + MAX_SHOWN - 3, "...", 4);
	if (rule->place.line)
		length = asprintf(&description, "\"%s\" (line %u)", text, rule->place.line);
	else if (rule->id)
		length = asprintf(&description, "\"%s\" (rule id %u)", text, rule->id);
	else
		length = asprintf(&description, "\"%s\" (rule %zu)", text, index + 1);
	return length < 0 ? NULL : description;
}
