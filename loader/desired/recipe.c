// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "labels.h"
#include "policy_name.h"
#include "recipe.h"
#include "util.h"

void recipe_free(struct recipe *recipe)
{
	if (!recipe)
		return;
	plan_free(&recipe->plan);
	diagnostics_clear(&recipe->diagnostics);
	free(recipe->file);
	free(recipe->key);
	free(recipe);
}

int recipe_refuse_file(struct recipe *recipe, const struct request *request, const char *format,
		       ...)
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
	return diagnostics_add(&recipe->diagnostics, SEVERITY_ERROR, source,
			       (struct place){ request->labelled, 1 }, strlen(line), line, "%s",
			       words);
}

/* --- cooking --- */

static void describe(struct recipe *recipe, const struct request *request)
{
	size_t size = sizeof(recipe->source), used;

	labels_describe(request->container, recipe->source, size);
	used = strlen(recipe->source);
	if (request->file)
		snprintf(recipe->source + used, size - used, "%s%s%.*s" POLICY_NAME_SUFFIX,
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
static int write_policy(struct recipe *recipe, const struct request *request,
			const struct policy *file, struct policy **result)
{
	_cleanup_(policy_freep) struct policy *policy = policy_new();
	struct diagnostics *diagnostics = &recipe->diagnostics;
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

int recipe_cook(struct recipe *recipe, const struct request *request, const struct policy *file)
{
	static uint64_t plans;
	_cleanup_(plan_free) struct plan plan = {};
	char name[POLICY_NAME_MAX + sizeof(POLICY_NAME_SUFFIX)] = "labels";
	int error;

	describe(recipe, request);
	error = write_policy(recipe, request, file, &plan.policy);
	if (error || !plan.policy)
		return error;
	if (file)
		snprintf(name, sizeof(name), "%s" POLICY_NAME_SUFFIX, request->file);
	error = policy_check(plan.policy, name, &recipe->diagnostics);
	error = error ?: policy_compile(plan.policy, name, &plan.compiled, &recipe->diagnostics);
	if (error)
		return error == -E2BIG ? 0 : error;
	recipe->plan = plan;
	recipe->plan.number = ++plans;
	plan = (struct plan){};
	return 0;
}

/* --- serving --- */

static bool is_of_labels(const struct diagnostic *item)
{
	return !strncmp(item->source, "label", strlen("label"));
}

char *recipe_print(const struct diagnostics *diagnostics, const char *container)
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

int recipe_serve(struct recipe *recipe, const struct container *container, struct wanted *wanted)
{
	wanted->kind = recipe->plan.compiled ? WANTED_POLICY : WANTED_FAULTY;
	memcpy(wanted->source, recipe->source, sizeof(wanted->source));
	if (wanted->kind == WANTED_POLICY)
		wanted->plan = &recipe->plan;
	else
		say_why(&recipe->diagnostics, wanted->why, sizeof(wanted->why));
	if (!recipe->diagnostics.count)
		return 0;
	wanted->details = recipe_print(&recipe->diagnostics, container->name ?: container->id);
	return wanted->details ? 0 : -ENOMEM;
}

void wanted_clear(struct wanted *wanted)
{
	free(wanted->details);
	*wanted = (struct wanted){};
}
