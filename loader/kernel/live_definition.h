/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The definition of a live set: what it is apart from its name in a policy. Two sets with the same
 * definition are one set in the kernel.
 */
#ifndef PCTL_LIVE_DEFINITION_H
#define PCTL_LIVE_DEFINITION_H

#include <stddef.h>
#include <stdint.h>

#include "abi.h"

struct policy;
struct set;

struct live_definition {
	uint8_t digest[PCTL_LIVE_DIGEST];
	enum pctl_live_kind kind;
	/* Lines: the kind's number, the words in order, of DNS names also the resolvers behind an
	 * empty line. */
	char *text;
	size_t size;
};

/*
 * The definition of one set of a policy; free it with live_definition_clear().
 * @gateway: of @gateway, the name of the bridge; may be NULL for others
 */
int live_definition_make(const struct policy *policy, const struct set *set, const char *gateway,
			 struct live_definition *definition);
void live_definition_clear(struct live_definition *definition);

/* The words of a definition, in their own memory each, for the caller to free. -EIO: it is none. */
int live_definition_words(const char *text, size_t size, char ***words, size_t *count);
void live_words_free(char **words, size_t count);

#endif
