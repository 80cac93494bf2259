// SPDX-License-Identifier: GPL-2.0-only
#include "libmicrohttpd.h"

int microhttpd_load(struct microhttpd *microhttpd)
{
	const struct library library = {
		.name = "libmicrohttpd",
		.purpose = "serving metrics",
		.files = (const char *const[]){ "libmicrohttpd.so.12", NULL },
		.functions = (const char *const[]){ LIBMICROHTTPD_FUNCTIONS(LIBRARY_NAME) NULL },
	};

	return library_load(&library, microhttpd);
}
