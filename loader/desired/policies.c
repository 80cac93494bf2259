// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compile.h"
#include "labels.h"
#include "policies.h"
#include "policy_directory.h"
#include "policy_name.h"
#include "spec.h"
#include "suggest.h"
#include "util.h"

/* A container may have other labels at each start: the entry used least recently goes. */
#define CACHE_MAX 512

/* A desired policy, found by what it depends on. */
struct cache_entry {
	char *key; /* labels_key() */
	size_t key_size;
	char *file; /* name of the policy file that it contains; NULL: none */
	struct desired_policy *desired;
	uint64_t used; /* when it was asked for last, in questions */
};

struct policies {
	struct policy_directory directory;
	char *unlabelled, *baseline; /* as in struct configuration */
	bool keep; /* a faulty file counts as it last was good */
	struct desired_additions add; /* as in struct configuration */
	struct cache_entry *cache;
	size_t cache_count;
	uint64_t questions;
	struct plan hold;
	/* The last complaint about the file for unlabelled containers, and about the baseline. */
	char *told_unlabelled, *told_baseline;
};

/* --- the cache --- */

static void entry_clear(struct cache_entry *entry)
{
	desired_policy_unref(entry->desired);
	free(entry->file);
	free(entry->key);
}

static void forget_entry(struct policies *policies, size_t index)
{
	entry_clear(&policies->cache[index]);
	policies->cache[index] = policies->cache[--policies->cache_count];
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Those that contain a file; all if `file` is NULL. */
static void forget_entries(struct policies *policies, const char *file)
{
	for (size_t i = policies->cache_count; i-- > 0;)
		if (!file || (policies->cache[i].file && !strcmp(policies->cache[i].file, file)))
			forget_entry(policies, i);
}

static struct cache_entry *find_entry(const struct policies *policies, const char *key, size_t size)
{
	for (size_t i = 0; i < policies->cache_count; i++)
		if (policies->cache[i].key_size == size &&
		    !memcmp(policies->cache[i].key, key, size))
			return &policies->cache[i];
	return NULL;
}

static void make_room(struct policies *policies)
{
	size_t oldest = 0;

	if (policies->cache_count < CACHE_MAX)
		return;
	for (size_t i = 1; i < policies->cache_count; i++)
		if (policies->cache[i].used < policies->cache[oldest].used)
			oldest = i;
	forget_entry(policies, oldest);
}

/* Takes *entry over, in any case. */
static int add_entry(struct policies *policies, struct cache_entry *entry)
{
	struct cache_entry *grown;

	make_room(policies);
	grown = reallocarray(policies->cache, policies->cache_count + 1, sizeof(*grown));
	if (!grown) {
		entry_clear(entry);
		return -ENOMEM;
	}
	policies->cache = grown;
	grown[policies->cache_count++] = *entry;
	return 0;
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

static int build(struct policies *policies, const struct container *container, const char *file,
		 struct desired_policy **result)
{
	_cleanup_(desired_policy_unrefp) struct desired_policy *desired =
		desired_policy_new(DESIRED_NOTHING);
	struct desired_additions add = policies->add;
	const struct policy *policy = NULL;
	int error = desired ? 0 : -ENOMEM;

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

/* Takes `key` over, in any case. */
static int build_and_keep(struct policies *policies, const struct container *container,
			  const char *file, char *key, size_t size, struct desired_policy **desired)
{
	struct cache_entry entry = { .key = key, .key_size = size, .used = policies->questions };
	int error = build(policies, container, file, desired);

	if (!error && file) {
		entry.file = strdup(file);
		error = entry.file ? 0 : -ENOMEM;
	}
	if (error || !may_keep(policies, file)) {
		entry_clear(&entry);
		return error;
	}
	entry.desired = desired_policy_ref(*desired);
	return add_entry(policies, &entry);
}

int policies_desired(struct policies *policies, const struct container *container,
		     struct desired_policy **result)
{
	_cleanup_(desired_policy_unrefp) struct desired_policy *desired = NULL;
	const bool labelled = container_is_labelled(container);
	const char *file =
		labelled ? labels_value(container, LABEL_POLICY, NULL) : policies->unlabelled;
	struct cache_entry *entry;
	size_t size = 0;
	char *key;
	int error = 0;

	if (!labelled && !file && !policies->baseline) {
		*result = desired_policy_new(DESIRED_NOTHING);
		return *result ? 0 : -ENOMEM;
	}
	key = labels_key(container, &size);
	if (!key)
		return -ENOMEM;
	policies->questions++;
	entry = find_entry(policies, key, size);
	if (entry) {
		free(key);
		entry->used = policies->questions;
		desired = desired_policy_ref(entry->desired);
	} else {
		error = build_and_keep(policies, container, file, key, size, &desired);
	}
	if (!error)
		*result = TAKE_PTR(desired);
	return error;
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

	forget_entries(reload->policies,
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
		forget_entries(policies, NULL);
	policies->add = add;
	if (!same_text(policies->directory.path, configuration->policy_directory)) {
		forget_entries(policies, NULL);
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
	return error ?: check_baseline(policies, &directory_observer);
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
	forget_entries(policies, NULL);
	policy_directory_clear(&policies->directory);
	plan_free(&policies->hold);
	free(policies->cache);
	free(policies->unlabelled);
	free(policies->baseline);
	free(policies->told_unlabelled);
	free(policies->told_baseline);
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
