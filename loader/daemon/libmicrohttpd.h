/* SPDX-License-Identifier: GPL-2.0-only */
/* libmicrohttpd, loaded when metrics are served (library.h). */
#ifndef PCTL_LIBMICROHTTPD_H
#define PCTL_LIBMICROHTTPD_H

#include <microhttpd.h>

#include "library.h"

#define LIBMICROHTTPD_FUNCTIONS(X)         \
	X(MHD_start_daemon)                \
	X(MHD_stop_daemon)                 \
	X(MHD_get_daemon_info)             \
	X(MHD_get_connection_info)         \
	X(MHD_run)                         \
	X(MHD_get_timeout)                 \
	X(MHD_create_response_from_buffer) \
	X(MHD_add_response_header)         \
	X(MHD_queue_response)              \
	X(MHD_destroy_response)

struct microhttpd {
	LIBMICROHTTPD_FUNCTIONS(LIBRARY_POINTER)
};

/* Errors of library_load(). */
int microhttpd_load(struct microhttpd *microhttpd);

#endif
