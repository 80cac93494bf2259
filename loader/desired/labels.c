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

/* How a label may be called, behind its network. */
#define LABEL_SOURCE 160

/* More edits than this are another word. */
#define MISSPELT_EDITS 2

/* The network behind the name of a label: "" of one for all networks. NULL: there is no such label.
 * Whether a policy is audited is said for all of them. */
static const char *network_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t length = strlen(known[i]);

		if (strncmp(known[i], name, length) != 0)
			continue;
		if (!name[length])
			return name + length;
		if (name[length] == '.' && name[length + 1] && strcmp(known[i], LABEL_AUDIT) != 0)
			return name + length + 1;
	}
	return NULL;
}

/* Is it a label for another network than that of the veth? */
static bool is_elsewhere(const struct container *container, const char *name)
{
	const char *network = network_of(name);

	return network && *network &&
	       (!container->on_network || strcmp(network, container->on_network) != 0);
}

const char *labels_value(const struct container *container, const char *name, const char **full)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < container->label_count; i++) {
		const struct label *label = &container->labels[i];
		const char *network = network_of(label->name);

		if (!network || !*network || is_elsewhere(container, label->name) ||
		    strncmp(label->name, name, length) != 0 || network != label->name + length + 1)
			continue;
		if (full)
			*full = label->name;
		return label->value;
	}
	if (full)
		*full = name;
	return container_label(container, name);
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
		if (is_ours(&container->labels[i]) && !is_audit(&container->labels[i]) &&
		    !is_elsewhere(container, container->labels[i].name))
			return true;
	return false;
}

/* --- rules and defaults --- */

/* The parser stops at 20 mistakes. */
static int add_text(const char *source, const char *value, struct policy *policy,
		    struct diagnostics *diagnostics)
{
	const struct policy_text text = {
		.name = source,
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
	char source[LABEL_SOURCE];
	const char *full, *rules;
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rule_labels) && !error; i++) {
		const char *value = labels_value(container, rule_labels[i].name, &full);

		snprintf(source, sizeof(source), "label %s", full);
		if (value)
			error = spec_list_add(policy, rule_labels[i].verdict, source, value,
					      diagnostics);
	}
	rules = labels_value(container, LABEL_RULES, &full);
	snprintf(source, sizeof(source), "label %s", full);
	return error || !rules ? error : add_text(source, rules, policy, diagnostics);
}

static int set_default(const struct default_label *label, const char *full, const char *value,
		       struct policy *policy, struct diagnostics *diagnostics)
{
	_cleanup_(diagnostics_clear) struct diagnostics found = {};
	_cleanup_(freep) char *text = NULL;
	char source[LABEL_SOURCE];
	int error;

	snprintf(source, sizeof(source), "label %s", full);
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
		const char *full;
		const char *value = labels_value(container, default_labels[i].name, &full);

		if (value)
			error = set_default(&default_labels[i], full, value, policy, diagnostics);
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

/* It may be connected later: no mistake. */
static int warn_of_network(const struct container *container, const char *name,
			   struct diagnostics *diagnostics)
{
	const char *network = network_of(name);
	const struct word word = { network, strlen(network), {} };
	struct suggestion meant;

	if (!*network || !container->network_count)
		return 0;
	suggestion_start(&meant, &word);
	for (size_t i = 0; i < container->network_count; i++) {
		if (!strcmp(container->networks[i], network))
			return 0;
		suggestion_consider(&meant, container->networks[i]);
	}
	return diagnostics_add(diagnostics, SEVERITY_WARNING, "labels", (struct place){}, 1, NULL,
			       "label '%.128s': the container is not on the network '%.*s'%s%s%s",
			       name, WORD_ARGS(&word), SUGGESTION_ARGS(&meant));
}

int labels_find_unknown(const struct container *container, struct diagnostics *diagnostics)
{
	size_t found = 0;
	int error = 0;

	for (size_t i = 0; i < container->label_count && !error; i++) {
		const char *name = container->labels[i].name;

		if (!is_ours(&container->labels[i]))
			continue;
		if (network_of(name))
			error = warn_of_network(container, name, diagnostics);
		else if (found++ < SPEC_LIST_MISTAKES)
			error = report_unknown(name, diagnostics);
	}
	return error;
}

/* --- as a whole --- */

/* Labels for networks bring warnings where the container is not on them. */
static void key_networks(const struct container *container, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < container->label_count; i++) {
		const char *network = network_of(container->labels[i].name);

		if (!network || !*network)
			continue;
		fprintf(out, "%s%c", container->labels[i].name, '\0');
		any = true;
	}
	for (size_t i = 0; any && i < container->network_count; i++)
		fprintf(out, "on %s%c", container->networks[i], '\0');
}

char *labels_key(const struct container *container, size_t *size)
{
	char *key = NULL;
	FILE *out = open_memstream(&key, size);
	bool failed;

	if (!out)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const char *full, *value = labels_value(container, known[i], &full);

		if (value)
			fprintf(out, "%s%c%s%c", full, '\0', value, '\0');
	}
	for (size_t i = 0; i < container->label_count; i++)
		if (is_ours(&container->labels[i]) && !network_of(container->labels[i].name))
			fprintf(out, "%s%c", container->labels[i].name, '\0');
	key_networks(container, out);
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
		const char *full;

		if (!strcmp(known[i], LABEL_POLICY) || !strcmp(known[i], LABEL_AUDIT) ||
		    !labels_value(container, known[i], &full))
			continue;
		used += snprintf(text + used, size - used, "%s%s", used ? ", " : "labels ", full);
	}
}
