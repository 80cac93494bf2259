// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "check.h"
#include "compile.h"
#include "error.h"
#include "files.h"
#include "set_files.h"
#include "policy_arguments.h"
#include "policy_parse.h"
#include "spec.h"
#include "terminal.h"
#include "util.h"

bool policy_arguments_given(const struct arguments *arguments)
{
	return arguments_have(arguments, "deny", NULL) ||
	       arguments_have(arguments, "allow", NULL) ||
	       arguments_have(arguments, "policy", NULL) ||
	       arguments_have(arguments, "default", NULL);
}

const char *policy_arguments_source(const struct arguments *arguments)
{
	const char *path = NULL;

	for (size_t i = 0; i < arguments->option_count; i++) {
		const struct given_option *option = &arguments->options[i];
		bool file = !strcmp(option->name, "policy");

		if ((file && path) || !strcmp(option->name, "deny") ||
		    !strcmp(option->name, "allow") || !strcmp(option->name, "default"))
			return "command line";
		if (file)
			path = option->value;
	}
	return path ? basename(path) : "command line";
}

static void diagnostic_show(const struct diagnostic *item)
{
	_cleanup_(freep) char *text = diagnostic_print(item);

	if (text)
		terminal_print(stderr,
			       item->severity == SEVERITY_ERROR ? COLOUR_RED : COLOUR_YELLOW, "%s",
			       text);
}

void diagnostics_show(const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++)
		diagnostic_show(&diagnostics->items[i]);
}

static bool is_known(const struct diagnostics *known, const struct diagnostic *item)
{
	for (size_t i = 0; i < known->count; i++)
		if (!strcmp(known->items[i].message, item->message))
			return true;
	return false;
}

int plan_compile(struct plan *plan, const char *name, const struct diagnostics *known)
{
	struct diagnostics diagnostics = {};
	int error;

	error = policy_check(plan->policy, name, &diagnostics);
	error = error ?: policy_compile(plan->policy, name, &plan->compiled, &diagnostics);
	for (size_t i = 0; i < diagnostics.count; i++)
		if (!is_known(known, &diagnostics.items[i]))
			diagnostic_show(&diagnostics.items[i]);
	diagnostics_clear(&diagnostics);
	if (error && error != -E2BIG)
		return command_failed(NULL, error, "nothing was changed");
	return error ? EXIT_USAGE : EXIT_DONE;
}

/* Moves what a file says into the policy: its rules and sets behind those already there, its
 * defaults if it gives any. */
static int add_file(struct policy *policy, const char *path, struct diagnostics *diagnostics)
{
	_cleanup_(policy_freep) struct policy *parsed = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = file_read(path, POLICY_FILE_MAX, &text, &length);

	if (error) {
		diagnostics_add(diagnostics, SEVERITY_ERROR, path, (struct place){}, 1, NULL, "%s",
				strerror(-error));
		return error;
	}
	error = policy_parse(path, text, length, &files_loader, &parsed, diagnostics);
	return error ?: policy_merge(policy, parsed, diagnostics);
}

/* --default holds wherever it stands: it is put in last. */
static int add_options(const struct arguments *arguments, struct policy *policy,
		       struct diagnostics *diagnostics)
{
	int error = 0;

	for (size_t i = 0; i < arguments->option_count && error != -ENOMEM; i++) {
		const struct given_option *option = &arguments->options[i];

		if (!strcmp(option->name, "deny"))
			error = policy_add_spec(policy, VERDICT_DENY, option->value, diagnostics);
		else if (!strcmp(option->name, "allow"))
			error = policy_add_spec(policy, VERDICT_ALLOW, option->value, diagnostics);
		else if (!strcmp(option->name, "policy"))
			error = add_file(policy, option->value, diagnostics);
	}
	for (size_t i = 0; i < arguments->option_count && error != -ENOMEM; i++)
		if (!strcmp(arguments->options[i].name, "default"))
			error = policy_set_default(policy, arguments->options[i].value,
						   diagnostics);
	return error == -ENOMEM ? error : diagnostics->errors ? -EINVAL : 0;
}

/* What messages about the whole policy call it. If it has several files, lines mean nothing. */
static const char *name_policy(const struct arguments *arguments, struct policy *policy)
{
	const char *name = "policy";
	unsigned int files = 0;

	for (size_t i = 0; i < arguments->option_count; i++)
		files += !strcmp(arguments->options[i].name, "policy");
	if (files > 1)
		policy_forget_places(policy);
	else
		arguments_have(arguments, "policy", &name);
	return name;
}

int policy_from_arguments(const struct arguments *arguments, struct plan *plan)
{
	_cleanup_(plan_free) struct plan new = { .policy = policy_new() };
	struct diagnostics diagnostics = {};
	const struct diagnostics none = {};
	int status, error;

	error = new.policy ? add_options(arguments, new.policy, &diagnostics) : -ENOMEM;
	diagnostics_show(&diagnostics);
	diagnostics_clear(&diagnostics);
	if (error)
		return error == -ENOMEM ? command_failed(NULL, error, "nothing was changed")
					: EXIT_USAGE;
	status = plan_compile(&new, name_policy(arguments, new.policy), &none);
	if (status != EXIT_DONE)
		return status;
	*plan = new;
	new = (struct plan){};
	return EXIT_DONE;
}
