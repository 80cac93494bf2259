// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "labels.h"
#include "policy_parse.h"
#include "spec.h"
#include "spec_list.h"
#include "suggest.h"
#include "util.h"

#define PREFIX "policyctl."

static const struct rule_label {
	const char *name;
	enum verdict verdict;
} rule_labels[] = {
	{ PREFIX "deny", VERDICT_DENY }, /* in the order of their rules */
	{ PREFIX "reject", VERDICT_REJECT },
	{ PREFIX "allow", VERDICT_ALLOW },
};

/* Behind these: any rules, in their own order. */
#define LABEL_RULES PREFIX "rules"

static const struct default_label {
	const char *name;
	const char *direction; /* as policy_set_default() has it */
} default_labels[] = {
	{ PREFIX "default.from", "from:" },
	{ PREFIX "default.to", "to:" },
};

/* In the order in which they are told. */
static const char *const known[] = { PREFIX "deny",	    PREFIX "reject",
				     PREFIX "allow",	    LABEL_RULES,
				     PREFIX "default.from", PREFIX "default.to",
				     LABEL_POLICY,	    LABEL_AUDIT };

/* Labels come from images too: their cost is bounded. */
#define LABEL_RULES_MAX 16384 /* bytes */

/* More edits than this are another word. */
#define MISSPELT_EDITS 2

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i], name))
			return true;
	return false;
}

/* Which known label a name was meant to be, if any. */
static void find_meant(const char *name, struct suggestion *suggestion)
{
	const struct word word = { name, strlen(name), {} };

	suggestion_start(suggestion, &word);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		suggestion_consider(suggestion, known[i]);
}

/* The first letter or digit. */
static const char *skip_signs(const char *name)
{
	while (*name && !(*name >= 'a' && *name <= 'z') && !(*name >= 'A' && *name <= 'Z') &&
	       !(*name >= '0' && *name <= '9'))
		name++;
	return name;
}

/*
 * Whether a label speaks of policies, right or wrong: a misspelt one must not be ignored, or its
 * container runs without the policy. So `Policyctl.deny`, ` policyctl.deny`, `policyctl_deny` and
 * `polycictl.deny` are ours.
 */
static bool is_ours(const struct label *label)
{
	static const char separators[] = ".:_-/= \t";
	const char *name = skip_signs(label->name);
	size_t length = strlen(PREFIX) - 1; /* without the dot */
	struct suggestion meant;

	if (!strncasecmp(name, PREFIX, length) && name[length] && strchr(separators, name[length]))
		return true;
	find_meant(name, &meant);
	return meant.nearest && meant.distance <= MISSPELT_EDITS;
}

static bool is_audit(const struct label *label)
{
	return !strcmp(label->name, LABEL_AUDIT) &&
	       (!strcmp(label->value, "true") || !strcmp(label->value, "false"));
}

bool container_is_labelled(const struct container *container)
{
	for (size_t i = 0; i < container->label_count; i++)
		if (is_ours(&container->labels[i]) && !is_audit(&container->labels[i]))
			return true;
	return false;
}

/* --- rules and defaults --- */

/* The parser stops at 20 mistakes. */
static int add_text(const char *value, struct policy *policy, struct diagnostics *diagnostics)
{
	const struct policy_text text = {
		.name = "label " LABEL_RULES,
		.text = value,
		.of_label = true,
	};
	int error;

	if (strlen(value) > LABEL_RULES_MAX)
		return diagnostics_add(diagnostics, SEVERITY_ERROR, text.name, (struct place){}, 1,
				       NULL,
				       "a label of more than %d bytes is not read: write a policy "
				       "file",
				       LABEL_RULES_MAX);
	error = policy_add_text(policy, &text, diagnostics);
	return error == -ENOMEM ? error : 0;
}

int labels_add_rules(const struct container *container, struct policy *policy,
		     struct diagnostics *diagnostics)
{
	const char *rules = container_label(container, LABEL_RULES);
	char source[64];
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rule_labels) && !error; i++) {
		const char *value = container_label(container, rule_labels[i].name);

		snprintf(source, sizeof(source), "label %s", rule_labels[i].name);
		if (value)
			error = spec_list_add(policy, rule_labels[i].verdict, source, value,
					      diagnostics);
	}
	return error || !rules ? error : add_text(rules, policy, diagnostics);
}

