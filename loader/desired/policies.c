// SPDX-License-Identifier: GPL-2.0-only
/* The policy directory, and what containers ask of it. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cached_policy.h"
#include "compile.h"
#include "labels.h"
#include "policy_name.h"
#include "spec.h"
#include "suggest.h"
#include "util.h"

/* Labels may be other ones at each start of a container: what was not asked for goes. */
#define CACHED_POLICIES_MAX 512

struct policies {
	char *directory, *unlabelled; /* as in struct configuration */
	bool keep; /* what a file last said, while it is wrong */
	struct policy_file **files;
	size_t file_count;
	struct cached_policy **cached;
	size_t cached_count;
	uint64_t clock;
	struct plan hold;
	/* The complaints that somebody heard last: about the directory, and the file that
	 * containers without labels get. */
	char *told, *told_unlabelled;
};

/* --- files --- */

static struct policy_file *find_file(const struct policies *policies, const char *name)
{
	for (size_t i = 0; i < policies->file_count; i++)
		if (!strcmp(policies->files[i]->name, name))
			return policies->files[i];
	return NULL;
}

static struct policy_file *add_file(struct policies *policies, const char *name)
{
	struct policy_file **files = reallocarray(policies->files, policies->file_count + 1,
						  sizeof(struct policy_file *));
	struct policy_file *file;

	if (!files)
		return NULL;
	policies->files = files;
	file = policy_file_new(policies->directory, name);
	if (file)
		files[policies->file_count++] = file;
	return file;
}

static void forget_file(struct policies *policies, size_t index)
{
	policy_file_free(policies->files[index]);
	policies->files[index] = policies->files[--policies->file_count];
}

static void forget_files(struct policies *policies)
{
	while (policies->file_count)
		forget_file(policies, policies->file_count - 1);
}

/* The file, read now if it is new; NULL: there is none, -ENOMEM. */
static int get_file(struct policies *policies, const char *name, struct policy_file **found)
{
	int error;

	*found = find_file(policies, name);
	if (*found)
		return 0;
	*found = add_file(policies, name);
	error = *found ? policy_file_refresh(*found) : -ENOMEM;
	if (*found && (error < 0 || (*found)->state == FILE_GONE)) {
		forget_file(policies, policies->file_count - 1);
		*found = NULL;
	}
	return error < 0 ? error : 0;
}

/* --- the cache --- */

static void forget_cached(struct policies *policies, size_t index)
{
	cached_policy_free(policies->cached[index]);
	policies->cached[index] = policies->cached[--policies->cached_count];
}

/* Those that ask for a file; all if `file` is NULL. */
static void forget_all_cached(struct policies *policies, const char *file)
{
	for (size_t i = policies->cached_count; i-- > 0;)
		if (!file ||
		    (policies->cached[i]->file && !strcmp(policies->cached[i]->file, file)))
			forget_cached(policies, i);
}

static struct cached_policy *find_cached(const struct policies *policies, const char *key,
					 size_t size)
{
	for (size_t i = 0; i < policies->cached_count; i++)
		if (policies->cached[i]->key_size == size &&
		    !memcmp(policies->cached[i]->key, key, size))
			return policies->cached[i];
	return NULL;
}

static void make_room(struct policies *policies)
{
	size_t oldest = 0;

	if (policies->cached_count < CACHED_POLICIES_MAX)
		return;
	for (size_t i = 1; i < policies->cached_count; i++)
		if (policies->cached[i]->used < policies->cached[oldest]->used)
			oldest = i;
	forget_cached(policies, oldest);
}

