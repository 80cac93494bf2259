// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "diagnostics.h"
#include "library.h"
#include "policy.h"
#include "public_suffix.h"

/* As libpsl.h has them (libpsl.so.5): who builds policyctl needs no header of what may be missing
 * where it runs. */
struct psl_context;
struct psl_context *psl_latest(const char *file);
void psl_free(struct psl_context *psl);
int psl_is_public_suffix2(const struct psl_context *psl, const char *domain, int type);

/* Both parts of the list, ICANN's and the private one, and not the rule that every top-level domain
 * is one: names of a company's own network have such. */
#define PSL_LISTED (1 << 0 | 1 << 1 | 1 << 2)

#define LIBPSL_FUNCTIONS(X) X(psl_latest) X(psl_free) X(psl_is_public_suffix2)

struct libpsl {
	LIBPSL_FUNCTIONS(LIBRARY_POINTER)
};

static const struct library library = {
	.name = "libpsl",
	.purpose = "knowing public suffixes",
	.files = (const char *const[]){ "libpsl.so.5", NULL },
	.functions = (const char *const[]){ LIBPSL_FUNCTIONS(LIBRARY_NAME) NULL },
};

static bool is_star(const char *word)
{
	return !strncmp(word, "*.", 2);
}

static bool has_stars(const struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++)
		for (size_t j = 0; j < policy->sets[i]->word_count; j++)
			if (policy->sets[i]->live == PCTL_LIVE_DNS &&
			    is_star(policy->sets[i]->words[j]))
				return true;
	return false;
}

static int warn_of_set(const struct libpsl *libpsl, const struct psl_context *psl,
		       const struct set *set, const char *name, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < set->word_count && set->live == PCTL_LIVE_DNS; i++) {
		const char *word = set->words[i];

		if (!is_star(word) || !libpsl->psl_is_public_suffix2(psl, word + 2, PSL_LISTED))
			continue;
		if (diagnostics_add(diagnostics, SEVERITY_WARNING, name, set->place, 1, NULL,
				    "'%s' of the set '%s' is open to everybody: below the public "
				    "suffix '%s' anybody can have a name",
				    word, set->name, word + 2))
			return -ENOMEM;
	}
	return 0;
}

int public_suffixes_warn(const struct policy *policy, const char *name,
			 struct diagnostics *diagnostics)
{
	struct psl_context *psl;
	struct libpsl libpsl;
	int error = 0;

	if (!has_stars(policy) || library_load(&library, &libpsl))
		return 0;
	psl = libpsl.psl_latest(NULL);
	for (size_t i = 0; psl && i < policy->set_count && !error; i++)
		error = warn_of_set(&libpsl, psl, policy->sets[i], name, diagnostics);
	libpsl.psl_free(psl);
	return error;
}
