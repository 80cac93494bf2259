// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sys/mman.h>

#include "heard.h"
#include "util.h"

struct heard heard_begin(void)
{
	struct heard heard = {
		.before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1),
		.kept = memfd_create("policyctl-stderr", MFD_CLOEXEC),
	};

	fflush(stderr);
	if (heard.before >= 0 && heard.kept >= 0)
		dup2(heard.kept, STDERR_FILENO);
	return heard;
}

void heard_end(struct heard *heard, char *text, size_t size)
{
	ssize_t got = -1;

	fflush(stderr);
	if (heard->before >= 0)
		dup2(heard->before, STDERR_FILENO);
	if (heard->kept >= 0)
		got = pread(heard->kept, text, size - 1, 0);
	text[got > 0 ? got : 0] = '\0';
	closep(&heard->before);
	closep(&heard->kept);
}
