// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cached_policy.h"
#include "check.h"
#include "compile.h"
#include "labels.h"
#include "policy_name.h"
#include "util.h"

void cached_policy_free(struct cached_policy *cached)
{
	if (!cached)
		return;
	plan_free(&cached->plan);
	diagnostics_clear(&cached->diagnostics);
	free(cached->file);
	free(cached->key);
	free(cached);
}

int cached_policy_refuse_file(struct cached_policy *cached, const struct request *request,
			      const char *format, ...)
{
	const char *source = request->labelled ? "label " LABEL_POLICY : "unlabelled";
	_cleanup_(freep) char *line = strndup(request->file, 2 * POLICY_NAME_MAX);
	_cleanup_(freep) char *words = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&words, format, arguments) < 0)
		words = NULL;
	va_end(arguments);
	if (!line || !words)
		return -ENOMEM;
	return diagnostics_add(&cached->diagnostics, SEVERITY_ERROR, source,
			       (struct place){ request->labelled, 1 }, strlen(line), line, "%s",
			       words);
}

/* --- building --- */

static void describe(struct cached_policy *cached, const struct request *request)
{
	size_t size = sizeof(cached->source), used;

	labels_describe(request->container, cached->source, size);
	used = strlen(cached->source);
	if (request->file)
		snprintf(cached->source + used, size - used, "%s%s%.*s" POLICY_NAME_SUFFIX,
			 request->labelled ? "" : "unlabelled: ", used ? ", " : "", POLICY_NAME_MAX,
			 request->file);
}

static int merge_file(struct policy *policy, const struct policy *file,
		      struct diagnostics *diagnostics)
{
	_cleanup_(policy_freep) struct policy *copy = policy_copy(file);

	return copy ? policy_merge(policy, copy, diagnostics) : -ENOMEM;
}

/* The whole policy, if nothing is wrong. */
static int write_policy(struct cached_policy *cached, const struct request *request,
			const struct policy *file, struct policy **result)
{
	_cleanup_(policy_freep) struct policy *policy = policy_new();
	struct diagnostics *diagnostics = &cached->diagnostics;
	int error;

	if (!policy)
		return -ENOMEM;
	error = labels_find_unknown(request->container, diagnostics);
	error = error ?: labels_add_rules(request->container, policy, diagnostics);
	if (!error && file)
		error = merge_file(policy, file, diagnostics);
	error = error ?: labels_set_defaults(request->container, policy, diagnostics);
	if (!error && !diagnostics->errors)
		*result = TAKE_PTR(policy);
	return error;
}

int cached_policy_build(struct cached_policy *cached, const struct request *request,
			const struct policy *file)
{
	static uint64_t plans;
	_cleanup_(plan_free) struct plan plan = {};
	char name[POLICY_NAME_MAX + sizeof(POLICY_NAME_SUFFIX)] = "labels";
	int error;

	describe(cached, request);
	error = write_policy(cached, request, file, &plan.policy);
	if (error || !plan.policy)
		return error;
	if (file)
		snprintf(name, sizeof(name), "%s" POLICY_NAME_SUFFIX, request->file);
	error = policy_check(plan.policy, name, &cached->diagnostics);
	error = error ?: policy_compile(plan.policy, name, &plan.compiled, &cached->diagnostics);
	if (error)
		return error == -E2BIG ? 0 : error;
	cached->plan = plan;
	cached->plan.number = ++plans;
	plan = (struct plan){};
	return 0;
}

/* --- filling in --- */

static bool is_of_labels(const struct diagnostic *item)
{
	return !strncmp(item->source, "label", strlen("label"));
}

char *cached_policy_print(const struct diagnostics *diagnostics, const char *container)
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

static void say_why(const struct diagnostics *diagnostics, char *why, size_t size)
{
	const struct diagnostic *first = diagnostics->items;
	size_t used;

	while (first->severity != SEVERITY_ERROR)
		first++;
	used = snprintf(why, size, "%.128s", first->source);
	if (first->place.line)
		used += snprintf(why + used, size - used, ":%u:%u", first->place.line,
				 first->place.column);
	used += snprintf(why + used, size - used, ": %.300s", first->message);
	if (diagnostics->errors > 1)
		snprintf(why + used, size - used, " (and %zu more)", diagnostics->errors - 1);
}

int cached_policy_fill(struct cached_policy *cached, const struct container *container,
		       struct desired_policy *desired)
{
	desired->kind = cached->plan.compiled ? DESIRED_POLICY : DESIRED_FAULTY;
	memcpy(desired->source, cached->source, sizeof(desired->source));
	if (desired->kind == DESIRED_POLICY)
		desired->plan = &cached->plan;
	else
		say_why(&cached->diagnostics, desired->why, sizeof(desired->why));
	if (!cached->diagnostics.count)
		return 0;
	desired->details =
		cached_policy_print(&cached->diagnostics, container->name ?: container->id);
	return desired->details ? 0 : -ENOMEM;
}

void desired_policy_clear(struct desired_policy *desired)
{
	free(desired->details);
	*desired = (struct desired_policy){};
}
