// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compile.h"
#include "files.h"
#include "set_files.h"
#include "policy_file.h"
#include "policy_name.h"
#include "policy_parse.h"
#include "print.h"
#include "util.h"

/* The result of reading it once. */
struct reading {
	struct policy_file *file;
	enum file_state state;
	bool shrunk;
	struct policy *policy;
	struct diagnostics diagnostics;
	struct file_stamp *stamps;
	size_t stamp_count;
};

static void stamps_free(struct file_stamp *stamps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		file_stamp_clear(&stamps[i]);
	free(stamps);
}

static void reading_clear(struct reading *reading)
{
	policy_free(reading->policy);
	diagnostics_clear(&reading->diagnostics);
	stamps_free(reading->stamps, reading->stamp_count);
}

struct policy_file *policy_file_new(const char *directory, const char *name)
{
	struct policy_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->name = strdup(name);
	if (file->name && asprintf(&file->path, "%s/%s" POLICY_NAME_SUFFIX, directory, name) >= 0)
		return file;
	free(file->name);
	free(file);
	return NULL;
}

void policy_file_free(struct policy_file *file)
{
	if (!file)
		return;
	policy_free(file->policy);
	diagnostics_clear(&file->diagnostics);
	stamps_free(file->stamps, file->stamp_count);
	free(file->told);
	free(file->path);
	free(file->name);
	free(file);
}

/* --- reading --- */

static int add_stamp(struct reading *reading, const char *path)
{
	struct file_stamp *grown =
		reallocarray(reading->stamps, reading->stamp_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	reading->stamps = grown;
	if (file_stamp_take(path, &grown[reading->stamp_count]))
		return -ENOMEM;
	reading->stamp_count++;
	return 0;
}

/* For policy_parse(): remembers which sets it read, or failed to. */
static int load_set(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	struct reading *reading = data;
	_cleanup_(freep) char *path = NULL;
	int directory = strrchr(reading->file->path, '/') - reading->file->path;

	if (asprintf(&path, "%.*s/%s", *set->path == '/' ? 0 : directory, reading->file->path,
		     set->path + (*set->path == '/')) < 0)
		return -ENOMEM;
	return add_stamp(reading, path)
		       ?: files_loader.load(files_loader.data, name, set, diagnostics);
}

static int parse(struct reading *reading, const char *text, size_t length)
{
	const struct policy_files files = { .load = load_set, .data = reading };
	int error = policy_parse(reading->file->path, text, length, &files, &reading->policy,
				 &reading->diagnostics);

	reading->state = error ? FILE_BAD : FILE_GOOD;
	return error == -ENOMEM ? error : 0;
}

/* Why it cannot be read. */
static int refuse(struct reading *reading, int error)
{
	const char *words = error == -ESPIPE ? "not a regular file" : strerror(-error);

	reading->state = error == -ENOENT || error == -ENOTDIR ? FILE_GONE : FILE_BAD;
	if (error == -EFBIG)
		words = "a policy file has at most 64 MiB";
	return diagnostics_add(&reading->diagnostics, SEVERITY_ERROR, reading->file->path,
			       (struct place){}, 1, NULL, "%s", words);
}

static int read_file(struct reading *reading)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = add_stamp(reading, reading->file->path);

	if (error)
		return error;
	error = file_read_regular(reading->file->path, POLICY_FILE_MAX, &text, &length);
	if (error == -ENOMEM)
		return error;
	return error ? refuse(reading, error) : parse(reading, text, length);
}

/* --- comparing --- */

/* The same policy as before, or none? */
static int compare(const struct policy_file *file, const struct reading *reading, bool *same)
{
	*same = reading->state != FILE_GOOD;
	if (reading->state == FILE_GOOD && file->policy)
		return policy_same(file->policy, reading->policy, same);
	return 0;
}

