// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "compile.h"
#include "desired_policy.h"
#include "labels.h"
#include "policy_name.h"
#include "public_suffix.h"
#include "spec.h"
#include "util.h"

struct desired_policy *desired_policy_new(enum desired_kind kind)
{
	struct desired_policy *desired = calloc(1, sizeof(*desired));

	if (!desired)
		return NULL;
	desired->references = 1;
	desired->kind = kind;
	return desired;
}

struct desired_policy *desired_policy_ref(struct desired_policy *desired)
{
	desired->references++;
	return desired;
}

void desired_policy_unref(struct desired_policy *desired)
{
	if (!desired || --desired->references)
		return;
	plan_free(&desired->plan);
	diagnostics_clear(&desired->diagnostics);
	free(desired);
}

int desired_policy_refuse_file(struct desired_policy *desired, const struct container *container,
			       const char *file, const char *format, ...)
{
	bool labelled = container_is_labelled(container);
	char source[160];
	const char *full;
	_cleanup_(freep) char *line = strndup(file, 2 * POLICY_NAME_MAX);
	_cleanup_(freep) char *words = NULL;
	va_list arguments;

	snprintf(source, sizeof(source), "%s", desired->asker);
	if (labelled) {
		labels_value(container, LABEL_POLICY, &full);
		snprintf(source, sizeof(source), "label %s", full);
	}
	va_start(arguments, format);
	if (vasprintf(&words, format, arguments) < 0)
		words = NULL;
	va_end(arguments);
	if (!line || !words)
		return -ENOMEM;
	return diagnostics_add(&desired->diagnostics, SEVERITY_ERROR, source,
			       (struct place){ labelled, 1 }, strlen(line), line, "%s", words);
}

/* --- building --- */

static void describe(struct desired_policy *desired, const struct container *container,
		     const char *file, const char *baseline)
{
	size_t size = sizeof(desired->source), used = 0;
	bool has_labels;

	if (baseline)
		used = snprintf(desired->source, size, "baseline %.*s" POLICY_NAME_SUFFIX "%s",
				POLICY_NAME_MAX, baseline,
				file || container_is_labelled(container) ? ", " : "");
	labels_describe(container, desired->source + used, size - used);
	has_labels = desired->source[used];
	used += strlen(desired->source + used);
	if (file)
		snprintf(desired->source + used, size - used, "%s%s%s%.*s" POLICY_NAME_SUFFIX,
			 container_is_labelled(container) ? "" : desired->asker,
			 container_is_labelled(container) ? "" : ": ", has_labels ? ", " : "",
			 POLICY_NAME_MAX, file);
}

/* The rules of the baseline come first. What it says of defaults counts where nothing else does. */
static int add_baseline(struct policy *policy, const struct policy *baseline, bool alone,
			struct diagnostics *diagnostics)
{
	_cleanup_(policy_freep) struct policy *copy = baseline ? policy_copy(baseline) : NULL;
	int error;

	if (!baseline)
		return 0;
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < copy->count; i++)
		copy->rules[i].baseline = true;
	if (!alone)
		memset(copy->default_places, 0, sizeof(copy->default_places));
	error = policy_merge(policy, copy, diagnostics);
	policy_forget_places(policy); /* messages about the whole are of another file */
	return error;
}

static int merge_file(struct policy *policy, const struct policy *file,
		      struct diagnostics *diagnostics)
{
	_cleanup_(policy_freep) struct policy *copy = policy_copy(file);

	return copy ? policy_merge(policy, copy, diagnostics) : -ENOMEM;
}

/* Moves @count rules, from the one with this index on, behind all that follow them. */
static int move_last(struct policy *policy, size_t first, size_t count)
{
	const size_t end = first + count, others = policy->count - end;
	_cleanup_(freep) struct rule *moved = NULL;
	struct rule *rules = policy->rules;

	if (!count || !others)
		return 0;
	moved = malloc(count * sizeof(*moved));
	if (!moved)
		return -ENOMEM;
	memcpy(moved, rules + first, count * sizeof(*moved));
	memmove(rules + first, rules + end, others * sizeof(*rules));
	memcpy(rules + first + others, moved, count * sizeof(*moved));
	return 0;
}

/* Rules of labels stand behind those of the baseline, and before those of the file. */
struct of_labels {
	size_t first, end;
};

/* Does a rule deny what is spoofed? What a label allows in front of it, or says with `audit`, does
 * not change what the configuration wants. */
static bool denies_spoofed(const struct policy *policy, const struct of_labels *labels)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];
		bool of_label = i >= labels->first && i < labels->end;

		if (rule->spoofed && !(of_label && rule->audit))
			return true;
		if (of_label && !verdict_denies(rule->verdict))
			return false;
	}
	return false;
}

/* Puts `deny from spoofed` in front of all rules, unless one says so already. */
static int add_anti_spoof(struct policy *policy, const struct of_labels *labels,
			  struct diagnostics *diagnostics)
{
	struct rule rule;
	int error;

