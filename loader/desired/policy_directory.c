// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "desired_policy.h"
#include "policy_directory.h"
#include "policy_name.h"
#include "util.h"

/* --- the list of files --- */

struct policy_file *policy_directory_find(const struct policy_directory *directory,
					  const char *name)
{
	for (size_t i = 0; i < directory->count; i++)
		if (!strcmp(directory->files[i]->name, name))
			return directory->files[i];
	return NULL;
}

static struct policy_file *add_file(struct policy_directory *directory, const char *name)
{
	struct policy_file **files =
		reallocarray(directory->files, directory->count + 1, sizeof(struct policy_file *));
	struct policy_file *file;

	if (!files)
		return NULL;
	directory->files = files;
	file = policy_file_new(directory->path, name);
	if (file)
		files[directory->count++] = file;
	return file;
}

static void forget_file(struct policy_directory *directory, size_t index)
{
	policy_file_free(directory->files[index]);
	directory->files[index] = directory->files[--directory->count];
}

void policy_directory_clear(struct policy_directory *directory)
{
	while (directory->count)
		forget_file(directory, directory->count - 1);
	free(directory->files);
	free(directory->path);
	free(directory->told);
	*directory = (struct policy_directory){};
}

int policy_directory_get(struct policy_directory *directory, const char *name,
			 struct policy_file **found)
{
	int error;

	*found = policy_directory_find(directory, name);
	if (*found)
		return 0;
	*found = add_file(directory, name);
	error = *found ? policy_file_refresh(*found, directory->refuse) : -ENOMEM;
	if (*found && (error < 0 || (*found)->state == FILE_GONE)) {
		forget_file(directory, directory->count - 1);
		*found = NULL;
	}
	return error < 0 ? error : 0;
}

/* --- refreshing --- */

void complain_once(const struct policy_directory_observer *observer, const char *path, char *text,
		   bool refused, char **told)
{
	if (text && (!*told || strcmp(*told, text) != 0 || observer->again))
		observer->complaint(observer->data, path, text, refused);
	free(*told);
	*told = text;
}

/* What containers that ask for a file get. */
struct meaning {
	const struct policy *policy;
	unsigned int version;
};

static struct meaning meaning_of(const struct policy_file *file, bool keep)
{
	return (struct meaning){ policy_file_policy(file, keep), file->version };
}

static int refresh_file(struct policy_file *file, struct refusals refuse, bool kept, bool keep,
			const struct policy_directory_observer *observer)
{
	struct meaning before = meaning_of(file, kept), after;
	int read = policy_file_refresh(file, refuse);
	char *text = NULL;
	bool changed;

	if (read < 0)
		return read;
	after = meaning_of(file, keep);
	changed = !before.policy != !after.policy || before.version != after.version;
	if (file->diagnostics.count && file->state != FILE_GONE) {
		text = diagnostics_text(&file->diagnostics, NULL);
		if (!text)
			return -ENOMEM;
	}
	complain_once(observer, file->path, text, file->state == FILE_BAD, &file->told);
	if (read || changed)
		observer->read(observer->data, file, changed);
	return 0;
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

static int add_new_files(struct policy_directory *directory, DIR *stream)
{
	char name[POLICY_NAME_MAX + 1];
	struct dirent *entry;

	while ((entry = readdir(stream)))
		if (name_of_entry(entry->d_name, name) && !policy_directory_find(directory, name) &&
		    !add_file(directory, name))
			return -ENOMEM;
	return 0;
}

static int list_files(struct policy_directory *directory,
		      const struct policy_directory_observer *observer)
{
	DIR *stream = opendir(directory->path);
	char *text = NULL;
	int error;

	if (!stream && errno != ENOENT &&
	    asprintf(&text, "%s: %s\n", directory->path, strerror(errno)) < 0)
		return -ENOMEM;
	complain_once(observer, directory->path, text, true, &directory->told);
	if (!stream)
		return 0;
	error = add_new_files(directory, stream);
	closedir(stream);
	return error;
}

int policy_directory_refresh(struct policy_directory *directory, struct refusals refuse, bool kept,
			     bool keep, const struct policy_directory_observer *observer)
{
	int error;

	directory->refuse = refuse;
	error = list_files(directory, observer);
	for (size_t i = 0; i < directory->count && !error; i++)
		error = refresh_file(directory->files[i], refuse, kept, keep, observer);
	for (size_t i = directory->count; i-- > 0;)
		if (directory->files[i]->state == FILE_GONE)
			forget_file(directory, i);
	return error;
}
