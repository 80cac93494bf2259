// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

#include "error.h"
#include "libmicrohttpd.h"

#define LIBMICROHTTPD "libmicrohttpd.so.12"

static int load(struct microhttpd *table)
{
	void *library = dlopen(LIBMICROHTTPD, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return error_set(-ENOENT, "serving metrics takes libmicrohttpd: %s", dlerror());
#define X(function)                                  \
	table->function = dlsym(library, #function); \
	if (!table->function)                        \
		return error_set(-ENOSYS, "this libmicrohttpd is not one: %s", dlerror());
	LIBMICROHTTPD_FUNCTIONS(X)
#undef X
	return 0;
}

int microhttpd_load(const struct microhttpd **microhttpd)
{
	static struct microhttpd table;
	static bool loaded;
	int error = loaded ? 0 : load(&table);

	if (error)
		return error;
	loaded = true;
	*microhttpd = &table;
	return 0;
}