	if (denies_spoofed(policy, labels))
		return 0;
	error = policy_add_spec(policy, VERDICT_DENY, "from:spoofed", diagnostics);
	if (error)
		return error;
	rule = policy->rules[policy->count - 1];
	memmove(policy->rules + 1, policy->rules, (policy->count - 1) * sizeof(rule));
	policy->rules[0] = rule;
	return 0;
}

/* The whole policy, if nothing is wrong. */
static int write_policy(struct desired_policy *desired, const struct container *container,
			const struct policy *file, const struct desired_additions *add,
			struct policy **result)
{
	_cleanup_(policy_freep) struct policy *policy = policy_new();
	struct diagnostics *diagnostics = &desired->diagnostics;
	bool alone = !file && !container_is_labelled(container);
	struct of_labels labels;
	size_t file_rules;
	int error;

	if (!policy)
		return -ENOMEM;
	error = labels_find_unknown(container, diagnostics);
	error = error ?: labels_check_audit(container, diagnostics);
	error = error ?: add_baseline(policy, add->baseline_policy, alone, diagnostics);
	labels.first = policy->count;
	if (!error && file)
		error = merge_file(policy, file, diagnostics);
	if (error)
		return error == -EINVAL ? 0 : error;
	file_rules = policy->count - labels.first;
	error = labels_add_rules(container, policy, diagnostics);
	error = error ?: move_last(policy, labels.first, file_rules);
	labels.end = policy->count - file_rules;
	error = error ?: labels_set_defaults(container, policy, diagnostics);
	policy->audit = labels_audit(container, add->audit);
	if (!error && add->anti_spoof && !diagnostics->errors)
		error = add_anti_spoof(policy, &labels, diagnostics);
	if (!error && !diagnostics->errors)
		*result = TAKE_PTR(policy);
	return error;
}

/* Leaves `plan` empty if there is an error in the policy. */
static int make_plan(struct desired_policy *desired, const struct container *container,
		     const char *file, const struct policy *file_policy,
		     const struct desired_additions *add)
{
	_cleanup_(plan_free) struct plan plan = {};
	char name[POLICY_NAME_MAX + sizeof(POLICY_NAME_SUFFIX)] = "labels";
	int error = write_policy(desired, container, file_policy, add, &plan.policy);

	if (error || !plan.policy)
		return error;
	if (file_policy)
		snprintf(name, sizeof(name), "%s" POLICY_NAME_SUFFIX, file);
	error = policy_check(plan.policy, name, &desired->diagnostics);
	error = error ?: public_suffixes_warn(plan.policy, name, &desired->diagnostics);
	error = error ?: policy_compile(plan.policy, name, &plan.compiled, &desired->diagnostics);
	if (error)
		return error == -E2BIG ? 0 : error;
	desired->plan = plan;
	plan = (struct plan){};
	return 0;
}

/* The first error, and how many more there are. */
static void fill_why(struct desired_policy *desired)
{
	const struct diagnostic *first = desired->diagnostics.items;
	char *why = desired->why;
	size_t size = sizeof(desired->why), used;

	while (first->severity != SEVERITY_ERROR)
		first++;
	used = snprintf(why, size, "%.128s", first->source);
	if (first->place.line)
		used += snprintf(why + used, size - used, ":%u:%u", first->place.line,
				 first->place.column);
	used += snprintf(why + used, size - used, ": %.300s", first->message);
	if (desired->diagnostics.errors > 1)
		snprintf(why + used, size - used, " (and %zu more)",
			 desired->diagnostics.errors - 1);
}

int desired_policy_build(struct desired_policy *desired, const struct container *container,
			 const char *file, const struct policy *file_policy,
			 const struct desired_additions *add)
{
	int error;

	describe(desired, container, file, add->baseline);
	error = make_plan(desired, container, file, file_policy, add);
	if (error)
		return error;
	desired->kind = desired->plan.compiled ? DESIRED_POLICY : DESIRED_FAULTY;
	if (desired->kind == DESIRED_FAULTY)
		fill_why(desired);
	return 0;
}

/* --- diagnostics --- */

static bool is_of_labels(const struct diagnostic *item)
{
	return !strncmp(item->source, "label", strlen("label"));
}

char *diagnostics_text(const struct diagnostics *diagnostics, const char *container)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed = false;

	if (!out)
		return NULL;
	for (size_t i = 0; i < diagnostics->count; i++) {
		_cleanup_(freep) char *item = diagnostic_print(&diagnostics->items[i]);

		if (container && is_of_labels(&diagnostics->items[i]))
			fprintf(out, "%s: ", container);
		failed = failed || !item || fputs(item, out) < 0;
	}
	failed = ferror(out) || failed;
	if (fclose(out) || failed)
		return NULL;
	return TAKE_PTR(text);
}
