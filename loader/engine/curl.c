// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

#include "curl.h"
#include "error.h"
#include "util.h"

/* GnuTLS comes first: its licence goes with ours in one process. No TLS is spoken here. */
static const char *const names[] = { "libcurl-gnutls.so.4", "libcurl.so.4" };

static void *open_library(void)
{
	void *library = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}

static int load(struct curl *table)
{
	void *library = open_library();

	if (!library)
		return error_set(-ENOENT, "speaking to a container engine takes libcurl: %s",
				 dlerror());
#define X(function)                                  \
	table->function = dlsym(library, #function); \
	if (!table->function)                        \
		return error_set(-ENOSYS, "this libcurl is not one: %s", dlerror());
	LIBCURL_FUNCTIONS(X)
#undef X
	return table->curl_global_init(CURL_GLOBAL_NOTHING) ? -ENOMEM : 0;
}

int curl_load(const struct curl **curl)
{
	static struct curl table;
	static bool loaded;
	int error = loaded ? 0 : load(&table);

	if (error)
		return error;
	loaded = true;
	*curl = &table;
	return 0;
}
