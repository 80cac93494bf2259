/* SPDX-License-Identifier: GPL-2.0-only */
#include "peers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

void peers_clear(struct peers *peers)
{
	prefixes_clear(&peers->prefixes);
	free(peers->sets);
	*peers = (struct peers){ 0 };
}

int peers_copy(struct peers *to, const struct peers *from)
{
	_cleanup_(peers_clear) struct peers copy = { .negated = from->negated };

	if (prefixes_copy(&copy.prefixes, &from->prefixes))
		return -ENOMEM;
	if (from->set_count) {
		copy.sets = calloc(from->set_count, sizeof(*copy.sets));
		if (!copy.sets)
			return -ENOMEM;
		memcpy(copy.sets, from->sets, from->set_count * sizeof(*copy.sets));
		copy.set_count = from->set_count;
	}
	*to = copy;
	copy = (struct peers){ 0 };
	return 0;
}
