// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_definition.h"
#include "policy.h"
#include "util.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int write_words(FILE *out, const struct set *set)
{
	_cleanup_(freep) char **sorted = calloc(set->word_count + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, set->words, set->word_count * sizeof(*sorted));
	qsort(sorted, set->word_count, sizeof(*sorted), by_text);
	for (size_t i = 0; i < set->word_count; i++)
		if (!i || strcmp(sorted[i], sorted[i - 1]) != 0)
			fprintf(out, "%s\n", sorted[i]);
	return 0;
}

static void write_resolvers(FILE *out, const struct prefixes *resolvers)
{
	fputc('\n', out);
	for (size_t i = 0; i < resolvers->count; i++)
		fprintf(out, "%d %016" PRIx64 "%016" PRIx64 "\n", resolvers->items[i].family,
			resolvers->items[i].high, resolvers->items[i].low);
}

int live_definition_make(const struct policy *policy, const struct set *set, const char *gateway,
			 struct live_definition *definition)
{
	struct live_definition new = { .kind = set->live };
	FILE *out = open_memstream(&new.text, &new.size);
	SHA2_CTX context;
	int error = 0;

	if (!out)
		return -ENOMEM;
	fprintf(out, "%d\n", set->live);
	if (set->live == PCTL_LIVE_GATEWAY)
		fprintf(out, "%s\n", gateway ?: "");
	else if (set->word_count)
		error = write_words(out, set);
	if (set->live == PCTL_LIVE_DNS)
		write_resolvers(out, &policy->resolvers);
	if (ferror(out))
		error = -ENOMEM;
	if (fclose(out))
		error = -ENOMEM;
	if (error) {
		free(new.text);
		return error;
	}
	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)new.text, new.size);
	SHA256Final(new.digest, &context);
	*definition = new;
	return 0;
}

void live_definition_clear(struct live_definition *definition)
{
	free(definition->text);
	*definition = (struct live_definition){};
}

void live_words_free(char **words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(words[i]);
	free(words);
}

int live_definition_words(const char *text, size_t size, char ***words, size_t *count)
{
	const char *at = memchr(text, '\n', size), *end;
	char **found = NULL, **grown;
	size_t used = 0;

	if (!at)
		return -EIO;
	for (at++; (end = memchr(at, '\n', text + size - at)) && end != at; at = end + 1) {
		grown = reallocarray(found, used + 1, sizeof(*found));
		if (!grown)
			break;
		found = grown;
		found[used] = strndup(at, end - at);
		if (!found[used])
			break;
		used++;
	}
	if (end && end != at) {
		live_words_free(found, used);
		return -ENOMEM;
	}
	*words = found;
	*count = used;
	return 0;
}
