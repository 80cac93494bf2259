/* SPDX-License-Identifier: GPL-2.0-only */
/* namespace_containers [NSID]: what namespace_containers_read() finds, a line each: nsid, pid,
 * container. */
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "namespace_containers.h"
#include "util.h"

int main(int argc, char **argv)
{
	_cleanup_(freep) struct namespace_container *namespace_containers = NULL;
	_cleanup_(nl_closep) struct nl *nl = NULL;
	size_t count = 0;
	int error = nl_open(&nl);

	error = error
			?: namespace_containers_read(nl, argc > 1 ? atoi(argv[1]) : -1,
						     &namespace_containers, &count);
	if (error) {
		fprintf(stderr, "namespace_containers: %s\n", error_message(error));
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < count; i++)
		printf("%d %d %s\n", namespace_containers[i].nsid, namespace_containers[i].pid,
		       namespace_containers[i].container);
	return EXIT_SUCCESS;
}