static int set_default(const struct default_label *label, const char *value, struct policy *policy,
		       struct diagnostics *diagnostics)
{
	_cleanup_(diagnostics_clear) struct diagnostics found = {};
	_cleanup_(freep) char *text = NULL;
	char source[64];
	int error;

	snprintf(source, sizeof(source), "label %s", label->name);
	if (strchr(value, ':'))
		return diagnostics_add(
			diagnostics, SEVERITY_ERROR, source, (struct place){ 1, 1 },
			strcspn(value, "\n"), value,
			"expected `allow`, `deny` or `reject`: the direction is in the "
			"name of the label");
	if (asprintf(&text, "%s%s", label->direction, value) < 0)
		return -ENOMEM;
	error = policy_set_default(policy, text, &found);
	if (error == -ENOMEM)
		return error;
	return diagnostics_add_from_piece(diagnostics, &found, source, value,
					  -(ptrdiff_t)strlen(label->direction));
}

int labels_set_defaults(const struct container *container, struct policy *policy,
			struct diagnostics *diagnostics)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(default_labels) && !error; i++) {
		const char *value = container_label(container, default_labels[i].name);

		if (value)
			error = set_default(&default_labels[i], value, policy, diagnostics);
	}
	return error;
}

bool labels_audit(const struct container *container, bool otherwise)
{
	const char *value = container_label(container, LABEL_AUDIT);

	if (value && !strcmp(value, "true"))
		return true;
	return value && !strcmp(value, "false") ? false : otherwise;
}

int labels_check_audit(const struct container *container, struct diagnostics *diagnostics)
{
	const char *value = container_label(container, LABEL_AUDIT);

	if (!value || !strcmp(value, "true") || !strcmp(value, "false"))
		return 0;
	return diagnostics_add(diagnostics, SEVERITY_ERROR, "label " LABEL_AUDIT,
			       (struct place){ 1, 1 }, strcspn(value, "\n"), value,
			       "expected `true` or `false`");
}

/* --- unknown ones --- */

static int report_unknown(const char *name, struct diagnostics *diagnostics)
{
	const struct word word = { name, strlen(name), {} };
	struct suggestion meant;

	find_meant(skip_signs(name), &meant);
	return diagnostics_add(diagnostics, SEVERITY_ERROR, "labels", (struct place){}, 1, NULL,
			       "unknown label '%.*s'%s%s%s", WORD_ARGS(&word),
			       SUGGESTION_ARGS(&meant));
}

int labels_find_unknown(const struct container *container, struct diagnostics *diagnostics)
{
	size_t found = 0;
	int error = 0;

	for (size_t i = 0; i < container->label_count && !error; i++) {
		if (!is_ours(&container->labels[i]) || is_known(container->labels[i].name))
			continue;
		if (found++ < SPEC_LIST_MISTAKES)
			error = report_unknown(container->labels[i].name, diagnostics);
	}
	return error;
}

/* --- as a whole --- */

char *labels_key(const struct container *container, size_t *size)
{
	char *key = NULL;
	FILE *out = open_memstream(&key, size);
	bool failed;

	if (!out)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const char *value = container_label(container, known[i]);

		if (value)
			fprintf(out, "%s%c%s%c", known[i], '\0', value, '\0');
	}
	for (size_t i = 0; i < container->label_count; i++)
		if (is_ours(&container->labels[i]) && !is_known(container->labels[i].name))
			fprintf(out, "%s%c", container->labels[i].name, '\0');
	failed = ferror(out);
	if (!fclose(out) && !failed)
		return key;
	free(key);
	return NULL;
}

void labels_describe(const struct container *container, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(known) && used < size; i++) {
		if (!strcmp(known[i], LABEL_POLICY) || !strcmp(known[i], LABEL_AUDIT) ||
		    !container_label(container, known[i]))
			continue;
		used += snprintf(text + used, size - used, "%s%s", used ? ", " : "labels ",
				 known[i]);
	}
}