static bool says_nothing(const struct policy *policy)
{
	bool defaults = false;

	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		defaults |= policy->default_places[d].line;
	return !policy->count && !policy->set_count && !defaults;
}

static int report(struct reading *reading, bool refused, struct place place, const char *format,
		  const char *name, uint64_t was, uint64_t now)
{
	if (refused)
		reading->state = FILE_BAD;
	return diagnostics_add(&reading->diagnostics, refused ? SEVERITY_ERROR : SEVERITY_WARNING,
			       reading->file->path, place, 1, NULL, format, name, was, now,
			       refused ? ": it is not taken; SIGHUP takes it as it is" : "");
}

/* Sets that shrank since the file was good the last time. */
static int judge_sets(struct reading *reading, bool refuse)
{
	const struct policy *old = reading->file->policy, *new = reading->policy;
	int error = 0;

	for (size_t i = 0; old && i < new->set_count && !error; i++) {
		const struct set *now = new->sets[i], *was;
		size_t number = policy_find_set(old, now->name, strlen(now->name));

		was = number < old->set_count ? old->sets[number] : NULL;
		if (!was || !set_shrank(was, now))
			continue;
		reading->shrunk |= refuse;
		error = report(reading, refuse, now->place,
			       "the set %s went from %" PRIu64 " prefixes to %" PRIu64 "%s",
			       now->name, set_size(was), set_size(now));
	}
	return error;
}

/* What can be read, but is hardly meant. */
static int judge(struct reading *reading, struct refusals refuse)
{
	if (reading->state != FILE_GOOD)
		return 0;
	if (says_nothing(reading->policy) && refuse.empty) {
		reading->state = FILE_BAD;
		return diagnostics_add(
			&reading->diagnostics, SEVERITY_ERROR, reading->file->path,
			(struct place){}, 1, NULL,
			"this policy is empty: write `default allow` if everything is "
			"to pass");
	}
	return judge_sets(reading, refuse.shrunk);
}

/* A file whose tables would be too large is bad, even if its syntax is right. */
static int try_to_compile(struct reading *reading)
{
	struct compiled *compiled = NULL;
	int error = policy_compile(reading->policy, reading->file->path, &compiled,
				   &reading->diagnostics);

	compiled_free(compiled);
	if (error == -E2BIG)
		reading->state = FILE_BAD;
	return error == -E2BIG ? 0 : error;
}

static void take(struct policy_file *file, struct reading *reading)
{
	diagnostics_clear(&file->diagnostics);
	file->diagnostics = reading->diagnostics;
	reading->diagnostics = (struct diagnostics){};
	stamps_free(file->stamps, file->stamp_count);
	file->stamps = TAKE_PTR(reading->stamps);
	file->stamp_count = reading->stamp_count;
	reading->stamp_count = 0;
	file->state = reading->state;
	file->shrunk = reading->shrunk;
	if (reading->state == FILE_BAD)
		return;
	policy_free(file->policy);
	file->policy = TAKE_PTR(reading->policy);
}

static bool is_untouched(const struct policy_file *file)
{
	for (size_t i = 0; i < file->stamp_count; i++)
		if (!file_stamp_holds(&file->stamps[i]))
			return false;
	return file->stamp_count;
}

int policy_file_refresh(struct policy_file *file, struct refusals refuse)
{
	_cleanup_(reading_clear) struct reading reading = { .file = file };
	bool same = true;
	int error;

	if (is_untouched(file) && (!file->shrunk || refuse.shrunk))
		return 0;
	error = read_file(&reading);
	error = error ?: judge(&reading, refuse);
	error = error ?: compare(file, &reading, &same);
	if (!error && !same)
		error = try_to_compile(&reading);
	if (error)
		return error;
	file->version += !same && reading.state != FILE_BAD;
	take(file, &reading);
	return 1;
}

const struct policy *policy_file_policy(const struct policy_file *file, bool keep)
{
	return file->state == FILE_GOOD || keep ? file->policy : NULL;
}
