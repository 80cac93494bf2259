/* SPDX-License-Identifier: GPL-2.0-only */
/* libmicrohttpd, loaded when metrics are served: the other commands neither wait for it nor have
 * GnuTLS in their process. */
#ifndef PCTL_LIBMICROHTTPD_H
#define PCTL_LIBMICROHTTPD_H

#include <microhttpd.h>

#define LIBMICROHTTPD_FUNCTIONS(X)         \
	X(MHD_start_daemon)                \
	X(MHD_stop_daemon)                 \
	X(MHD_get_daemon_info)             \
	X(MHD_run)                         \
	X(MHD_get_timeout)                 \
	X(MHD_create_response_from_buffer) \
	X(MHD_add_response_header)         \
	X(MHD_queue_response)              \
	X(MHD_destroy_response)

struct microhttpd {
#define X(function) __typeof__(function) *function;
	LIBMICROHTTPD_FUNCTIONS(X)
#undef X
};

/* *microhttpd stays valid until the process ends. -ENOENT: not installed, -ENOSYS: another library,
 * in words. */
int microhttpd_load(const struct microhttpd **microhttpd);

#endif
