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
#include "public_suffix.h"
#include "spec.h"
#include "util.h"

/* The options that say something without a file. */
static bool is_text(const char *name)
{
	static const char *const names[] = { "deny", "reject", "allow", "rule", "default" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

bool policy_arguments_given(const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->option_count; i++)
		if (is_text(arguments->options[i].name))
			return true;
	return arguments_have(arguments, "policy", NULL);
}

const char *policy_arguments_source(const struct arguments *arguments)
{
	const char *path = NULL;

	for (size_t i = 0; i < arguments->option_count; i++) {
		const struct given_option *option = &arguments->options[i];
		bool file = !strcmp(option->name, "policy");

		if ((file && path) || is_text(option->name))
			return "command line";
		if (file)
			path = option->value;
	}
	return path ? basename(path) : "command line";
}

int plan_compile(struct plan *plan, const char *name, struct diagnostics *diagnostics)
{
	int error = policy_check(plan->policy, name, diagnostics);

	error = error ?: public_suffixes_warn(plan->policy, name, diagnostics);
	return error ?: policy_compile(plan->policy, name, &plan->compiled, diagnostics);
}

/* Adds what a file says to the policy: its rules and sets behind those already there, and its
 * defaults if it gives any. */
static int add_file(struct policy *policy, const char *path, struct diagnostics *diagnostics)
{
	_cleanup_(policy_freep) struct policy *parsed = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = file_read(path, POLICY_FILE_MAX, &text, &length);

	if (error) {
		diagnostics_add(diagnostics, SEVERITY_ERROR, path, (struct place){}, 1, NULL, "%s",
				error_message(error));
		error_clear();
		return error;
	}
	error = policy_parse(path, text, length, &files_loader, &parsed, diagnostics);
	return error ?: policy_merge(policy, parsed, diagnostics);
}

static int add_text(struct policy *policy, const char *value, struct diagnostics *diagnostics)
{
	const struct policy_text text = { .name = "RULE", .text = value, .files = &files_loader };

	return policy_add_text(policy, &text, diagnostics);
}

static int add_option(const struct given_option *option, struct policy *policy,
		      struct diagnostics *diagnostics)
{
	if (!strcmp(option->name, "deny"))
		return policy_add_spec(policy, VERDICT_DENY, option->value, diagnostics);
	if (!strcmp(option->name, "reject"))
		return policy_add_spec(policy, VERDICT_REJECT, option->value, diagnostics);
	if (!strcmp(option->name, "allow"))
		return policy_add_spec(policy, VERDICT_ALLOW, option->value, diagnostics);
	if (!strcmp(option->name, "rule"))
		return add_text(policy, option->value, diagnostics);
	return strcmp(option->name, "policy") ? 0 : add_file(policy, option->value, diagnostics);
}

/* --default is put in last: it holds at any position among the options. */
static int add_options(const struct arguments *arguments, struct policy *policy,
		       struct diagnostics *diagnostics)
{
	int error = 0;

	for (size_t i = 0; i < arguments->option_count && error != -ENOMEM; i++)
		error = add_option(&arguments->options[i], policy, diagnostics);
	for (size_t i = 0; i < arguments->option_count && error != -ENOMEM; i++)
		if (!strcmp(arguments->options[i].name, "default"))
			error = policy_set_default(policy, arguments->options[i].value,
						   diagnostics);
	return error == -ENOMEM ? error : diagnostics->errors ? -EINVAL : 0;
}

/* What messages about the whole policy call it. Of several files, line numbers mean nothing. */
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

int policy_from_arguments(const struct arguments *arguments, struct plan *plan,
			  struct diagnostics *diagnostics)
{
	_cleanup_(plan_free) struct plan new = { .policy = policy_new() };
	int error;

	error = new.policy ? add_options(arguments, new.policy, diagnostics) : -ENOMEM;
	if (!error)
		new.policy->audit = arguments_have(arguments, "audit", NULL);
	error = error ?: plan_compile(&new, name_policy(arguments, new.policy), diagnostics);
	if (error)
		return error;
	*plan = new;
	new = (struct plan){};
	return 0;
}
