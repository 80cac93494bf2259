/* SPDX-License-Identifier: GPL-2.0-only */
/* residents [NSID]: what residents_read() finds, a line each: nsid, pid, container. */
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "namespace_containers.h"
#include "util.h"

int main(int argc, char **argv)
{
	_cleanup_(freep) struct resident *residents = NULL;
	_cleanup_(nl_closep) struct nl *nl = NULL;
	size_t count = 0;
	int error = nl_open(&nl);

	error = error ?: residents_read(nl, argc > 1 ? atoi(argv[1]) : -1, &residents, &count);
	if (error) {
		fprintf(stderr, "residents: %s\n", error_message(error));
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < count; i++)
		printf("%d %d %s\n", residents[i].nsid, residents[i].pid, residents[i].container);
	return EXIT_SUCCESS;
}