static int cache_policy(struct policies *policies, struct cached_policy *cached)
{
	struct cached_policy **grown;

	make_room(policies);
	grown = reallocarray(policies->cached, policies->cached_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	policies->cached = grown;
	grown[policies->cached_count++] = cached;
	return 0;
}

/* --- asking --- */

static int refuse_missing(const struct policies *policies, struct cached_policy *cached,
			  const struct request *request)
{
	const struct word word = { request->file, strlen(request->file), {} };
	size_t bare = policy_name_without_suffix(request->file);
	struct suggestion suggestion;

	if (bare)
		return cached_policy_refuse_file(
			cached, request,
			"there is no policy file %s/%s" POLICY_NAME_SUFFIX
			": a policy is named without " POLICY_NAME_SUFFIX ", '%.*s'",
			policies->directory, request->file, (int)bare, request->file);
	suggestion_start(&suggestion, &word);
	for (size_t i = 0; i < policies->file_count; i++)
		if (policies->files[i]->state != FILE_GONE)
			suggestion_consider(&suggestion, policies->files[i]->name);
	return cached_policy_refuse_file(
		cached, request, "there is no policy file %s/%s" POLICY_NAME_SUFFIX "%s%s%s",
		policies->directory, request->file, SUGGESTION_ARGS(&suggestion));
}

static int copy_errors(struct cached_policy *cached, const struct policy_file *file)
{
	int error = 0;

	for (size_t i = 0; i < file->diagnostics.count && !error; i++) {
		const struct diagnostic *item = &file->diagnostics.items[i];

		error = diagnostics_add(&cached->diagnostics, item->severity, item->source,
					item->place, item->width, item->line, "%s", item->message);
	}
	return error;
}

/* What the file says; NULL, and the diagnostics, if that is not to be had. */
static int read_file(struct policies *policies, struct cached_policy *cached,
		     const struct request *request, const struct policy **policy)
{
	struct policy_file *file;
	int error;

	if (!policy_name_is_good(request->file, strlen(request->file)))
		return cached_policy_refuse_file(cached, request,
						 "the name of a policy has " POLICY_NAME_RULE);
	error = get_file(policies, request->file, &file);
	if (error)
		return error;
	*policy = file ? policy_file_policy(file, policies->keep) : NULL;
	if (*policy)
		return 0;
	return file && file->state == FILE_BAD ? copy_errors(cached, file)
					       : refuse_missing(policies, cached, request);
}

static int build(struct policies *policies, struct cached_policy *cached,
		 const struct request *request)
{
	const struct policy *policy = NULL;
	int error = request->file ? read_file(policies, cached, request, &policy) : 0;

	error = error ?: cached_policy_build(cached, request, policy);
	if (!error && request->file) {
		cached->file = strdup(request->file);
		error = cached->file ? 0 : -ENOMEM;
	}
	return error;
}

/* The answer, and whether it may be given again: a file that is not there may come at any time. */
static int answer_anew(struct policies *policies, const struct request *request, char *key,
		       size_t size, struct desired_policy *desired)
{
	struct cached_policy *cached = calloc(1, sizeof(*cached));
	int error = -ENOMEM;
	bool lasts;

	if (!cached) {
		free(key);
		return error;
	}
	cached->key = key;
	cached->key_size = size;
	cached->used = ++policies->clock;
	error = build(policies, cached, request);
	lasts = !error && (!request->file || find_file(policies, request->file));
	error = error ?: cached_policy_fill(cached, request->container, desired);
	if (!error && lasts)
		error = cache_policy(policies, cached);
	if (error || !lasts) {
		desired->plan = NULL;
		cached_policy_free(cached);
	}
	return error;
}

int policies_desired(struct policies *policies, const struct container *container,
		     struct desired_policy *desired)
{
	const bool labelled = container_is_labelled(container);
	const struct request request = {
		.container = container,
		.file = labelled ? container_label(container, LABEL_POLICY) : policies->unlabelled,
		.labelled = labelled,
	};
	struct cached_policy *cached;
	size_t size = 0;
	char *key;

	*desired = (struct desired_policy){};
	if (!labelled && !request.file)
		return 0;
	key = labels_key(container, &size);
	if (!key)
		return -ENOMEM;
	cached = find_cached(policies, key, size);
	if (!cached)
		return answer_anew(policies, &request, key, size, desired);
	free(key);
	cached->used = ++policies->clock;
	return cached_policy_fill(cached, container, desired);
}

/* --- looking at the directory again --- */

static void complain(const struct policies_observer *observer, const char *path,
		     const char *details)
{
	if (observer && observer->complaint)
		observer->complaint(observer->data, path, details);
}

/* Tells what was not told yet, or again if that is asked for; `text` is taken over. */
static void complain_once(const struct policies_observer *observer, const char *path, char *text,
			  char **told)
{
	if (text && (!*told || strcmp(*told, text) != 0 || (observer && observer->again)))
		complain(observer, path, text);
	free(*told);
	*told = text;
}

/* What containers that ask for it get. */
struct meaning {
	const struct policy *policy;
	unsigned int version;
};

static struct meaning meaning_of(const struct policy_file *file, bool keep)
{
	return (struct meaning){ policy_file_policy(file, keep), file->version };
}

static int look_at_file(struct policies *policies, struct policy_file *file, bool kept,
			const struct policies_observer *observer)
{
	struct meaning before = meaning_of(file, kept), after;
	int read = policy_file_refresh(file);
	char *text = NULL;

	if (read < 0)
		return read;
	after = meaning_of(file, policies->keep);
	if (read)
		forget_all_cached(policies, file->name);
	if (file->state == FILE_BAD) {
		text = cached_policy_print(&file->diagnostics, NULL);
		if (!text)
			return -ENOMEM;
	}
	complain_once(observer, file->path, text, &file->told);
	if (!before.policy == !after.policy && before.version == after.version)
		return 0;
	forget_all_cached(policies, file->name);
	if (observer && observer->changed)
		observer->changed(observer->data, file->path);
	return 0;
}

static int look_at_files(struct policies *policies, bool kept,
			 const struct policies_observer *observer)
{
	int error = 0;

	for (size_t i = 0; i < policies->file_count && !error; i++)
		error = look_at_file(policies, policies->files[i], kept, observer);
	for (size_t i = policies->file_count; i-- > 0;)
		if (policies->files[i]->state == FILE_GONE)
			forget_file(policies, i);
	return error;
}

/* NAME of NAME.policy; false: it is another file. */
static bool name_of_entry(const char *entry, char name[POLICY_NAME_MAX + 1])
{
	size_t length = strlen(entry), suffix = strlen(POLICY_NAME_SUFFIX);

	if (length <= suffix || strcmp(entry + length - suffix, POLICY_NAME_SUFFIX) != 0 ||
	    !policy_name_is_good(entry, length - suffix))
		return false;
	memcpy(name, entry, length - suffix);
	name[length - suffix] = '\0';
	return true;
}

static int find_new_files(struct policies *policies, DIR *directory)
{
	char name[POLICY_NAME_MAX + 1];
	struct dirent *entry;

	while ((entry = readdir(directory)))
		if (name_of_entry(entry->d_name, name) && !find_file(policies, name) &&
		    !add_file(policies, name))
			return -ENOMEM;
	return 0;
}

static int look_at_directory(struct policies *policies, const struct policies_observer *observer)
{
	DIR *directory = opendir(policies->directory);
	char *text = NULL;
	int error;

	if (!directory && errno != ENOENT &&
	    asprintf(&text, "%s: %s\n", policies->directory, strerror(errno)) < 0)
		return -ENOMEM;
	complain_once(observer, policies->directory, text, &policies->told);
	if (!directory)
		return 0;
	error = find_new_files(policies, directory);
	closedir(directory);
	return error;
}

/* Many containers depend on it, and no label shows that. What is wrong in it was told. */
static int look_for_unlabelled(struct policies *policies, const struct policies_observer *observer)
{
	_cleanup_(freep) char *path = NULL;
	char *text = NULL;

	if (!policies->unlabelled)
		return 0;
	if (asprintf(&path, "%s/%s" POLICY_NAME_SUFFIX, policies->directory, policies->unlabelled) <
	    0)
		return -ENOMEM;
	if (!find_file(policies, policies->unlabelled) &&
	    asprintf(&text,
		     "%s: error: there is no such file, and the configuration gives it to "
		     "containers without labels\n",
		     path) < 0)
		return -ENOMEM;
	complain_once(observer, path, text, &policies->told_unlabelled);
	return 0;
}

/* --- life --- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* 0 or -ENOMEM. */
static int keep_text(char **kept, const char *text)
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
	policies->keep = configuration->faulty_change == FAULTY_KEEP;
	if (!same_text(policies->unlabelled, configuration->unlabelled))
		forget_all_cached(policies, NULL);
	if (!same_text(policies->directory, configuration->policy_directory)) {
		forget_all_cached(policies, NULL);
		forget_files(policies);
	}
	return keep_text(&policies->directory, configuration->policy_directory)
		       ?: keep_text(&policies->unlabelled, configuration->unlabelled);
}

int policies_reload(struct policies *policies, const struct configuration *configuration,
		    const struct policies_observer *observer)
{
	bool kept = policies->keep;
	int error = configure(policies, configuration);

	error = error ?: look_at_directory(policies, observer);
	error = error ?: look_at_files(policies, kept, observer);
	return error ?: look_for_unlabelled(policies, observer);
}

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
	forget_all_cached(policies, NULL);
	forget_files(policies);
	plan_free(&policies->hold);
	free(policies->cached);
	free(policies->files);
	free(policies->directory);
	free(policies->unlabelled);
	free(policies->told);
	free(policies->told_unlabelled);
	free(policies);
}

size_t policies_files(const struct policies *policies)
{
	return policies->file_count;
}

size_t policies_bad_files(const struct policies *policies)
{
	size_t count = 0;

	for (size_t i = 0; i < policies->file_count; i++)
		count += policies->files[i]->state == FILE_BAD;
	return count;
}

struct plan *policies_hold(struct policies *policies)
{
	return &policies->hold;
}
