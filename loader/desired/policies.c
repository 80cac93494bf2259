// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compile.h"
#include "labels.h"
#include "policies.h"
#include "policy_cache.h"
#include "policy_directory.h"
#include "policy_name.h"
#include "spec.h"
#include "suggest.h"
#include "util.h"

struct policies {
	struct policy_directory directory;
	char *unlabelled, *baseline; /* as in struct configuration */
	bool keep; /* a faulty file counts as it last was good */
	struct desired_additions add; /* as in struct configuration */
	struct policy_cache cache;
	struct plan hold;
	/* The last complaint about the file for unlabelled containers, about the baseline, and
	 * about files for interfaces. */
	char *told_unlabelled, *told_baseline, *told_interfaces;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* --- building --- */

static int refuse_missing(const struct policies *policies, struct desired_policy *desired,
			  const struct container *container, const char *file)
{
	const struct word word = { file, strlen(file), {} };
	const struct policy_directory *directory = &policies->directory;
	size_t bare = policy_name_without_suffix(file);
	struct suggestion suggestion;

	if (bare)
		return desired_policy_refuse_file(desired, container, file,
						  "there is no policy file %s/%s" POLICY_NAME_SUFFIX
						  ": a policy is named without " POLICY_NAME_SUFFIX
						  ", '%.*s'",
						  directory->path, file, (int)bare, file);
	suggestion_start(&suggestion, &word);
	for (size_t i = 0; i < directory->count; i++)
		if (directory->files[i]->state != FILE_GONE)
			suggestion_consider(&suggestion, directory->files[i]->name);
	return desired_policy_refuse_file(desired, container, file,
					  "there is no policy file %s/%s" POLICY_NAME_SUFFIX
					  "%s%s%s",
					  directory->path, file, SUGGESTION_ARGS(&suggestion));
}

static int copy_errors(struct desired_policy *desired, const struct policy_file *file)
{
	int error = 0;

	for (size_t i = 0; i < file->diagnostics.count && !error; i++) {
		const struct diagnostic *item = &file->diagnostics.items[i];

		error = diagnostics_add(&desired->diagnostics, item->severity, item->source,
					item->place, item->width, item->line, "%s", item->message);
	}
	return error;
}

/* What the file says. NULL: it cannot be had, and the diagnostics say why. */
static int read_file(struct policies *policies, struct desired_policy *desired,
		     const struct container *container, const char *name,
		     const struct policy **policy)
{
	struct policy_file *file;
	int error;

	if (!policy_name_is_good(name, strlen(name)))
		return desired_policy_refuse_file(desired, container, name,
						  "the name of a policy has " POLICY_NAME_RULE);
	error = policy_directory_get(&policies->directory, name, &file);
	if (error)
		return error;
	*policy = file ? policy_file_policy(file, policies->keep) : NULL;
	if (*policy)
		return 0;
	return file && file->state == FILE_BAD ? copy_errors(desired, file)
					       : refuse_missing(policies, desired, container, name);
}

/* What a baseline cannot say; NULL: nothing is wrong. */
static const char *baseline_fault(const struct policy *policy)
{
	return policy->own.count ? "`own` is of one container: a baseline is of all" : NULL;
}

static int refuse_baseline(const struct policies *policies, struct desired_policy *desired,
			   const char *why)
{
	char name[POLICY_NAME_MAX + sizeof(POLICY_NAME_SUFFIX) + 16];

	snprintf(name, sizeof(name), "baseline %.*s" POLICY_NAME_SUFFIX, POLICY_NAME_MAX,
		 policies->baseline);
	return diagnostics_add(&desired->diagnostics, SEVERITY_ERROR, name, (struct place){}, 1,
			       NULL, "%s", why);
}

/* The last good contents count, whatever the configuration says of other files. */
static int read_baseline(struct policies *policies, struct desired_policy *desired,
			 struct desired_additions *add)
{
	const struct policy *policy;
	struct policy_file *file;
	const char *fault;
	int error;

	if (!policies->baseline)
		return 0;
	add->baseline = policies->baseline;
	error = policy_directory_get(&policies->directory, policies->baseline, &file);
	if (error)
		return error;
	policy = file ? policy_file_policy(file, true) : NULL;
	if (!policy)
		return file && file->state == FILE_BAD
			       ? copy_errors(desired, file)
			       : refuse_baseline(policies, desired, "there is no such file");
	fault = baseline_fault(policy);
	if (fault)
		return refuse_baseline(policies, desired, fault);
	add->baseline_policy = policy;
	return 0;
}

static int build(struct policies *policies, const struct container *container, const char *asker,
		 const char *file, struct desired_policy **result)
{
	_cleanup_(desired_policy_unrefp) struct desired_policy *desired =
		desired_policy_new(DESIRED_NOTHING);
	struct desired_additions add = policies->add;
	const struct policy *policy = NULL;
	int error = desired ? 0 : -ENOMEM;

	if (desired)
		snprintf(desired->asker, sizeof(desired->asker), "%s", asker);
	error = error ?: read_baseline(policies, desired, &add);
	if (!error && file)
		error = read_file(policies, desired, container, file, &policy);
	error = error ?: desired_policy_build(desired, container, file, policy, &add);
	if (!error)
		*result = TAKE_PTR(desired);
	return error;
}

/* --- asking --- */

/* A file that is not there may come at any time: then the answer is not kept. */
static bool may_keep(const struct policies *policies, const char *file)
{
	const struct policy_directory *directory = &policies->directory;

	return (!file || policy_directory_find(directory, file)) &&
	       (!policies->baseline || policy_directory_find(directory, policies->baseline));
}

/* What is asked for by a key. */
static int find_or_build(struct policies *policies, const struct container *container,
			 const char *asker, const char *file, const char *key, size_t size,
			 struct desired_policy **desired)
{
	int error;

