// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "error.h"
#include "library.h"

static void *open_first(const char *const *files)
{
	void *handle = NULL;

	for (; *files && !handle; files++)
		handle = dlopen(*files, RTLD_NOW | RTLD_LOCAL);
	return handle;
}

int library_load(const struct library *library, void *pointers)
{
	void *handle = open_first(library->files), *function;
	char *next = pointers;

	if (!handle)
		return error_set(-ENOENT, "%s needs %s: %s", library->purpose, library->name,
				 dlerror());
	for (const char *const *name = library->functions; *name; name++) {
		function = dlsym(handle, *name);
		if (!function)
			return error_set(-ENOSYS, "%s needs another version of %s: %s",
					 library->purpose, library->name, dlerror());
		memcpy(next, &function, sizeof(function));
		next += sizeof(function);
	}
	return 0;
}
