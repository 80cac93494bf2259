/* SPDX-License-Identifier: GPL-2.0-only */
/* stacked_order IFACE...: prints them as stacked_sort() orders them. */
#include <net/if.h>
#include <stdio.h>

#include "stacked.h"

int main(int argc, char **argv)
{
	uint32_t ifindexes[16];
	char name[IF_NAMESIZE];
	struct nl *nl = NULL;
	int count = argc - 1;

	if (count > 16 || nl_open(&nl))
		return 1;
	for (int i = 0; i < count; i++)
		ifindexes[i] = if_nametoindex(argv[i + 1]);
	if (stacked_sort(nl, ifindexes, count))
		return 1;
	for (int i = 0; i < count; i++)
		printf("%s%s", i ? " " : "", if_indextoname(ifindexes[i], name) ?: "?");
	putchar('\n');
	nl_close(nl);
	return 0;
}
