/* SPDX-License-Identifier: GPL-2.0-only */
/* libcurl, loaded when a container engine is asked (library.h). */
#ifndef PCTL_CURL_H
#define PCTL_CURL_H

#define CURL_DISABLE_TYPECHECK /* its macros would call functions that are not linked */
#include <curl/curl.h>

#include "library.h"

#define LIBCURL_FUNCTIONS(X)        \
	X(curl_global_init)         \
	X(curl_easy_init)           \
	X(curl_easy_setopt)         \
	X(curl_easy_getinfo)        \
	X(curl_easy_perform)        \
	X(curl_easy_strerror)       \
	X(curl_easy_cleanup)        \
	X(curl_multi_init)          \
	X(curl_multi_setopt)        \
	X(curl_multi_add_handle)    \
	X(curl_multi_assign)        \
	X(curl_multi_remove_handle) \
	X(curl_multi_socket_action) \
	X(curl_multi_info_read)     \
	X(curl_multi_cleanup)

struct curl {
	LIBCURL_FUNCTIONS(LIBRARY_POINTER)
};

/* *curl stays valid until the process ends. Errors of library_load(), -ENOMEM. */
int curl_load(const struct curl **curl);

#endif
