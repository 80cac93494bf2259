// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
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

/* What one look at it brings. */
struct look {
	struct policy_file *file;
	enum file_state state;
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

static void look_clear(struct look *look)
{
	policy_free(look->policy);
	diagnostics_clear(&look->diagnostics);
	stamps_free(look->stamps, look->stamp_count);
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

/* --- looking --- */

static int add_stamp(struct look *look, const char *path)
{
	struct file_stamp *grown =
		reallocarray(look->stamps, look->stamp_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	look->stamps = grown;
	if (file_stamp_take(path, &grown[look->stamp_count]))
		return -ENOMEM;
	look->stamp_count++;
	return 0;
}

/* For policy_parse(): remembers which sets it read, or failed to. */
static int load_set(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	struct look *look = data;
	_cleanup_(freep) char *path = NULL;
	int directory = strrchr(look->file->path, '/') - look->file->path;

	if (asprintf(&path, "%.*s/%s", *set->path == '/' ? 0 : directory, look->file->path,
		     set->path + (*set->path == '/')) < 0)
		return -ENOMEM;
	return add_stamp(look, path)
		       ?: files_loader.load(files_loader.data, name, set, diagnostics);
}

static int parse(struct look *look, const char *text, size_t length)
{
	const struct policy_files files = { .load = load_set, .data = look };
	int error = policy_parse(look->file->path, text, length, &files, &look->policy,
				 &look->diagnostics);

	look->state = error ? FILE_BAD : FILE_GOOD;
	return error == -ENOMEM ? error : 0;
}

/* Why it cannot be read. */
static int refuse(struct look *look, int error)
{
	const char *words = error == -ESPIPE ? "not a regular file" : strerror(-error);

	look->state = error == -ENOENT || error == -ENOTDIR ? FILE_GONE : FILE_BAD;
	if (error == -EFBIG)
		words = "a policy file has at most 64 MiB";
	return diagnostics_add(&look->diagnostics, SEVERITY_ERROR, look->file->path,
			       (struct place){}, 1, NULL, "%s", words);
}

static int look_at(struct look *look)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = add_stamp(look, look->file->path);

	if (error)
		return error;
	error = file_read_regular(look->file->path, POLICY_FILE_MAX, &text, &length);
	if (error == -ENOMEM)
		return error;
	return error ? refuse(look, error) : parse(look, text, length);
}

/* --- what it changes --- */

/* The same policy as before, or none? */
static int compare(const struct policy_file *file, const struct look *look, bool *same)
{
	*same = look->state != FILE_GOOD;
	if (look->state == FILE_GOOD && file->policy)
		return policy_same(file->policy, look->policy, same);
	return 0;
}

/* What cannot come into force is no good, however well it reads. */
static int try_to_compile(struct look *look)
{
	struct compiled *compiled = NULL;
	int error = policy_compile(look->policy, look->file->path, &compiled, &look->diagnostics);

	compiled_free(compiled);
	if (error == -E2BIG)
		look->state = FILE_BAD;
	return error == -E2BIG ? 0 : error;
}

static void take(struct policy_file *file, struct look *look)
{
	diagnostics_clear(&file->diagnostics);
	file->diagnostics = look->diagnostics;
	look->diagnostics = (struct diagnostics){};
	stamps_free(file->stamps, file->stamp_count);
	file->stamps = TAKE_PTR(look->stamps);
	file->stamp_count = look->stamp_count;
	look->stamp_count = 0;
	file->state = look->state;
	if (look->state == FILE_BAD)
		return;
	policy_free(file->policy);
	file->policy = TAKE_PTR(look->policy);
}

static bool is_untouched(const struct policy_file *file)
{
	for (size_t i = 0; i < file->stamp_count; i++)
		if (!file_stamp_holds(&file->stamps[i]))
			return false;
	return file->stamp_count;
}

int policy_file_refresh(struct policy_file *file)
{
	_cleanup_(look_clear) struct look look = { .file = file };
	bool same = true;
	int error;

	if (is_untouched(file))
		return 0;
	error = look_at(&look);
	error = error ?: compare(file, &look, &same);
	if (!error && !same)
		error = try_to_compile(&look);
	if (error)
		return error;
	file->version += !same && look.state != FILE_BAD;
	take(file, &look);
	return 1;
}

const struct policy *policy_file_policy(const struct policy_file *file, bool keep)
{
	return file->state == FILE_GOOD || keep ? file->policy : NULL;
}