	*desired = policy_cache_find(&policies->cache, key, size);
	if (*desired)
		return 0;
	error = build(policies, container, asker, file, desired);
	if (!error && may_keep(policies, file))
		error = policy_cache_add(&policies->cache, key, size, file, *desired);
	if (!error)
		return 0;
	desired_policy_unref(*desired);
	*desired = NULL;
	return error;
}

int policies_desired(struct policies *policies, const struct container *container,
		     struct desired_policy **result)
{
	const bool labelled = container_is_labelled(container);
	const char *file =
		labelled ? labels_value(container, LABEL_POLICY, NULL) : policies->unlabelled;
	_cleanup_(freep) char *key = NULL;
	size_t size = 0;

	if (!labelled && !file && !policies->baseline) {
		*result = desired_policy_new(DESIRED_NOTHING);
		return *result ? 0 : -ENOMEM;
	}
	key = labels_key(container, &size);
	return key ? find_or_build(policies, container, "unlabelled", file, key, size, result)
		   : -ENOMEM;
}

int policies_desired_of_interfaces(struct policies *policies,
				   const struct named_interfaces *interfaces,
				   struct desired_policy **result)
{
	const struct container none = {};
	_cleanup_(freep) char *key = NULL;
	char asker[DESIRED_ASKER_SIZE];
	/* No key of labels begins with a NUL byte. */
	int size = asprintf(&key, "%c%s%c%s", '\0', interfaces->pattern, '\0', interfaces->policy);

	if (size < 0) {
		key = NULL;
		return -ENOMEM;
	}
	snprintf(asker, sizeof(asker), "interfaces %s", interfaces->pattern);
	return find_or_build(policies, &none, asker, interfaces->policy, key, size, result);
}

/* --- reloading --- */

/* What a refresh of the directory needs to know. */
struct reload {
	struct policies *policies;
	const struct policies_observer *observer; /* may be NULL */
};

static void on_complaint(void *data, const char *path, const char *details, bool refused)
{
	const struct reload *reload = data;

	if (reload->observer && reload->observer->complaint)
		reload->observer->complaint(reload->observer->data, path, details, refused);
}

static void describe_sets(const struct policy *policy, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; policy && i < policy->set_count && used < size; i++)
		if (policy->sets[i]->path)
			used += snprintf(text + used, size - used, "%s%s %" PRIu64,
					 used ? ", " : "", policy->sets[i]->name,
					 set_size(policy->sets[i]));
}

static void on_read(void *data, const struct policy_file *file, bool changed)
{
	const struct reload *reload = data;
	char sets[256];

	policy_cache_forget(&reload->policies->cache,
			    same_text(reload->policies->baseline, file->name) ? NULL : file->name);
	if (!changed || !reload->observer || !reload->observer->changed)
		return;
	describe_sets(policy_file_policy(file, reload->policies->keep), sets, sizeof(sets));
	reload->observer->changed(reload->observer->data, file->path, sets);
}

/* Many containers depend on this file, and no label shows that. Errors in it were reported. */
static int check_unlabelled(struct policies *policies,
			    const struct policy_directory_observer *observer)
{
	_cleanup_(freep) char *path = NULL;
	char *text = NULL;

	if (!policies->unlabelled)
		return 0;
	if (asprintf(&path, "%s/%s" POLICY_NAME_SUFFIX, policies->directory.path,
		     policies->unlabelled) < 0)
		return -ENOMEM;
	if (!policy_directory_find(&policies->directory, policies->unlabelled) &&
	    asprintf(&text,
		     "%s: error: there is no such file, and the configuration gives it to "
		     "containers without labels\n",
		     path) < 0)
		return -ENOMEM;
	complain_once(observer, path, text, true, &policies->told_unlabelled);
	return 0;
}

