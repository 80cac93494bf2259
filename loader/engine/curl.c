// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>

#include "curl.h"

static const struct library libcurl = {
	.name = "libcurl",
	.purpose = "asking a container engine",
	/* The GnuTLS build first: its licence allows one process with ours. No TLS is spoken. */
	.files = (const char *const[]){ "libcurl-gnutls.so.4", "libcurl.so.4", NULL },
	.functions = (const char *const[]){ LIBCURL_FUNCTIONS(LIBRARY_NAME) NULL },
};

static int load(struct curl *table)
{
	int error = library_load(&libcurl, table);

	return !error && table->curl_global_init(CURL_GLOBAL_NOTHING) ? -ENOMEM : error;
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
