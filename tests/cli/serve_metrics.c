// SPDX-License-Identifier: GPL-2.0-only
/* serve_metrics WHERE [BYTES]: serves metrics as the daemon does, until SIGTERM. The answer has
 * that many bytes, and a counter of requests. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "metrics.h"

static size_t padding;

static void write_something(void *data, FILE *out)
{
	unsigned int *asked = data;

	fprintf(out, "policyctl_asked_total %u\n", ++*asked);
	for (size_t i = 0; i < padding; i++)
		fputc(i % 64 == 63 ? '\n' : 'x', out);
}

static int serve(sd_event *loop, const char *where)
{
	struct metrics *metrics;
	unsigned int asked = 0;
	int error = metrics_open(loop, where, write_something, &asked, &metrics);

	if (error) {
		printf("%s: %s\n", strerrorname_np(-error), error_message(error));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	error = sd_event_loop(loop);
	metrics_close(metrics);
	return error < 0;
}

int main(int argc, char **argv)
{
	sd_event *loop = NULL;
	sigset_t stop;
	int failed;

	if (argc < 2)
		return 2;
	padding = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	if (sd_event_new(&loop) < 0 || sd_event_add_signal(loop, NULL, SIGTERM, NULL, NULL) < 0)
		return 2;
	failed = serve(loop, argv[1]);
	sd_event_unref(loop);
	return failed;
}