/* Likewise. */
static int check_baseline(struct policies *policies,
			  const struct policy_directory_observer *observer)
{
	_cleanup_(freep) char *path = NULL;
	const struct policy_file *file;
	const char *fault = NULL;
	char *text = NULL;

	if (!policies->baseline)
		return 0;
	if (asprintf(&path, "%s/%s" POLICY_NAME_SUFFIX, policies->directory.path,
		     policies->baseline) < 0)
		return -ENOMEM;
	file = policy_directory_find(&policies->directory, policies->baseline);
	if (!file)
		fault = "there is no such file, and the configuration has it as the baseline of "
			"all containers";
	else if (policy_file_policy(file, true))
		fault = baseline_fault(policy_file_policy(file, true));
	if (fault && asprintf(&text, "%s: error: %s\n", path, fault) < 0)
		return -ENOMEM;
	complain_once(observer, path, text, true, &policies->told_baseline);
	return 0;
}

/* Likewise: a guest whose policy is not there is held. */
static int check_interfaces(struct policies *policies, const struct configuration *configuration,
			    const struct policy_directory_observer *observer)
{
	const char *directory = policies->directory.path;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < configuration->interface_count; i++) {
		const struct named_interfaces *interfaces = &configuration->interfaces[i];

		if (!policy_directory_find(&policies->directory, interfaces->policy))
			fprintf(out,
				"%s/%s" POLICY_NAME_SUFFIX
				": error: there is no such file, and the "
				"configuration gives it to interfaces %s\n",
				directory, interfaces->policy, interfaces->pattern);
	}
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	if (!*text) {
		free(text);
		text = NULL;
	}
	complain_once(observer, directory, text, true, &policies->told_interfaces);
	return 0;
}

/* 0 or -ENOMEM. */
static int copy_text(char **kept, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return -ENOMEM;
	free(*kept);
	*kept = copy;
	return 0;
}

static int configure(struct policies *policies, const struct configuration *configuration)
{
	const struct desired_additions add = {
		.anti_spoof = configuration->anti_spoof == ANTI_SPOOF_ON,
		.audit = configuration->audit == AUDIT_ON,
	};

	policies->keep = configuration->faulty_change == FAULTY_KEEP;
	if (!same_text(policies->unlabelled, configuration->unlabelled) ||
	    !same_text(policies->baseline, configuration->baseline) ||
	    policies->add.anti_spoof != add.anti_spoof || policies->add.audit != add.audit)
		policy_cache_forget(&policies->cache, NULL);
	policies->add = add;
	if (!same_text(policies->directory.path, configuration->policy_directory)) {
		policy_cache_forget(&policies->cache, NULL);
		policy_directory_clear(&policies->directory);
	}
	return copy_text(&policies->directory.path, configuration->policy_directory)
		       ?: copy_text(&policies->unlabelled, configuration->unlabelled)
		       ?: copy_text(&policies->baseline, configuration->baseline);
}

int policies_reload(struct policies *policies, const struct configuration *configuration,
		    const struct policies_observer *observer)
{
	struct reload reload = { .policies = policies, .observer = observer };
	const struct policy_directory_observer directory_observer = {
		.complaint = on_complaint,
		.read = on_read,
		.data = &reload,
		.again = observer && observer->again,
	};
	const bool doubt = configuration->empty_set == EMPTY_SET_KEEP;
	const struct refusals refuse = { doubt, doubt && !directory_observer.again };
	bool kept = policies->keep;
	int error = configure(policies, configuration);

	error = error
			?: policy_directory_refresh(&policies->directory, refuse, kept,
						    policies->keep, &directory_observer);
	error = error ?: check_unlabelled(policies, &directory_observer);
	error = error ?: check_baseline(policies, &directory_observer);
	return error ?: check_interfaces(policies, configuration, &directory_observer);
}

/* --- life --- */

static int make_hold(struct plan *plan)
{
	struct diagnostics none = {};

	plan->policy = policy_new();
	return !plan->policy ? -ENOMEM
			     : policy_set_default(plan->policy, "deny", &none)
				       ?: policy_compile(plan->policy, "hold", &plan->compiled,
							 &none);
}

int policies_open(const struct configuration *configuration, struct policies **policies)
{
	struct policies *new = calloc(1, sizeof(*new));
	int error = new ? configure(new, configuration) : -ENOMEM;

	error = error ?: make_hold(&new->hold);
	if (error)
		policies_close(new);
	else
		*policies = new;
	return error;
}

void policies_close(struct policies *policies)
{
	if (!policies)
		return;
	policy_cache_forget(&policies->cache, NULL);
	policy_directory_clear(&policies->directory);
	plan_free(&policies->hold);
	free(policies->unlabelled);
	free(policies->baseline);
	free(policies->told_unlabelled);
	free(policies->told_baseline);
	free(policies->told_interfaces);
	free(policies);
}

size_t policies_files(const struct policies *policies)
{
	return policies->directory.count;
}

size_t policies_bad_files(const struct policies *policies)
{
	size_t count = 0;

	for (size_t i = 0; i < policies->directory.count; i++)
		count += policies->directory.files[i]->state == FILE_BAD;
	return count;
}

struct plan *policies_hold(struct policies *policies)
{
	return &policies->hold;
}
